"""Rules that bend a work order for one connection: the hooks, their host, and the built-in rules."""
