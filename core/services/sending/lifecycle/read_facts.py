"""Which facts about a send an event needs, and the facts of what the storage answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.connections.connection import Connection
from core.model.planning.account import Account, account_keys, addition_accounts, items_among
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    AnnotationBegins,
    AnnotationUnread,
    Event,
    EvidenceFound,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NumberWritten,
    Planned,
    Reported,
    Settled,
    StepFailed,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Send
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import ItemsMode
from ports.storage.send_changes import FactsQuery, StoredFacts
from ports.storage.transactions import TenantTransaction

OWN_LINES = (
    Planned,
    NumberWritten,
    LineBegins,
    LineAnswered,
    AnnotationBegins,
    AnnotationAnswered,
    AnnotationUnread,
    Reported,
    StepFailed,
    MarkedDone,
)
UNCLEAR = (NumberWritten, LineBegins, LineAnswered, EvidenceFound, Settled, StepFailed)


def facts_query(send: Send, event: Event, epoch: int | None = None, *, read_send: bool = False) -> FactsQuery:
    """What the event needs. `read_send`: the caller's send may be older than the stored one."""
    return FactsQuery(
        send_id=send.id,
        job_id=send.job_id,
        connection_id=send.connection_id,
        epoch=epoch,
        number=_number(send, event),
        read_send=read_send,
        own_lines=isinstance(event, OWN_LINES),
        unclear=isinstance(event, UNCLEAR),
        claim=event.claim if isinstance(event, (Planned, HeaderBegins)) else None,
    )


async def with_account(
    t: TenantTransaction, query: FactsQuery, stored: StoredFacts, send: Send, event: Event
) -> StoredFacts:
    """The facts, with those of the work order's account if the event needs them.

    Few events do. The account's keys follow from the connection, which does not change any more now.
    """
    match event:
        case Planned() if send.items is not ItemsMode.NONE:
            lock = True
        case MarkedDone() if send.items is not ItemsMode.NONE:
            lock = True
            number = query.number or (stored.record.number if stored.record else None) or ""
            query = replace(query, number=number)
        case LineAnswered() if _is_late(event, stored):
            lock = False
        case AnnotationBegins() if send.plan and any(one.due and one.appends for one in send.plan.annotations):
            accounts = addition_accounts(stored.connection, query.number)
            return await t.changes.facts(replace(query, additions=accounts))
        case _:
            return stored
    keys = account_keys(stored.connection, query.number)
    stored = await t.changes.facts(replace(query, accounts=keys, lock_accounts=lock))
    if isinstance(event, MarkedDone) and stored.holder is None:
        stored = replace(stored, holder=await _other_of_job(t, send, stored))
    return stored


def facts_of(
    stored: StoredFacts,
    send: Send,
    delays: RetryDelays,
    epoch: int | None,
    header_within: timedelta,
    seen: Connection | None = None,
) -> Facts:
    """`seen` is the connection as it was read for the calls."""
    connection = stored.connection
    plan = send.plan
    planned = {one.item_id for one in plan.lines} | {one.item_id for one in plan.blocked} if plan else set[str]()
    account = Account(send.job_id, stored.account_lines, items_among(planned, stored.entries), stored.entries)
    return Facts(
        now=stored.now,
        delays=delays,
        epoch=epoch,
        header_within=header_within,
        hold=connection.hold,
        plugin_failures=connection.plugin_failures,
        items_hold=connection.items_hold,
        record=stored.record,
        told=stored.told,
        lines=stored.lines,
        unclear=stored.unclear,
        number_taken=stored.number_taken,
        holder=stored.holder,
        held_elsewhere=account.open_elsewhere,
        account=account,
        stopped=seen is not None and _stopped(stored, seen),
        additions=stored.additions,
    )


def _stopped(stored: StoredFacts, seen: Connection) -> bool:
    now = stored.connection
    renewed = now.client_secret_expires_at != seen.client_secret_expires_at
    changed = renewed or now.version != seen.version
    return changed or stored.paused or now.paused or now.hold_at(stored.now) is not None


def _is_late(event: LineAnswered, stored: StoredFacts) -> bool:
    """Whether the answer is not for the line's present attempt, so that another line may have its place."""
    row = next((line for line in stored.lines if line.id == event.line.id), None)
    return row is None or row.given_back or row.attempt_id != event.attempt_id


async def _other_of_job(t: TenantTransaction, send: Send, stored: StoredFacts) -> Send | None:
    """For a send without a plan the number is unknown; return another send of the job that still owes a line."""
    owing = (line.send_id for line in stored.account_lines if line.owed and line.send_id not in ("", send.id))
    holder = next(owing, None)
    return await t.sends.get(holder) if holder else None


def _number(send: Send, event: Event) -> str:
    if isinstance(event, Planned):
        return event.plan.number
    if isinstance(event, LineAnswered):
        return event.line.work_order_number
    return send.work_order_number or ""
