"""The domain model: frozen classes that are checked at construction and use only the standard library."""
