"""AID-SRGAN: denoising and super-resolution of radiographs, trained separately and jointly."""
