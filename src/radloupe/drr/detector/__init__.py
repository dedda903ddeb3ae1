"""What a flat-panel detector makes of the X-rays that reach it, and how the result is displayed."""
