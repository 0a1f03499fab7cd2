"""ServiceTrade over REST: one connection pool for all tenants. Every error type says who can fix the failure."""
