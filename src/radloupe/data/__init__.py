"""Images to train and measure on: sources, splits, pairs."""
