"""Posting events to the addresses that tenants named."""
