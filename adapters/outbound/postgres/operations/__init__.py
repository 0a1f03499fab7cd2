"""What operators look at and set: counts, audit, retention, and the change of the encryption key."""
