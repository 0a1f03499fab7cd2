"""The command line: commands that use the use cases they are handed."""
