"""The rows of the benchmark, in the order of the table."""
