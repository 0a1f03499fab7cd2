"""Creations, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.number_claims import NumberClaims
from adapters.outbound.memory.repository import Repository
from core.model.creations.claims import claimant
from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.mappings.alias import AliasKind
from core.model.sending.lifecycle.event import NumberClaim
from core.model.shared.errors import Conflict, LeaseLost, NotFound
from ports.storage.creations import CreationFilter, CreationIntent, Creations
from ports.storage.send_changes import NumberTaken

_WITHOUT_RECORD = (CreationState.REJECTED, CreationState.NOT_CREATED, CreationState.CANCELLED)


class MemoryCreations(Repository, Creations):
    async def add(self, creation: Creation) -> None:
        self._connection(creation.connection_id)
        if not await self.retake(creation):
            raise Conflict("This record, or this code, is being created already.", code="CREATION_TAKEN")
        seq = max((one.seq for one in self._rows.creations.values()), default=0) + 1
        self._rows.creations[creation.id] = replace(creation, seq=seq)

    async def taken(self, claims: Sequence[str], creation_id: str = "") -> bool:
        return self._claims.taken([bytes.fromhex(key) for key in claims], claimant(creation_id))

    async def retake(self, creation: Creation) -> bool:
        if await self.taken(creation.claims, creation.id):
            return False
        try:
            self._claims.take(_claim(creation))
        except NumberTaken:
            return False
        return True

    async def get(self, creation_id: str, *, lock: bool = False) -> Creation:
        found = self._rows.creations.get(creation_id)
        if found is None or found.tenant_id != self._tenant_id:
            raise NotFound(f"There is no creation {creation_id}.", code="CREATION_NOT_FOUND")
        return found

    async def save(self, creation: Creation) -> None:
        self._rows.creations[creation.id] = replace(creation, seq=(await self.get(creation.id)).seq)
        changed = creation.state is CreationState.CREATED and not creation.kind.adds
        if creation.state in _WITHOUT_RECORD or changed:
            self._claims.give_back(_claim(creation))

    async def hold_lease(self, connection_id: str, epoch: int) -> None:
        if self._connection(connection_id).epoch != epoch:
            raise LeaseLost("Another worker has taken over this connection.")

    async def begin(self, intent: CreationIntent) -> tuple[Creation, int]:
        found = await self.get(intent.creation_id)
        await self.hold_lease(found.connection_id, intent.epoch)
        if found.state is not CreationState.QUEUED:
            raise Conflict("The creation was changed meanwhile.", code="CREATION_CHANGED", fix="Look at it again.")
        number = self._connection(found.connection_id).connection.intents + 1
        self._change_connection(found.connection_id, intents=number, last_intent_at=self._now)
        begun = replace(
            found,
            state=CreationState.SENDING,
            attempt_id=intent.attempt_id,
            sent_at=self._now,
            send_by=self._now + intent.send_by,
            quiet_until=self._now + intent.quiet,
            due_at=self._now,
            findings=(),
        )
        self._rows.creations[begun.id] = begun
        return begun, number

    async def next_due(self, connection_id: str, *, calling: bool = True) -> Creation | None:
        due = [
            (one.due_at, one.seq, one)
            for one in self._on(connection_id)
            if one.due_at is not None and one.due_at <= self._now and (calling or one.state is CreationState.CREATED)
        ]
        return min(due)[2] if due else None

    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        waits = (CreationState.QUEUED, CreationState.CREATED)
        late = [one for one in self._on(connection_id) if one.state in waits and one.due_at and one.due_at > beyond]
        for one in late:
            self._rows.creations[one.id] = replace(one, due_at=now)
        return len(late)

    async def page(
        self, wanted: CreationFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> Sequence[Creation]:
        wanted = wanted or CreationFilter()
        found = [one for one in self._ours() if _fits(wanted, one) and (before is None or one.seq < before)]
        return sorted(found, key=lambda one: -one.seq)[:limit]

    async def with_code(self, connection_id: str, kind: CreationKind, code: str) -> Sequence[Creation]:
        found = [one for one in self._on(connection_id) if one.kind is kind and one.code == code]
        return sorted(found, key=lambda one: -one.seq)[:20]

    async def highest_number(self, connection_id: str, kind: AliasKind) -> int:
        known = [
            one.alias.code for key, one in self._rows.aliases.items() if key[0] == connection_id and key[1][0] is kind
        ]
        known += [one.code for one in self._on(connection_id) if one.kind.of is kind]
        return max((int(code) for code in known if code.isdecimal() and len(code) <= 9), default=0)

    async def queued(self, connection_id: str) -> Sequence[Creation]:
        return sorted(
            (one for one in self._on(connection_id) if one.state is CreationState.QUEUED), key=lambda one: one.seq
        )

    @property
    def _claims(self) -> NumberClaims:
        return NumberClaims(self._rows)

    def _ours(self) -> list[Creation]:
        return [one for one in self._rows.creations.values() if one.tenant_id == self._tenant_id]

    def _on(self, connection_id: str) -> list[Creation]:
        return [one for one in self._ours() if one.connection_id == connection_id]


def _claim(creation: Creation) -> NumberClaim:
    return NumberClaim(tuple(bytes.fromhex(key) for key in creation.claims), claimant(creation.id), False)


def _fits(wanted: CreationFilter, one: Creation) -> bool:
    return (
        (wanted.connection_id is None or one.connection_id == wanted.connection_id)
        and (not wanted.states or one.state in wanted.states)
        and (not wanted.needs_person or one.needs_person)
        and (wanted.key is None or one.key == wanted.key)
    )
