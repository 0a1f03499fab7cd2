"""A send's life cycle: what happened (`event`), what is known (`facts`), what follows (`decide` gives a `change`)."""
