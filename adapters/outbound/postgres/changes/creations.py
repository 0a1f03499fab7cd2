"""Creations of a tenant. Their claims are rows that all tenants share, which only database functions reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Interval, RowMapping, and_, cast, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import columns, finding_tuple, finding_tuple_of, made
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.creating import creations
from adapters.outbound.postgres.tables.setup import connections
from core.model.creations.claims import claimant
from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.mappings.alias import AliasKind
from core.model.shared.errors import Conflict, LeaseLost, NotFound
from ports.storage.creations import CreationFilter, CreationIntent, Creations

_TABLE = creations.c
_NUMBERS = text(
    "SELECT max(code::bigint) FROM ("
    " SELECT a.code FROM aliases a WHERE a.tenant_id = :tenant AND a.connection_id = :connection AND a.kind = :kind"
    " UNION ALL SELECT c.code FROM creations c WHERE c.tenant_id = :tenant AND c.connection_id = :connection"
    " AND c.kind = ANY (:kinds)"
    " UNION ALL SELECT l.code FROM listed_codes l WHERE l.tenant_id = :tenant AND l.connection_id = :connection"
    " AND l.kind = :kind"
    ") known WHERE code ~ '^[0-9]{1,9}$'"
)
_WITHOUT_RECORD = (CreationState.REJECTED, CreationState.NOT_CREATED, CreationState.CANCELLED)
_FOR_PEOPLE = text("due_at IS NULL AND state IN ('in_doubt', 'created') AND code_kept_at IS NULL")


class PostgresCreations(Repository, Creations):
    _tenant_id: str

    def __init__(self, connection: AsyncConnection, tenant_id: str, ahead: timedelta = timedelta()) -> None:
        """`ahead` moves the time, for tests."""
        super().__init__(connection, tenant_id)
        self._ahead = ahead

    async def add(self, creation: Creation) -> None:
        if not await self._claim(creation):
            raise claimed()
        await self._add(creations, _values(creation, "seq"))

    async def taken(self, claims: Sequence[str], creation_id: str = "") -> bool:
        owner = claimant(creation_id)
        keys = [bytes.fromhex(key) for key in claims]
        return any([await self._value(select(func.number_taken(key, owner))) for key in keys])

    async def retake(self, creation: Creation) -> bool:
        if await self._claim(creation):
            return True
        await self._give_back(creation)
        return False

    async def get(self, creation_id: str, *, lock: bool = False) -> Creation:
        query = select(creations).where(self._ours(creations, id=creation_id))
        return _made(await self._row_or(missing(creation_id), query.with_for_update() if lock else query))

    async def save(self, creation: Creation) -> None:
        this = update(creations).where(self._ours(creations, id=creation.id))
        values = _values(creation, "seq", "id", "tenant_id", "connection_id")
        await self._run_or(missing(creation.id), this.values(values))
        changed = creation.state is CreationState.CREATED and not creation.kind.adds
        if creation.state in _WITHOUT_RECORD or changed:
            await self._give_back(creation)

    async def hold_lease(self, connection_id: str, epoch: int) -> None:
        ours = self._ours(connections, id=connection_id), connections.c.epoch == epoch
        held = select(connections.c.id).where(*ours).with_for_update(key_share=True)
        if await self._row(held) is None:
            raise LeaseLost("Another worker has taken over this connection.")

    async def begin(self, intent: CreationIntent) -> tuple[Creation, int]:
        found = await self.get(intent.creation_id)
        now = func.now() + cast(literal(self._ahead), Interval)
        counted = (
            update(connections)
            .where(self._ours(connections, id=found.connection_id), connections.c.epoch == intent.epoch)
            .values(intents=connections.c.intents + 1, last_intent_at=now)
            .returning(connections.c.intents)
        )
        number = await self._value(counted)
        if number is None:
            raise LeaseLost("Another worker has taken over this connection.")
        begun = (
            update(creations)
            .where(self._ours(creations, id=found.id), _TABLE.state == CreationState.QUEUED.value)
            .values(
                state=CreationState.SENDING.value,
                attempt_id=intent.attempt_id,
                sent_at=now,
                send_by=now + cast(literal(intent.send_by), Interval),
                quiet_until=now + cast(literal(intent.quiet), Interval),
                due_at=now,
                findings=[],
            )
            .returning(creations)
        )
        changed = Conflict("The creation was changed meanwhile.", code="CREATION_CHANGED", fix="Look at it again.")
        return _made(await self._row_or(changed, begun)), int(number)

    async def next_due(self, connection_id: str, *, calling: bool = True) -> Creation | None:
        now = func.now() + cast(literal(self._ahead), Interval)
        due = select(creations).where(self._ours(creations, connection_id=connection_id), _TABLE.due_at <= now)
        if not calling:
            due = due.where(_TABLE.state == CreationState.CREATED.value)
        row = await self._row(due.order_by(_TABLE.due_at, _TABLE.seq).limit(1))
        return _made(row) if row else None

    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        waits = _TABLE.state.in_((CreationState.QUEUED.value, CreationState.CREATED.value))
        ours = self._ours(creations, connection_id=connection_id)
        return await self._run(update(creations).where(ours, _TABLE.due_at > beyond, waits).values(due_at=now))

    async def page(
        self, wanted: CreationFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> Sequence[Creation]:
        wanted = wanted or CreationFilter()
        query = select(creations).where(self._ours(creations), *_conditions(wanted))
        return [_made(row) for row in await self._rows(newest(query, _TABLE.seq, limit, before))]

    async def with_code(self, connection_id: str, kind: CreationKind, code: str) -> Sequence[Creation]:
        ours = self._ours(creations, connection_id=connection_id, code=code)
        query = select(creations).where(ours, _TABLE.kind == kind.value).order_by(_TABLE.seq.desc()).limit(20)
        return [_made(row) for row in await self._rows(query)]

    async def highest_number(self, connection_id: str, kind: AliasKind) -> int:
        asked = {
            "tenant": self._tenant_id,
            "connection": connection_id,
            "kind": kind.value,
            "kinds": [one.value for one in CreationKind if one.of is kind],
        }
        return int((await self._connection.execute(_NUMBERS, asked)).scalar() or 0)

    async def queued(self, connection_id: str) -> Sequence[Creation]:
        ours = self._ours(creations, connection_id=connection_id)
        query = select(creations).where(ours, _TABLE.due_at.is_not(None), _TABLE.state == CreationState.QUEUED.value)
        return [_made(row) for row in await self._rows(query.order_by(_TABLE.seq).with_for_update())]

    async def _claim(self, creation: Creation) -> bool:
        owner = claimant(creation.id)
        taken = [
            await self._value(select(func.claim_number(bytes.fromhex(key), owner, False))) for key in creation.claims
        ]
        return all(taken)

    async def _give_back(self, creation: Creation) -> None:
        owner = claimant(creation.id)
        for key in creation.claims:
            await self._run(select(func.give_back_number(bytes.fromhex(key), owner)))


def claimed() -> Conflict:
    return Conflict(
        "This record, or this code, is being created or was created in this Spectrum company already.",
        code="CREATION_TAKEN",
        fix="Look in the list of new records, or choose another code. If the record is in Spectrum, enter its code.",
    )


def missing(creation_id: str) -> NotFound:
    return NotFound(
        f"There is no creation {creation_id}.",
        code="CREATION_NOT_FOUND",
        fix="Look in the list of new records. Old ones are deleted.",
    )


def _conditions(wanted: CreationFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.connection_id:
        found.append(_TABLE.connection_id == wanted.connection_id)
    if wanted.states:
        found.append(_TABLE.state.in_([state.value for state in wanted.states]))
    if wanted.needs_person:
        found.append(and_(_FOR_PEOPLE))
    if wanted.key:
        kind, record_id = wanted.key
        found += [_TABLE.record_id == record_id, _TABLE.kind.in_([o.value for o in CreationKind if o.of is kind])]
    return found


def _values(creation: Creation, *without: str) -> dict[str, object]:
    return columns(creation, *without, findings=finding_tuple(creation.findings), claims=list(creation.claims))


def _made(row: RowMapping) -> Creation:
    return made(Creation, row, findings=finding_tuple_of(row["findings"]), claims=tuple(row["claims"]))
