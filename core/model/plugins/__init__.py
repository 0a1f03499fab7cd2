"""Plugins as people see them, what they are told, and rehearsals."""
