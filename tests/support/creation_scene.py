"""A creation as storage keeps it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.model.creations.creation import Creation, CreationKind
from core.model.mappings.alias import CodeSource

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_creation(number: int = 1, **more: Any) -> Creation:
    """Of ten_1 on con_1, with claims of its own."""
    made: dict[str, Any] = {
        "id": f"crn_{number}",
        "tenant_id": "ten_1",
        "connection_id": "con_1",
        "kind": CreationKind.SITE,
        "record_id": f"77{number}",
        "record_name": "Harbor View",
        "code": f"HARBOR{number}",
        "fields": {"Site_ID": f"HARBOR{number}", "Site_Name": "Harbor View"},
        "keep": CodeSource.ALIAS,
        "send_again": True,
        "company": "ab" * 32,
        "claims": (f"{number:064x}", f"{number + 100:064x}"),
        "requested_by": "ann@example.com",
        "requested_at": NOW,
        "due_at": NOW,
    }
    return Creation(**made | more)
