"""Models that ship, and the folders that hold others."""
