"""Line integrals of a volume along the rays of a view: a readable reference, and the faster engines held to it."""
