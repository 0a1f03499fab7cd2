"""Use cases for suggested codes: search for them, show them, decide, and set what a person confirmed."""
