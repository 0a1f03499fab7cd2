"""The HTTP API: a table of routes, models in and out, and handlers that only talk to the use cases."""
