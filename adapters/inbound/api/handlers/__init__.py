"""One function a route, named like its use case."""
