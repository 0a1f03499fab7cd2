"""Encrypts secrets with AES-256-GCM: the installation's key wraps one data key per tenant."""
