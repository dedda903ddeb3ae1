"""Flat-panel detector (noise, blur, scatter) and display of DRRs."""
