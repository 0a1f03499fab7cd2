"""Asking an OpenID Connect provider who is there."""
