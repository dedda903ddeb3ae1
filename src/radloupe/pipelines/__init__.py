"""Compose the main jobs: Python, command line and servers call these functions."""
