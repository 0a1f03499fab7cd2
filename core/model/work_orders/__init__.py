"""A work order as Spectrum keeps it: header fields with their lengths, items, cost lines."""
