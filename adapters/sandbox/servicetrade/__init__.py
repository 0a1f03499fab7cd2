"""The simulated ServiceTrade on a loopback socket."""
