"""Pages a person looks at: one HTML file each, pictures inside, readable without a network."""
