"""The commands that need more than the use cases: demo, init, serve, worker, doctor, secrets, sandbox, authoring."""
