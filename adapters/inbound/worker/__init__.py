"""The worker: carries out due work in short slices."""
