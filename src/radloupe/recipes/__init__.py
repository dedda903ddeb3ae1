"""What is trained how: recipes are data."""
