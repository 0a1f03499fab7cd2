"""The ports: what the core needs from outside, one port in each file. Adapters have the port as their base class."""
