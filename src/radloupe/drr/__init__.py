"""Digitally reconstructed radiographs: X-ray pictures computed from CT."""
