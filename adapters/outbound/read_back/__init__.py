"""Ways to read cost lines back, one module each."""
