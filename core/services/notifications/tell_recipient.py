"""Tell a recipient what waits for them: gather notices to messages, then deliver these, for a short time slice.

A message is stored before its first try, and its notices go in the same transaction. A try is stored after it was
made: if the worker dies in between, the mail is sent again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.model.creations.creation import Creation
from core.model.notifications.content import (
    MOST_ROWS,
    Content,
    doubt_content,
    failed_content,
    held_content,
    secret_content,
)
from core.model.notifications.digest import digest_content
from core.model.notifications.message import Message
from core.model.notifications.notice import DOUBT_AFTER, GatheredNotices, NoticeKind
from core.model.notifications.recipient import Recipient, RecipientSecrets
from core.model.notifications.timetable import next_digest, quiet_until
from core.model.reconciliation.run import Reconciliation
from core.model.shared.errors import NotFound
from core.model.shared.time_zone import zone_of
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine
from core.services.notifications.collect_digest import CollectDigest
from core.services.notifications.deliver_message import DeliverMessage
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.service import Dependencies, Service
from ports.storage.creations import CreationFilter
from ports.storage.transactions import TenantTransaction

_MOST_DOUBTS = 500
_LOOK_AGAIN = timedelta(seconds=20)
_Work = tuple[Tenant, Recipient, RecipientSecrets, Message]


class TellRecipient(Service):
    def __init__(self, d: Dependencies, deliver: DeliverMessage, carry_out: CarryOutReconciliation) -> None:
        super().__init__(d)
        self._deliver = deliver
        self._collect_digest = CollectDigest(d, carry_out)

    async def __call__(self, tenant_id: str, recipient_id: str) -> None:
        """Tell what is due for one slice, then store when the recipient is due next."""
        over = self._begin_slice()
        try:
            await self._make_digest(tenant_id, recipient_id)
            await self._make_messages(tenant_id, recipient_id)
            while not over() and (work := await self._next(tenant_id, recipient_id)):
                await self._deliver(*work)
            await self._schedule_next_wakeup(tenant_id, recipient_id)
        except NotFound:  # removed meanwhile, with all that was to be told
            async with self._transactions.begin(tenant_id) as t:
                await t.notifications.set_due(recipient_id, None)

    async def _make_digest(self, tenant_id: str, recipient_id: str) -> None:
        async with self._transactions.begin(tenant_id) as t:
            recipient = await t.notifications.get(recipient_id)
            if not _digest_due(recipient, now := await t.now()):
                return
        run, ready = await self._collect_digest.reconciled(tenant_id, recipient.digest_at or now)
        if not ready:  # `due_next` has us look again
            return
        async with self._transactions.begin(tenant_id) as t:
            recipient, now = await t.notifications.get(recipient_id, lock=True), await t.now()
            if not _digest_due(recipient, now):
                return
            tenant = await t.tenant()
            zone = zone_of(tenant.time_zone)
            content = await self._digest(t, tenant, recipient, run, now)
            await self._add(t, recipient, NoticeKind.DIGEST, NoticeKind.DIGEST, content, now)
            next_at = next_digest(now, recipient.choice.digest_hour, zone)
            await t.notifications.save(replace(recipient, digest_from=now, digest_at=next_at))

    async def _digest(
        self, t: TenantTransaction, tenant: Tenant, recipient: Recipient, run: Reconciliation | None, now: datetime
    ) -> Content:
        since = recipient.digest_from or now - timedelta(days=1)
        facts = await self._collect_digest(t, run, since, now)
        return digest_content(facts, tenant, zone_of(tenant.time_zone))

    async def _make_messages(self, tenant_id: str, recipient_id: str) -> None:
        """Make a message of each cause that is due, all in one transaction."""
        async with self._transactions.begin(tenant_id) as t:
            recipient, now = await t.notifications.get(recipient_id, lock=True), await t.now()
            tenant = await t.tenant()
            if recipient.paused or _awake_at(recipient, tenant, now) > now:
                return
            for one in await t.notifications.waiting(recipient_id):
                if one.due_at > now:
                    continue
                # A doubt that is younger than an hour goes on waiting.
                ready_by = now if one.kind is NoticeKind.DOUBT else None
                found = await t.notifications.gather(recipient_id, one.cause, MOST_ROWS, ready_by)
                wanted = found is not None and one.kind in recipient.choice.kinds
                content = await self._content(t, tenant, one.kind, found, now) if found and wanted else None
                if content:
                    await self._add(t, recipient, one.kind, one.cause, content, now)

    async def _content(
        self, t: TenantTransaction, tenant: Tenant, kind: NoticeKind, found: GatheredNotices, now: datetime
    ) -> Content | None:
        """What to say, None if there is nothing to say any more."""
        zone, newest = zone_of(tenant.time_zone), found.newest[0]
        if kind is NoticeKind.FAILED:
            names = {one.id: one.name for one in await t.connections.all()}
            return failed_content(found, tenant, names, zone)
        if kind is NoticeKind.DOUBT:
            doubts = await t.ledger.doubts(limit=_MOST_DOUBTS + 1)
            old = tuple(one for one in doubts if _is_old(one, now))
            more = len(old) > _MOST_DOUBTS
            waiting = await t.creations.page(CreationFilter(needs_person=True), limit=_MOST_DOUBTS)
            records = tuple(one for one in waiting if _waits_long(one, now))
            if not old and not records:
                return None
            return doubt_content(old[:_MOST_DOUBTS], records, more=more, tenant=tenant, zone=zone)
        try:
            connection = await t.connections.get(newest.connection_id)
        except NotFound:
            return None
        if kind is NoticeKind.HELD:
            return held_content(newest, connection, tenant, zone)
        return secret_content(newest, connection, tenant)

    async def _add(
        self, t: TenantTransaction, recipient: Recipient, kind: NoticeKind, cause: str, content: Content, now: datetime
    ) -> None:
        await t.notifications.add_message(
            Message(
                id=self._ids.new("msg"),
                recipient_id=recipient.id,
                kind=kind,
                cause=cause,
                content=content,
                created_at=now,
                due_at=now,
            )
        )

    async def _next(self, tenant_id: str, recipient_id: str) -> _Work | None:
        async with self._transactions.begin(tenant_id) as t:
            recipient, now = await t.notifications.get(recipient_id), await t.now()
            tenant = await t.tenant()
            if recipient.paused or _awake_at(recipient, tenant, now) > now:
                return None
            message = await t.notifications.next_message(recipient_id, now)
            if message is None:
                return None
            return tenant, recipient, await t.notifications.secrets(recipient_id), message

    async def _schedule_next_wakeup(self, tenant_id: str, recipient_id: str) -> None:
        """Store when the recipient is due next. `wake` locks first: a notice that is stored meanwhile, or the end of a
        pause, is either seen here or wakes the recipient after us."""
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            await t.notifications.wake(recipient_id, now)
            recipient = await t.notifications.get(recipient_id)
            await t.notifications.set_due(recipient_id, await due_next(t, recipient, await t.tenant(), now))


async def due_next(t: TenantTransaction, recipient: Recipient, tenant: Tenant, now: datetime) -> datetime | None:
    """When there is something to tell the recipient, None if nothing waits."""
    if recipient.paused:
        return None
    moments: Sequence[datetime | None] = (
        *(one.due_at for one in await t.notifications.waiting(recipient.id)),
        await t.notifications.next_try(recipient.id),
        # A summary that is due and not told waits for its reconciliation.
        recipient.digest_at and max(recipient.digest_at, now + _LOOK_AGAIN),
    )
    first = min((one for one in moments if one), default=None)
    return _awake_at(recipient, tenant, max(first, now)) if first else None


def _awake_at(recipient: Recipient, tenant: Tenant, at: datetime) -> datetime:
    """The first moment from `at` on that is not in the recipient's quiet hours."""
    choice = recipient.choice
    return quiet_until(at, choice.quiet_from, choice.quiet_until, zone_of(tenant.time_zone))


def _digest_due(recipient: Recipient, now: datetime) -> bool:
    return not recipient.paused and recipient.digest_at is not None and recipient.digest_at <= now


def _waits_long(record: Creation, now: datetime) -> bool:
    since = record.ended_at or record.sent_at
    return since is None or now - since >= DOUBT_AFTER


def _is_old(line: LedgerLine, now: datetime) -> bool:
    return line.sent_at is None or now - line.sent_at >= DOUBT_AFTER
