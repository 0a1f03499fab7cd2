"""Use cases for reconciliation: start one, carry it out in slices, read its result."""
