"""Kept answers, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.rows import Rows
from core.model.shared.secret import Secret
from ports.storage.kept_answers import KeptAnswer, KeptAnswers


class MemoryKeptAnswers(KeptAnswers):
    def __init__(self, rows: Rows, tenant_id: str | None) -> None:
        self._rows = rows.kept_answers
        self._tenant_id = tenant_id

    async def begin(self, id: str, body_hash: str, now: datetime, former: datetime) -> KeptAnswer | None:
        known = self._rows.get((self._tenant_id, id))
        if known and known.begun_at >= former:
            return known
        self._rows[self._tenant_id, id] = KeptAnswer(body_hash=body_hash, begun_at=now)
        return None

    async def keep(self, id: str, answer: Secret) -> None:
        if known := self._rows.get((self._tenant_id, id)):
            self._rows[self._tenant_id, id] = replace(known, made=True, answer=answer)

    async def release(self, id: str) -> None:
        self._rows.pop((self._tenant_id, id), None)

    async def forget(self, before: datetime, most: int) -> int:
        mine = [(one.begun_at, key) for key, one in self._rows.items() if key[0] == self._tenant_id]
        old = [key for begun_at, key in sorted(mine, key=lambda one: one[0]) if begun_at < before][:most]
        for key in old:
            del self._rows[key]
        return len(old)
