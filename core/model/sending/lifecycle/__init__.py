"""A send's life: what happened (`event`), what is known (`facts`), what follows from both (`decide`, a `change`)."""
