"""The command line: commands that call the use cases passed to them."""
