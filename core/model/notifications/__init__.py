"""Notifications: who is told of what, when, and in which words."""
