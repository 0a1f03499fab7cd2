"""Puts the parts together: settings, log, container, and the commands that start things."""
