"""Images as values: pixels with their unit, their place in the patient, and the camera that took them."""
