"""What the core needs from the outside, one port a file. Adapters name the port as their base class."""
