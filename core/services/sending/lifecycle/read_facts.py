"""Read the facts about a send that an event needs, in the transaction that decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.model.connections.connection import Connection
from core.model.planning.account import Account, account_keys, items_among
from core.model.sending.lifecycle.endings import TOLD
from core.model.sending.lifecycle.event import (
    Event,
    EvidenceFound,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NumberClaim,
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
from ports.storage.transactions import TenantTransaction

OWN_LINES = (Planned, NumberWritten, LineBegins, LineAnswered, Reported, MarkedDone)
UNCLEAR = (LineBegins, LineAnswered, EvidenceFound, Settled, StepFailed)


async def read_facts(
    t: TenantTransaction, connection: Connection, send: Send, event: Event, delays: RetryDelays, epoch: int | None
) -> Facts:
    """`connection` is locked, so the facts do not change before the transaction ends."""
    facts = Facts(
        now=await t.now(),
        delays=delays,
        epoch=epoch,
        hold=connection.hold,
        plugin_failures=connection.plugin_failures,
        items_hold=connection.items_hold,
        record=await t.work_orders.find(connection.id, send.job_id),
        told=await _told(t, send),
    )
    number = _number(send, event)
    found: dict[str, Any] = {}
    if isinstance(event, OWN_LINES):
        found["lines"] = await t.ledger.of_send(send.id)
    if isinstance(event, UNCLEAR):
        found["unclear"] = await t.ledger.unclear_on(connection.id, number)
    match event:
        case Planned():
            found["number_taken"] = await _taken(t, event.claim)
            if send.items is not ItemsMode.NONE:
                found |= await _others(t, connection, send, number, lock=True)
        case HeaderBegins():
            found["number_taken"] = await _taken(t, event.claim)
        case MarkedDone() if send.items is not ItemsMode.NONE:
            number = number or (facts.record.number if facts.record else None) or ""
            found |= await _others(t, connection, send, number, lock=True)
            found["holder"] = found["holder"] or await _other_of_job(t, send, found["account"])
        case LineAnswered():
            row = next((line for line in found["lines"] if line.id == event.line.id), None)
            if row is None or row.given_back or row.attempt_id != event.attempt_id:
                found |= await _others(t, connection, send, number, lock=False)
    return replace(facts, **found)


async def _taken(t: TenantTransaction, claim: NumberClaim) -> bool:
    return any([await t.work_orders.number_taken(key, claim.owner) for key in claim.keys])


async def _told(t: TenantTransaction, send: Send) -> list[Send]:
    """Other sends of the job that need a person, oldest first."""
    others = await t.sends.of_job(send.connection_id, send.job_id, tuple(TOLD))
    return [other for other in others if other.id != send.id]


async def _others(
    t: TenantTransaction, connection: Connection, send: Send, number: str, *, lock: bool
) -> dict[str, Any]:
    """Which other sends post to the work order, and what is on its account."""
    holder = await t.ledger.holder(connection.id, number, beside=send.id)
    entries = await t.ledger.entries_of_others(account_keys(connection, number), connection.id, lock=lock)
    lines = await t.ledger.on_account(connection.id, send.job_id, number)
    plan = send.plan
    planned = {one.item_id for one in plan.lines} | {one.item_id for one in plan.blocked} if plan else set[str]()
    elsewhere = items_among(planned, entries)
    account = Account(send.job_id, lines, elsewhere, entries)
    return {
        "holder": await t.sends.get(holder) if holder else None,
        "held_elsewhere": account.open_elsewhere,
        "account": account,
    }


async def _other_of_job(t: TenantTransaction, send: Send, account: Account) -> Send | None:
    """For a send without a plan the number is unknown; return another send of the job that still owes a line."""
    owing = (line.send_id for line in account.lines if line.owed and line.send_id not in ("", send.id))
    holder = next(owing, None)
    return await t.sends.get(holder) if holder else None


def _number(send: Send, event: Event) -> str:
    if isinstance(event, Planned):
        return event.plan.number
    if isinstance(event, LineAnswered):
        return event.line.work_order_number
    return send.work_order_number or ""
