"""The five papers and what they compare with: recipes, data sets and tables."""
