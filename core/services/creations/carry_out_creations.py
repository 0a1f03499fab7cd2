"""Carry out the creations of a connection that are due: intent, call, answer, as for a cost line.

Spectrum makes a record with every call and nothing can be read back for sure. So the intent is stored before the call,
the call leaves once or not at all, and whatever is unclear afterwards is in doubt until a person, or an answer that
comes late, tells. It runs inside the connection's drain: one write at a time for each connection.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection, SpectrumTarget
from core.model.creations.creation import Creation, CreationState
from core.model.creations.lifecycle import lost, rejected, stopped_before_call
from core.model.sending.diagnosis import from_error
from core.model.sending.send import Lease
from core.model.shared.errors import Conflict, JobferryError, LeaseLost, TimeMends
from core.model.shared.finding import Finding
from core.services.creations.keep_code import KeepCode
from core.services.creations.store_creation_answer import Heard, StoreCreationAnswer
from core.services.sending.endpoint_gate import Admission
from core.services.service import Dependencies, Service
from ports.storage.creations import CreationIntent
from ports.storage.send_changes import DueSend

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Due:
    creation: Creation
    connection: Connection
    codes: frozenset[str]
    """The codes that its record has here."""


class CarryOutCreations(Service):
    def __init__(self, d: Dependencies, keep_code: KeepCode, store_answer: StoreCreationAnswer) -> None:
        super().__init__(d)
        self._keep_code = keep_code
        self._store_answer = store_answer

    async def __call__(self, lease: Lease, first: DueSend, admission: Admission, over: Callable[[], bool]) -> None:
        """Until nothing is due, or the slice is over. Raises LeaseLost, TimeMends while the database is unreachable."""
        while due := await self._next(lease, admission):
            with structlog.contextvars.bound_contextvars(creation=due.creation.id):
                if due.creation.state is CreationState.CREATED:
                    await self._keep_code(due.connection, due.creation, lease.epoch)
                elif not await self._create(lease, due, first, admission):
                    return
            if over():
                return

    async def _next(self, lease: Lease, admission: Admission) -> _Due | None:
        """The next one to carry out, after those were stored that need no call."""
        while True:
            async with self._transactions.begin(lease.tenant_id) as t:
                await t.creations.hold_lease(lease.connection_id, lease.epoch)
                connection, now = await t.connections.get(lease.connection_id), await t.now()
                if connection.paused or (await t.tenant()).paused:
                    return None
                calling = connection.hold_at(now) is None and admission.turned_away is None
                found = await t.creations.next_due(connection.id, calling=calling)
                if found is None:
                    return None
                creation = await t.creations.get(found.id, lock=True)
                if creation != found:
                    continue
                changed = _without_call(creation, connection, now)
                if changed is None:
                    aliases = await t.aliases.of(connection.id, [creation.key])
                    return _Due(creation, connection, frozenset(one.code for one in aliases))
                await t.creations.save(changed)
                await self._store_answer.note_end(t, connection, changed, now)

    async def _create(self, lease: Lease, due: _Due, first: DueSend, admission: Admission) -> bool:
        """Returns False if Spectrum may not be called now."""
        creation, connection = due.creation, due.connection
        if admission.ask(connection.endpoint):
            return False
        try:
            there = await self._service_trade.read_code(first.account, *creation.key, connection.external_system)
        except JobferryError as error:
            await self._postpone(lease, creation, from_error(error))
            return True
        codes = due.codes | ({there.strip()} if there and there.strip() else frozenset())
        if problem := _mapped_meanwhile(creation, codes):
            await self._reject(lease, connection, creation, problem)
            return True
        if await admission.take_place(connection.endpoint):
            return False
        try:
            return await self._call(lease, connection, creation, first, admission)
        finally:
            admission.give_place_back()

    async def _call(
        self, lease: Lease, connection: Connection, creation: Creation, first: DueSend, admission: Admission
    ) -> bool:
        # Read before the intent is stored, so that it is never later than the stored one.
        leave_by = self._clock.boot_seconds() + self._line_timing.send_within.total_seconds()
        attempt_id = self._ids.new("att")
        intent = CreationIntent(
            creation_id=creation.id,
            attempt_id=attempt_id,
            epoch=lease.epoch,
            send_by=self._line_timing.send_within,
            quiet=self._line_timing.quiet,
        )
        try:
            async with self._transactions.begin(lease.tenant_id) as t:
                begun, number = await t.creations.begin(intent)  # it locks the connection
                now_there, now = await t.connections.get(connection.id), await t.now()
                if _changed(connection, now_there, now) or (await t.tenant()).paused:
                    raise Conflict("The connection was changed meanwhile.", code="CONNECTION_CHANGED")
        except Conflict:
            return True  # cancelled, or the connection was changed: look again
        except TimeMends as error:
            if not isinstance(error, LeaseLost):  # the commit may have been stored, although its answer was lost
                with suppress(TimeMends):
                    await self._store_answer.never_left(creation, attempt_id)
            raise
        await self._note_intent(begun, number)
        target = SpectrumTarget.of(connection, first.secrets)
        began = self._clock.boot_seconds()
        if begun.kind.adds:
            exchange = await self._spectrum.add_record(target, begun.service, begun.fields, leave_by=leave_by)
        else:
            exchange = await self._spectrum.write_record(target, begun.service, begun.fields, leave_by=leave_by)
        admission.note(connection.endpoint, exchange.outcome, began)
        await self._store_answer(begun, Heard(attempt_id, exchange), connection)
        return True

    async def _note_intent(self, creation: Creation, number: int) -> None:
        """Raises LeaseLost if the database lost commits during this drain, and what prevents the noting; then the
        creation is stored as not sent."""
        noted = False
        try:
            noted = self._intent_mark.note(creation.connection_id, number)
        finally:
            if not noted:
                await self._store_answer.never_left(creation, creation.attempt_id or "")
        if not noted:
            raise LeaseLost("The database knows less than was sent.")

    async def _postpone(self, lease: Lease, creation: Creation, said: Finding) -> None:
        """ServiceTrade cannot say whether the record has a code by now: try again later."""
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.creations.hold_lease(lease.connection_id, lease.epoch)
            present, now = await t.creations.get(creation.id, lock=True), await t.now()
            if present.state is CreationState.QUEUED:
                tries = present.tries + 1
                later = now + self._delays.held(tries)
                await t.creations.save(replace(present, findings=(said,), tries=tries, due_at=later))

    async def _reject(self, lease: Lease, connection: Connection, creation: Creation, said: Finding) -> None:
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.creations.hold_lease(lease.connection_id, lease.epoch)
            present, now = await t.creations.get(creation.id, lock=True), await t.now()
            if present.state is CreationState.QUEUED:
                ended = rejected(present, said, now)
                await t.creations.save(ended)
                await self._store_answer.note_end(t, connection, ended, now)


def _without_call(creation: Creation, connection: Connection, now: datetime) -> Creation | None:
    """What becomes of it before any call; None if it can be carried out."""
    if creation.state is CreationState.SENDING:
        return lost(creation)
    if creation.state is CreationState.QUEUED and connection.items_hold:
        return replace(lost(creation), findings=(connection.items_hold.finding,))
    if creation.state is CreationState.QUEUED and (said := stopped_before_call(creation, connection)):
        return rejected(creation, said, now)
    return None


def _changed(seen: Connection, present: Connection, now: datetime) -> bool:
    """Whether a call as it was prepared must not begin any more."""
    return (
        present.version != seen.version
        or present.target_version != seen.target_version
        or present.paused
        or present.items_hold is not None
        or present.hold_at(now) is not None
    )


def _mapped_meanwhile(creation: Creation, codes: frozenset[str]) -> Finding | None:
    """Somebody gave the record a code after this was confirmed: a second record would be made for it. A change needs
    the code of the customer that was confirmed."""
    others = sorted(codes - {creation.code}) if not creation.kind.adds else sorted(codes)
    if not others and (creation.kind.adds or codes):
        return None
    named = ", ".join(others) or "none"
    return finding(
        "CREATE_MAPPED_MEANWHILE",
        f"{creation.record_name or creation.record_id} has the code {named} by now. Nothing was sent.",
    )
