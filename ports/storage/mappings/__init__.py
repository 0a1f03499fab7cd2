"""Ports of stored mappings between ServiceTrade's records and Spectrum's codes."""
