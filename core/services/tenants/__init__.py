"""Use cases for tenants: add, change, and find their completed jobs."""
