"""ServiceTrade over REST: one pool of connections for all tenants, and every failure named by who can mend it."""
