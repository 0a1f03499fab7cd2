"""A work order in Spectrum: header fields with their lengths, items, cost lines."""
