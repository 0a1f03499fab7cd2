"""Rules that change a work order for one connection: the hooks, the plugin host, and the built-in rules."""
