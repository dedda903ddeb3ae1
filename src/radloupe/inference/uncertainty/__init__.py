"""Calibrated prediction intervals: half widths around every super-resolved pixel, by split conformal prediction over patients."""
