"""Interactive DRR viewer: a local web server and page."""
