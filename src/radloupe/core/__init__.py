"""The ground that everything stands on: errors, limits, whole-or-nothing files, seeds, tables of names, settings."""
