"""The audit, and counts of the whole installation for its operators."""
