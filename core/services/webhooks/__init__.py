"""Use cases for webhooks: ServiceTrade's calls to us, and our events to a tenant's programs."""
