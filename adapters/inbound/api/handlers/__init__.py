"""One function for each route, named like its use case."""
