"""Line integrals of a volume along the rays of a view: a readable reference, and faster engines tested against it."""
