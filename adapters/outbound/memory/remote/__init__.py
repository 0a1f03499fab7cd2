"""Remote systems in memory: every failure can be asked for."""
