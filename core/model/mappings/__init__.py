"""Which Spectrum code a ServiceTrade record has: aliases, and what is still missing."""
