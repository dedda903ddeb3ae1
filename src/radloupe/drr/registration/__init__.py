"""2D/3D registration: the camera pose of X-ray images in the coordinates of a CT.

Levenberg-Marquardt on masked local normalised cross-correlation of DRRs and X-ray images.
"""
