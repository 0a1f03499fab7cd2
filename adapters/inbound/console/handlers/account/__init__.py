"""Pages of a tenant about itself: its settings, and the programs that receive its events."""
