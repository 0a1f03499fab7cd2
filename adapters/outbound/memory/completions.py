"""Hints, completions that acted already, and when a tenant is to be looked at next, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ports.completions import Completions, Hint, Hints, Watch


@dataclass(frozen=True, slots=True)
class StoredHint:
    hint: Hint
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StoredWatch:
    due_at: datetime | None = None
    polled: datetime | None = None


class MemoryHints(Hints):
    def __init__(self, rows: dict[tuple[str, str], StoredHint], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def add(self, job_id: str, now: datetime) -> None:
        found = self._rows.get((self._tenant_id, job_id))
        if found is None:
            self._rows[self._tenant_id, job_id] = StoredHint(Hint(job_id, 1), now)
        else:
            hint = replace(found.hint, version=found.hint.version + 1)
            self._rows[self._tenant_id, job_id] = StoredHint(hint, min(found.due_at, now))

    async def next_due(self, now: datetime) -> Hint | None:
        due = [stored for stored in self._ours() if stored.due_at <= now]
        first = min(due, key=lambda stored: (stored.due_at, stored.hint.job_id), default=None)
        return first.hint if first else None

    async def done(self, hint: Hint) -> None:
        found = self._rows.get((self._tenant_id, hint.job_id))
        if found and found.hint.version == hint.version:
            del self._rows[self._tenant_id, hint.job_id]

    async def postpone(self, hint: Hint, until: datetime) -> None:
        found = self._rows.get((self._tenant_id, hint.job_id))
        if found:
            again = replace(found.hint, tries=found.hint.tries + 1)
            self._rows[self._tenant_id, hint.job_id] = StoredHint(again, until)

    async def earliest(self) -> datetime | None:
        return min((stored.due_at for stored in self._ours()), default=None)

    def _ours(self) -> Iterator[StoredHint]:
        return (stored for (tenant_id, _), stored in self._rows.items() if tenant_id == self._tenant_id)


Completion = tuple[str, str, str, datetime | None]


class MemoryCompletions(Completions):
    def __init__(self, rows: dict[Completion, None], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        key = (self._tenant_id, connection_id, job_id, completed_on)
        first = key not in self._rows
        self._rows[key] = None
        return first

    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        return (self._tenant_id, connection_id, job_id, completed_on) in self._rows


class MemoryWatch(Watch):
    def __init__(self, rows: dict[str, StoredWatch], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        found = self._rows.get(self._tenant_id, StoredWatch())
        if only_earlier:
            due_at = min((moment for moment in (found.due_at, due_at) if moment), default=None)
        self._rows[self._tenant_id] = replace(found, due_at=due_at)

    async def polled(self) -> datetime | None:
        return self._rows.get(self._tenant_id, StoredWatch()).polled

    async def set_polled(self, until: datetime) -> None:
        found = self._rows.get(self._tenant_id, StoredWatch())
        self._rows[self._tenant_id] = replace(found, polled=until)
