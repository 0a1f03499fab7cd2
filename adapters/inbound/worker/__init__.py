"""The worker: carries out whatever is due, one short slice after the other."""
