"""2D/3D registration: where X-ray images were taken from, in the coordinates of a CT.

Levenberg-Marquardt on masked local normalised cross-correlation of DRRs and X-ray images.
"""
