"""The command line: it translates and calls."""
