"""Which Spectrum code belongs to which record, in memory."""
