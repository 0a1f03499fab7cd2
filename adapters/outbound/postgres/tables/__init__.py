"""All tables of Jobferry: the one place that says how they look.

The migration creates them from here. It adds what tables cannot say: row-level security, functions and triggers.
"""

from adapters.outbound.postgres.tables import notifying, sending, setup
from adapters.outbound.postgres.tables.definitions import metadata, owners

__all__ = ["metadata", "notifying", "owners", "sending", "setup"]
