"""One handler for each page and each form of the console."""
