"""Counts what this process asks of PostgreSQL, where the driver sends it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus


def counting(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count `statements` and `commits` from now on. A statement that is a transaction of its own has no commit."""
    counts: Counter[str] = Counter()
    execute, commit = psycopg.AsyncCursor.execute, psycopg.AsyncConnection.commit

    async def counted_execute(self: Any, query: Any, *given: Any, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        parts = text.split("; ")  # one message may hold several statements
        counts["commits"] += parts.count("COMMIT")
        counts["statements"] += sum(part not in ("BEGIN", "COMMIT") for part in parts)
        return await execute(self, query, *given, **more)

    async def counted_commit(self: Any) -> None:
        if self.info.transaction_status != TransactionStatus.IDLE:
            counts["commits"] += 1
        await commit(self)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted_execute)
    monkeypatch.setattr(psycopg.AsyncConnection, "commit", counted_commit)
    return counts
