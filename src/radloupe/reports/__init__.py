"""Self-contained HTML reports: one file each, with embedded images, readable offline."""
