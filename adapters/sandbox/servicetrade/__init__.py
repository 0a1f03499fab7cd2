"""A ServiceTrade of our own on a loopback socket."""
