"""The message models that API, console and command line share, one file for each resource."""
