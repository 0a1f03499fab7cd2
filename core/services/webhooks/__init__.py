"""Use cases for webhooks: ServiceTrade's calls to us, and our events to programs of a tenant."""
