"""The engine `fast`: slices accumulated on resampled grids with vector instructions."""
