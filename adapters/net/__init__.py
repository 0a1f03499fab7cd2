"""Network code shared by the API and the remote systems: guarded sockets, bounded JSON, trusted certificates."""
