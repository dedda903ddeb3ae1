"""Training: what changes, how one step goes, and how a run is kept on disk."""
