"""Writes the pages and documents that are made from the code: `make docs`."""
