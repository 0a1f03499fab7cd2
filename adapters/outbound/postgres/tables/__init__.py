"""All tables of Jobferry: the one place that says how they look.

A change is made here and in the newest migration; a test compares the two. Row-level security stands in the migrations
alone, functions and triggers in `migrations/sql`.
"""

from adapters.outbound.postgres.tables import (
    creating,
    listing,
    notifying,
    reconciling,
    sending,
    setup,
    suggesting,
    webhooks,
)
from adapters.outbound.postgres.tables.definitions import metadata, owners

__all__ = [
    "creating",
    "listing",
    "metadata",
    "notifying",
    "owners",
    "reconciling",
    "sending",
    "setup",
    "suggesting",
    "webhooks",
]
