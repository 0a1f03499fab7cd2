"""Store the answer to a creation's call, as long as it takes the database to come back: it exists only here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.connections.same_company import company_key
from core.model.creations.creation import Creation, CreationState
from core.model.creations.lifecycle import TAKEN, Judgement, answered, judge, never_left, with_patience
from core.model.mappings.listed_code import ListedCode, ListedFrom
from core.model.operations.audit import AuditEntry
from core.model.sending.answer import Accepted, Exchange
from core.model.shared.errors import NotFound, TimeMends
from core.model.shared.moments import moment_words
from core.services.creations.tell_people import TellPeople
from core.services.sending.store_answer import STORE_AGAIN
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_BEFORE_CALL = (CreationState.REJECTED, CreationState.NOT_CREATED, CreationState.CANCELLED)


async def list_new_code(t: TenantTransaction, creation: Creation) -> None:
    """The code is in Spectrum now, so the lists of its codes have it, until they are read anew."""
    fields = creation.fields
    code = ListedCode(
        kind=creation.kind.of,
        code=creation.code,
        name=fields.get("Site_Name") or fields.get("Name", ""),
        street=fields.get("Site_Address1") or fields.get("Address_1", ""),
        city=fields.get("Site_City") or fields.get("City", ""),
        state=fields.get("Site_State") or fields.get("State", ""),
        postal_code=fields.get("Site_Zip_Code") or fields.get("Zip_Code", ""),
        phone=fields.get("Site_Phone1") or fields.get("Phone", ""),
        customer_code=fields.get("Site_Customer_Code", ""),
        listed_from=ListedFrom.ACCEPTED,
    )
    await t.code_lists.take_turn(creation.connection_id)
    await t.code_lists.store(creation.connection_id, [code])


@dataclass(frozen=True, slots=True)
class Heard:
    attempt_id: str
    exchange: Exchange


class StoreCreationAnswer(Service):
    """No lease is needed: an answer belongs to its attempt, whoever has taken over the connection."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._tell_people = TellPeople(d)

    async def __call__(self, creation: Creation, heard: Heard, connection: Connection) -> None:
        """Raises TimeMends if the database stays unreachable."""

        async def store() -> None:
            async with self._transactions.begin(creation.tenant_id) as t:
                await self._store(t, creation, heard, connection)

        await self._as_long_as_it_takes(creation, store)

    async def never_left(self, creation: Creation, attempt_id: str) -> None:
        """The call of this attempt was not made. Raises TimeMends if the database stays unreachable."""

        async def store() -> None:
            async with self._transactions.begin(creation.tenant_id) as t:
                await t.connections.lock(creation.connection_id)
                present = await t.creations.get(creation.id, lock=True)
                await t.creations.save(never_left(present, attempt_id, await t.now()))

        await self._as_long_as_it_takes(creation, store)

    async def note_end(self, t: TenantTransaction, connection: Connection, ended: Creation, now: datetime) -> None:
        """Record what became of it, for the audit and for people. One that waits has not ended."""
        if ended.state in (CreationState.QUEUED, CreationState.SENDING):
            return
        detail = {
            "connection": connection.slug,
            "kind": ended.kind.value,
            "code": ended.code,
            "record": ended.record_id,
            "requested_by": ended.requested_by,
        }
        if ended.findings:
            detail["finding"] = ended.findings[0].code
        await self._tell_people.of(t, connection, ended, now)
        await t.audit.record(AuditEntry(now, "jobferry", f"creation.{ended.state.value}", ended.id, detail))
        _log.info(f"creation.{ended.state.value}", creation=ended.id, kind=ended.kind.value)

    async def _store(self, t: TenantTransaction, creation: Creation, heard: Heard, connection: Connection) -> None:
        there = await t.connections.lock(creation.connection_id)
        present, now = await t.creations.get(creation.id, lock=True), await t.now()
        judged = await self._with_earlier_tries(t, present, judge(present, heard.exchange.outcome))
        judged = with_patience(present, judged, self._delays)
        after = answered(present, heard.attempt_id, heard.exchange, judged, now, self._delays)
        if after == present:
            return
        if after.state is CreationState.CREATED and present.state in _BEFORE_CALL:
            await t.creations.retake(after)  # a verdict was wrong; if others have its claims, both are told by state
        await t.creations.save(after)
        if isinstance(heard.exchange.outcome, Accepted) and company_key(there) == company_key(connection):
            await t.connections.set_endpoint_used(there.id)
        if after.state is CreationState.CREATED and after.kind.adds:
            await list_new_code(t, after)
        if after.due_at:
            await t.connections.wake(there.id, after.due_at)
        await self.note_end(t, there, after, now)

    async def _with_earlier_tries(self, t: TenantTransaction, creation: Creation, judged: Judgement) -> Judgement:
        """If the code is in use: whether a try of our own, whose outcome was unclear, may have made that record."""
        if not any(one.code == TAKEN for one in judged.findings):
            return judged
        others = await t.creations.with_code(creation.connection_id, creation.kind, creation.code)
        earlier = next((one for one in others if one.id != creation.id and one.sent_at and one.settled_by), None)
        if earlier is None or earlier.sent_at is None:
            return judged
        more = (
            f" An earlier try for this code, {moment_words(earlier.sent_at)}, had no clear answer: that record may be"
            " its work."
        )
        told = tuple(replace(one, message=one.message + more) if one.code == TAKEN else one for one in judged.findings)
        return replace(judged, findings=told)

    async def _as_long_as_it_takes(self, creation: Creation, store: Callable[[], Awaitable[None]]) -> None:
        for pause in (*STORE_AGAIN, None):
            try:
                await store()
            except TimeMends:
                if pause is None:
                    raise
                _log.warning("creation.answer_waits_for_database", creation=creation.id)
                await asyncio.sleep(pause)
            except NotFound:
                _log.error("creation.answer_without_creation", creation=creation.id)
                return
            else:
                return
