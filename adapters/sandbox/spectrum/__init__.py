"""The simulated Spectrum on a loopback socket."""
