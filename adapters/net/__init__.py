"""What API and remote systems alike need of the network: guarded sockets, bounded JSON, trust in certificates."""
