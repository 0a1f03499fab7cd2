"""Store the answer to a cost line's call by itself, as long as it takes the database to come back."""

from __future__ import annotations

import asyncio

import structlog

from core.model.sending.lifecycle.event import LineAnswered
from core.model.sending.send import Send
from core.model.shared.errors import NotFound, TimeMends
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
STORE_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 30.0, 30.0)
"""Seconds between tries: two minutes in all. Then the line is in doubt, which is safe; a person has to check it."""


class StoreAnswer(Service):
    """While the database is unreachable, the answer exists only in this process."""

    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit

    async def __call__(self, tenant_id: str, answered: LineAnswered) -> Send | None:
        """Store it for its attempt; no lease is needed. Returns None if the send has been removed. Raises TimeMends if
        the database stays unreachable."""
        line = answered.line
        for pause in (*STORE_AGAIN, None):
            try:
                async with self._transactions.begin(tenant_id) as t:
                    return (await self._commit.within(t, line.send_id, answered)).send
            except TimeMends:
                if pause is None:
                    raise
                _log.warning("line.answer_waits_for_database", line=line.id, state=answered.state.value)
                await asyncio.sleep(pause)
            except NotFound:
                _log.error("line.answer_without_send", line=line.id, state=answered.state.value)
                return None
        return None
