"""The one place that changes a send, and what it stores beside it."""
