"""What operators look at: the audit, and figures of the whole installation."""
