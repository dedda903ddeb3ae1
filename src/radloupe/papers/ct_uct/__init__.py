"""Clinical CT to micro-CT without pairs: modified CycleGAN, then SRGAN."""
