"""Use cases for notifications: who is told of what, and the work that tells them."""
