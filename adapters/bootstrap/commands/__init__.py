"""The commands that start things."""
