"""Shared by all packages: errors, findings, secrets, exact figures, positions in lists."""
