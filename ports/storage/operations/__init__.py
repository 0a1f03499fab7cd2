"""Storage of what the operation of an installation needs: counts, retention and reconciliations."""
