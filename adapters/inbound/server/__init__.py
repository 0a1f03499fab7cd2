"""The HTTP server under API and console: connections, limits, bodies, errors, metrics."""
