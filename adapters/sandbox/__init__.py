"""Simulated ServiceTrade and Spectrum: socket servers that enforce the published contracts, for demo and tests."""
