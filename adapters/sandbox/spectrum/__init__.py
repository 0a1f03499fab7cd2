"""A Spectrum of our own on a loopback socket."""
