"""Set missing Spectrum codes where they are missed, and send again: one transaction, so that both happen or neither.

Acts of others that may come in between: the same press twice (the key binds the first), a code set by somebody else
(theirs is shown, nothing changes), a send that went on meanwhile (nothing is saved).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.mappings.alias import Alias, AliasEntry, AliasKey, AliasKind
from core.model.planning.item_codes import with_item_aliases
from core.model.planning.plan import SendPlan
from core.model.sending.send import SendState
from core.model.shared.errors import Conflict
from core.services.mappings.aliases import Aliases
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.planning.plan_send import PlanSend
from core.services.planning.read_for_plan import Reading
from core.services.sending.batches import Batches
from core.services.sending.request_send import PlanChanged, SendRequest
from core.services.sending.retry_freed import RetryFreed
from core.services.sending.send_actions import SendActions
from core.services.sending.store_request import StoreRequest, require_same
from core.services.service import Dependencies, Service
from ports.storage.send_requests import BoundKey, RequestedSends
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_RETRIABLE = (SendState.NEEDS_ATTENTION, SendState.RETRYING)


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code that a person gave. `known` is the alias that the person saw, '' for none."""

    entry: AliasEntry
    known: str = ""


class StillBlocked(Conflict):
    """With these codes the job could still not be sent; `plan` says why. Nothing was saved."""

    default_code = "PLAN_BLOCKED"

    def __init__(self, plan: SendPlan) -> None:
        problems = " ".join(found.message for found in plan.blockers)
        super().__init__(
            f"Nothing was saved, because the job could still not be sent: {problems}",
            fix=" ".join(step for found in plan.blockers for step in found.fix),
        )
        self.plan = plan


@dataclass(frozen=True, slots=True)
class SentAgain:
    """`batch_id` is of the batch of all sends that were sent again together, None if only `send_id` was."""

    send_id: str
    batch_id: str | None


class SetCodes(Service):
    def __init__(
        self,
        d: Dependencies,
        aliases: Aliases,
        plan_send: PlanSend,
        store_request: StoreRequest,
        actions: SendActions,
        batches: Batches,
    ) -> None:
        super().__init__(d)
        self._aliases = aliases
        self._plan_send = plan_send
        self._store_request = store_request
        self._actions = actions
        self._retry_freed = RetryFreed(d, batches)

    async def save(self, tenant_id: str, slug: str, given: Sequence[GivenCode], *, by: str) -> None:
        """Save the codes as aliases of the connection and send nothing.

        Raises NotFound (CONNECTION_NOT_FOUND), CodeSetMeanwhile, BadInput (CODE_UNKNOWN).
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
        await self._aliases.check(connection, [one.entry for one in given])
        async with self._transactions.begin(tenant_id) as t:
            await self._store(t, connection, given, at=self._clock.now(), by=by)

    async def retry(
        self, tenant_id: str, send_id: str, given: Sequence[GivenCode], *, others: bool, by: str, once: str
    ) -> SentAgain:
        """Save the codes as aliases and retry the failed send. `others`: also retry the failed sends that need nothing
        but these codes. `once` identifies this press of the button: a second call with it changes nothing more.

        Raises NotFound (SEND_NOT_FOUND), CodeSetMeanwhile, BadInput (CODE_UNKNOWN), Conflict (SEND_NOT_RETRYABLE if
        the send went on meanwhile, IDEMPOTENCY_KEY_REUSED). Then nothing was saved.
        """
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            connection = await t.connections.get(send.connection_id)
        await self._aliases.check(connection, [one.entry for one in given])
        batch_id = self._ids.new("bat")
        key = BoundKey.of(by, once, _fingerprint("retry", send_id, others, given), batch_id)
        async with self._transactions.begin(tenant_id) as t:
            first = await t.sends.bind_key(key)
            require_same(key, first)
            batch_id = first.bound_to
            if batch_id == key.bound_to:
                await self._retry_first(t, connection, send_id, given, by=by)
                if others:
                    await t.sends.join_batch(batch_id, send_id)
        if others:  # after a repeated press, too: the process may have stopped between the first send and the others
            await self._retry_others(connection, send.job_id, given, batch_id, by=by)
        return SentAgain(send_id, batch_id if others else None)

    async def _retry_first(
        self, t: TenantTransaction, connection: Connection, send_id: str, given: Sequence[GivenCode], *, by: str
    ) -> None:
        saved = await self._store(t, connection, given, at=self._clock.now(), by=by)
        await t.connections.lock(connection.id)
        send = await t.sends.get(send_id)
        if send.state in _RETRIABLE:
            await self._actions.retry_within(t, send_id, by=by)
        elif saved:
            raise Conflict(
                f"This send is {send.state.value.replace('_', ' ')} now: somebody sent it again meanwhile. Nothing was "
                "saved.",
                code="SEND_NOT_RETRYABLE",
                fix="Look at the send. To set a code for later sends, use the page Codes.",
            )
        # Otherwise somebody else has saved the same codes and sent it: what was asked for is done.

    async def _retry_others(
        self, connection: Connection, job_id: str, given: Sequence[GivenCode], batch_id: str, *, by: str
    ) -> None:
        await self._retry_freed(connection, [one.entry.key for one in given], batch_id, by=by, but_job=job_id)

    async def send(
        self, tenant_id: str, request: SendRequest, given: Sequence[GivenCode], *, others: bool, by: str, once: str
    ) -> SentAgain:
        """Save the codes as aliases and request the send that was previewed. `request.plan_hash` is of the preview
        without these codes; the send must be that plan with nothing changed but them. `others`: also retry the failed
        sends of other jobs that need nothing but these codes. A second call with the same `once` returns the send of
        the first.

        Raises NotFound, PlanChanged (the job is not as previewed), StillBlocked, CodeSetMeanwhile, BadInput
        (CODE_UNKNOWN), Conflict (IDEMPOTENCY_KEY_REUSED), and what the ServiceTrade port raises. Then nothing is saved.
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(request.connection)
        wanted = _fingerprint("send", request.fingerprint(), others, given)
        key = BoundKey.of(by, once, wanted, self._ids.new("snd"))
        send_id = await self._first(tenant_id, key) or await self._send(connection, request, given, key, by, others)
        if others:
            await self._retry_others(connection, request.job_id, given, _batch_of(send_id), by=by)
        return SentAgain(send_id, _batch_of(send_id) if others else None)

    async def _send(
        self,
        connection: Connection,
        request: SendRequest,
        given: Sequence[GivenCode],
        key: BoundKey,
        by: str,
        others: bool,
    ) -> str:
        """Returns the id of the send, which may be that of a press at the same time."""
        await self._aliases.check(connection, [one.entry for one in given])
        reading = await self._plan_send.read(
            connection, request.job_id, items=request.items, completing=request.completes
        )
        shown = (await self._plan_send.plan(reading, adopt=request.adopt)).plan
        if shown.plan_hash != request.plan_hash:
            if first := await self._first(connection.tenant_id, key):  # a repeated press sees the codes of the first
                return first
            raise PlanChanged(shown)
        now = self._clock.now()
        plan = (await self._plan_send.plan(_with_codes(reading, connection, given, now, by), adopt=request.adopt)).plan
        if not plan.sendable:
            raise StillBlocked(plan)
        new = replace(request, plan_hash=plan.plan_hash).new_send(key.bound_to)
        wanted = RequestedSends(slug=request.connection, sends=[new], key=key, act=request.act(new.id))
        async with self._transactions.begin(connection.tenant_id) as t:
            first_key = await t.sends.bind_key(key)
            require_same(key, first_key)
            if first_key.bound_to != key.bound_to:
                return first_key.bound_to
            await self._store_request.take_turn(t)
            await self._store(t, connection, given, at=now, by=by)
            await self._store_request.within(t, connection, wanted, [request.job_id])
            if others:
                await t.sends.join_batch(_batch_of(new.id), new.id)
        _log.info("send.requested", tenant=connection.tenant_id, connection=connection.slug, send=new.id)
        return new.id

    async def _first(self, tenant_id: str, key: BoundKey) -> str | None:
        """The send that the key was bound to by an earlier press."""
        async with self._transactions.begin(tenant_id) as t:
            first = await t.sends.find_key(key.key)
        if first:
            require_same(key, first)
        return first.bound_to if first else None

    async def _store(
        self, t: TenantTransaction, connection: Connection, given: Sequence[GivenCode], *, at: datetime, by: str
    ) -> bool:
        """Store the codes, unless somebody else set others meanwhile. Returns whether anything changed."""
        await t.connections.get(connection.id)  # it may be removed meanwhile
        await t.aliases.take_turn(connection.id)
        present = {one.key: one for one in await t.aliases.of(connection.id, [one.entry.key for one in given])}
        changed = [one for one in given if _code(present, one.entry.key) not in (one.known, one.entry.code)]
        if changed:
            raise CodeSetMeanwhile.by([present[one.entry.key] for one in changed if one.entry.key in present])
        entries = [one.entry for one in given if _code(present, one.entry.key) != one.entry.code]
        await self._aliases.set_within(t, connection, entries, at=at, by=by)
        return bool(entries)


def _batch_of(send_id: str) -> str:
    """The batch that a new send and those that its codes free join: known from the send, so that a repeated press
    finds it."""
    return f"bat{send_id.removeprefix('snd')}"


def _code(present: Mapping[AliasKey, Alias], key: AliasKey) -> str:
    return present[key].code if key in present else ""


def _with_codes(reading: Reading, connection: Connection, given: Sequence[GivenCode], at: datetime, by: str) -> Reading:
    """The reading as it will be once the codes are saved."""
    present = {party.alias.key: party.alias for party in reading.job.parties.values() if party.alias}
    codes = {(AliasKind.ITEM, item.library_id): item.alias_code for item in reading.items or ()}
    codes |= {key: alias.code for key, alias in present.items()}
    new = {
        one.entry.key: Alias(id="", connection_id=connection.id, entry=one.entry, set_at=at, set_by=by)
        for one in given
        if codes.get(one.entry.key) != one.entry.code
    }
    items = None if reading.items is None else with_item_aliases(reading.items, new.values())
    return replace(reading, job=reading.job.with_aliases((present | new).values()), items=items)


def _fingerprint(act: str, subject: str, others: bool, given: Sequence[GivenCode]) -> str:
    codes = [[one.entry.kind, one.entry.servicetrade_id, one.entry.code] for one in given]
    return hashlib.sha256(json.dumps([act, subject, others, codes]).encode()).hexdigest()
