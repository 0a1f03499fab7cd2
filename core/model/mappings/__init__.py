"""The Spectrum codes of ServiceTrade records: aliases, and missing codes."""
