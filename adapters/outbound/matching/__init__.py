"""Compares records of ServiceTrade with the codes that Spectrum has."""
