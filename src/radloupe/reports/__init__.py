"""HTML pages and tables for people: one file each, images inside, readable without a network."""
