"""Counts over all tenants, through the one function that may see them and gives away nothing but numbers."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model.census import Census
from core.model.send import SendState

SILENT_SECONDS = 12.0
"""A worker that was silent for longer counts as dead; as long as the queue waits before it takes over."""
_CENSUS = text("SELECT subject, kind, number, oldest FROM census(make_interval(secs => :silent))")


async def take_census(connection: AsyncConnection) -> Census:
    rows = (await connection.execute(_CENSUS, {"silent": SILENT_SECONDS})).all()
    counted = {(row.subject, row.kind): int(row.number) for row in rows}
    return Census(
        sends={SendState(kind): number for (subject, kind), number in counted.items() if subject == "send"},
        oldest_due=next((row.oldest for row in rows if row.subject == "due"), None),
        doubts=counted["line", "in_doubt"],
        connections=counted["connection", "all"],
        held=counted["connection", "held"],
        paused=counted["connection", "paused"],
        workers=counted["worker", "alive"],
    )
