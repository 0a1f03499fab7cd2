"""Kept answers, each sealed with a data key in its own row: the operator has no other, and none is kept for long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import made_data_key
from adapters.outbound.postgres.repository import Repository, secret_field
from adapters.outbound.postgres.tables.setup import kept_answers
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret
from ports.storage.kept_answers import KeptAnswer, KeptAnswers
from ports.vault import Vault

_AS_NEW = {"made": False, "data_key": None, "answer": None}


class PostgresKeptAnswers(Repository, KeptAnswers):
    def __init__(self, connection: AsyncConnection, tenant_id: str | None, vault: Vault) -> None:
        super().__init__(connection, tenant_id)
        self._vault = vault

    async def begin(self, id: str, body_hash: str, now: datetime, former: datetime) -> KeptAnswer | None:
        values = {"tenant_id": self._tenant_id, "id": id, "body_hash": body_hash, "begun_at": now}
        added = insert(kept_answers).values(values)
        again = added.on_conflict_do_update(
            index_elements=["id"], set_={**values, **_AS_NEW}, where=kept_answers.c.begun_at < former
        )
        if await self._row(again.returning(kept_answers.c.id)):
            return None
        row = await self._row(select(kept_answers).where(self._ours(kept_answers, id=id)))
        if row is None:  # it was released meanwhile
            return await self.begin(id, body_hash, now, former)
        return KeptAnswer(
            body_hash=row["body_hash"], begun_at=row["begun_at"], made=row["made"], answer=self._opened(row)
        )

    async def keep(self, id: str, answer: Secret) -> None:
        data_key = await made_data_key(self._connection, self._vault)
        sealed = self._vault.seal(data_key, self._tenant_id or "", _field(id), answer)
        kept = update(kept_answers).where(self._ours(kept_answers, id=id))
        await self._run(kept.values(made=True, data_key=data_key, answer=sealed))

    async def release(self, id: str) -> None:
        await self._run(delete(kept_answers).where(self._ours(kept_answers, id=id)))

    async def forget(self, before: datetime, most: int) -> int:
        begun_at = kept_answers.c.begun_at
        old = select(kept_answers.c.id).where(self._ours(kept_answers), begun_at < before).order_by(begun_at)
        limited = old.limit(most).with_for_update(skip_locked=True).cte("old").prefix_with("MATERIALIZED")
        return await self._run(delete(kept_answers).where(kept_answers.c.id == limited.c.id))

    def _opened(self, row: RowMapping) -> Secret | None:
        if row["answer"] is None:
            return None
        try:
            return self._vault.open(row["data_key"], self._tenant_id or "", _field(row["id"]), row["answer"])
        except OperatorMends:  # sealed under a key that this installation no longer has
            return None


def _field(id: str) -> str:
    return secret_field(kept_answers, id, "answer")
