"""X-ray physics: Hounsfield units to linear attenuation, coefficients, tube spectra, polychromatic beams."""
