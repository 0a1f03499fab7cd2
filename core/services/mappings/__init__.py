"""Use cases for Spectrum codes of ServiceTrade records: aliases, codes, readiness."""
