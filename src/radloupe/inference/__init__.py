"""Running networks over whole images with bounded memory."""
