"""A ServiceTrade and a Spectrum of our own: socket servers that enforce the published contracts, for demo and tests."""
