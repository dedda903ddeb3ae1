"""The command line: translation of arguments, calls of pipelines, and printing."""
