"""The storage ports, one in each file: the rows of one tenant inside one transaction."""
