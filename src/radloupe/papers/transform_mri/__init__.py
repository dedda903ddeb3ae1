"""Transform-domain MRI super-resolution with symmetry and edge losses."""
