"""Foundations: errors, limits, atomic files, seeds, tables of names, settings."""
