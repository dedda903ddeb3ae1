"""Training: state, training step, procedures, and run folders."""
