"""Plugins as shown to people, their notifications, and rehearsals."""
