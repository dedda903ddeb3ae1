"""Half widths of intervals around every super-resolved pixel, calibrated on patients that the model was not trained on."""
