"""Posts events to the webhook addresses of tenants."""
