"""DICOM: one file, or a folder that is one series, in; a derived object with its own identity out."""
