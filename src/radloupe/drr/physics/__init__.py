"""How matter attenuates X-rays: Hounsfield units to linear attenuation, coefficients, tube spectra, polychromatic beams."""
