"""Outgoing webhooks: events, endpoints, deliveries and signatures."""
