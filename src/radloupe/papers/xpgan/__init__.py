"""XPGAN: a patch GAN for blurred low-dose radiographs."""
