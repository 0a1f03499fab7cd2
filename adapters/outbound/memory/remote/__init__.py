"""Remote systems in memory. A test can cause every failure."""
