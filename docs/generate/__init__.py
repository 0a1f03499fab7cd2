"""Writes the pages, documents and WSDLs that are made from the code: `make docs`."""
