"""The messages that API, console and command line share, one resource a file."""
