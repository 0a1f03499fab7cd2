"""A connection to one Spectrum company: its address, settings and secrets."""
