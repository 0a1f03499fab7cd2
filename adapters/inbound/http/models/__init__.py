"""What goes over the wire, one resource a file."""
