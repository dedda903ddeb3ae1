"""Super-resolution architectures, one a file."""
