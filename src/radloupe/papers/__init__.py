"""The five papers and their baselines: recipes, data sets and tables."""
