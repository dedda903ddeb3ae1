"""Data-consistency correction: projection of a result towards images that degrade to the input, weighted by the input's noise."""
