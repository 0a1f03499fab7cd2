"""The queue: Procrastinate wakes a worker for a connection; our own rows say what is to be done."""
