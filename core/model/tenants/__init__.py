"""A tenant: one ServiceTrade account."""
