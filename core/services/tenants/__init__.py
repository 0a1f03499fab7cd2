"""Use cases for tenants: add, change, and follow their completed jobs."""
