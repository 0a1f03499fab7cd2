"""What is stored, one port a file: the rows of one tenant inside one transaction."""
