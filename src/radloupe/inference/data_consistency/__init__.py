"""Data consistency: correcting a result so that it degrades to its input again, as far as the input can be trusted."""
