"""Which Spectrum code belongs to which record: aliases, lists of the codes there are, and suggested codes."""
