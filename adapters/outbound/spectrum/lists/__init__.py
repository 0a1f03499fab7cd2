"""Reading the lists of codes that Spectrum can tell."""
