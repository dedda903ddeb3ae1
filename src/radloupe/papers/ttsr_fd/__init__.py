"""TTSR-FD: reference-based super-resolution of X-rays with a frequency-domain loss."""
