"""Calls of database functions that take and return a document.

They go to the driver directly: they are most of what a worker and a requested send do, and SQLAlchemy would double
their cost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import AsyncClientCursor, AsyncConnection
from psycopg.pq import TransactionStatus

from adapters.outbound.postgres.changes.documents import Document, text_of


class Functions:
    """`connection` is in a transaction; or it has autocommit, and each call is a transaction of its own. With `begins`
    it has autocommit, too, and the first call begins a transaction. `ahead` moves the time, for tests."""

    def __init__(
        self,
        connection: AsyncConnection[Any],
        tenant_id: str,
        ahead: timedelta = timedelta(),
        *,
        begins: bool = False,
    ) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self._ahead = ahead.total_seconds()
        self._begins = begins

    async def __call__(self, *calls: tuple[str, Document], commit: bool = False) -> list[Any]:
        """Call the functions one after the other, in one round trip. Each returns one document.

        One message with several statements, which the protocol allows only without parameters. They need no plans that
        would be worth keeping: what the functions do inside is prepared anyway.
        """
        begins = self._begins and self.connection.info.transaction_status == TransactionStatus.IDLE
        statements = [f"SELECT {function}(%s::jsonb)" for function, _ in calls]
        text = "; ".join((*(("BEGIN",) if begins else ()), *statements, *(("COMMIT",) if commit else ())))
        asked = [text_of({**one, "tenant": self.tenant_id, "ahead": self._ahead}) for _, one in calls]
        async with AsyncClientCursor(self.connection) as cursor:
            await cursor.execute(text.encode(), asked)
            if begins:
                cursor.nextset()
            answers = []
            for _ in calls:
                row = await cursor.fetchone()
                answers.append(row[0] if row else None)
                cursor.nextset()
        return answers
