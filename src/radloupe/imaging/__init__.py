"""Images as values: pixels with their unit, their geometry in the patient, and the projection geometry."""
