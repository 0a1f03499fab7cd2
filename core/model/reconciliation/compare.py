"""Compare one job with one connection's account of it: what a `difference` send would change, in words for people.

The plan of that send is the comparison, so a reconciliation can never disagree with a preview.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem
from core.model.planning.plan import SendPlan
from core.model.reconciliation.compare_items import ItemsCompared, compare_items
from core.model.reconciliation.entry import Difference, Entry, Kind, Place
from core.model.sending.send import HeaderState, Send, SendState, cause_of
from core.model.work_orders.column_words import opening
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.work_order import NUMBER, WorkOrderRecord

_DONE = (SendState.SENT, SendState.SENT_WITH_WARNINGS, SendState.DONE_BY_HAND)
_NOTHING_CAME = (SendState.SUPERSEDED, SendState.CANCELLED)
NEVER_SENT = "It was never sent."
"""So begins what is said of a job that no connection has sent."""
_MOST_FIELDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """`plan` is that of a `difference` send, made from `items` and `account`. `sends` are those of this connection,
    newest first. `external_id` is the job's number in ServiceTrade under this connection's system, '' for none."""

    plan: SendPlan
    items: Sequence[FoldedItem]
    account: Account
    record: WorkOrderRecord | None
    sends: Sequence[Send]
    external_id: str = ""

    @property
    def newest(self) -> Send | None:
        """The newest send of which something came, or will."""
        return next((one for one in self.sends if one.state not in _NOTHING_CAME), None)

    @property
    def stands(self) -> bool:
        """Whether the work order is in Spectrum by our own account, or somebody said so."""
        sent = self.record is not None and self.record.sent is not None
        return sent or any(one.header is HeaderState.STANDS or one.state in _DONE for one in self.sends)

    @property
    def may_stand(self) -> bool:
        """Whether it is there, or a write left whose outcome is not known."""
        return self.stands or any(one.header is not HeaderState.NONE for one in self.sends)

    @property
    def sent_before_us(self) -> bool:
        """Whether the job has a number that this connection did not write."""
        return bool(self.external_id) and not self.stands

    @property
    def number(self) -> str:
        known = self.record.number if self.record else None
        return known or self.external_id or (self.plan.number if self.stands else "")

    @property
    def numbers(self) -> frozenset[str]:
        """Every number under which Spectrum accepted a work order of this job by this connection."""
        found = {one.work_order_number for one in self.sends if one.header is HeaderState.STANDS}
        found.add(self.record.number if self.record and self.record.sent is not None else None)
        rows = (line for line in self.account.lines if line.job_id == self.account.job_id)
        found |= {line.work_order_number for line in rows if line.state is LineState.POSTED}
        return frozenset(number.upper() for number in found if number)

    @property
    def asked(self) -> bool:
        """Whether anybody chose to post the job's items: whoever did, a later item is a change."""
        ours = (line for line in self.account.lines if line.job_id == self.account.job_id)
        declared = self.record is not None and self.record.items_declared_at is not None
        return (
            declared
            or any(line.takes_place for line in ours)
            or any(one.items is not ItemsMode.NONE and one.state in _DONE for one in self.sends)
        )


def compare(connection: Connection, facts: JobFacts) -> Entry:
    """The job's entry on this connection, where it was sent, or should be. Whether it has a second work order in the
    same company, only a look at all connections shows (`two_work_orders`)."""
    items = compare_items(facts.plan, facts.items, facts.account, asked=facts.asked)
    newest = facts.newest
    open_send = newest if newest and not newest.state.settled else None
    found = [*items.doubled, *_unclear(facts, items, newest)]
    if open_send:
        found.append(_waiting(connection, open_send))
        if facts.stands and open_send.items is ItemsMode.NONE:
            found += items.never_asked
    elif facts.stands:
        found += _of_standing(facts, items, newest)
    else:
        found += _missing(facts, items, newest)
    unknown_header = facts.sent_before_us or (facts.stands and (facts.record is None or facts.record.sent is None))
    return Entry(
        connection=connection.slug,
        work_order_number=facts.number,
        differences=tuple(found),
        sums=items.sums,
        uncompared=items.uncompared + unknown_header,
        kept_back=facts.plan.kept_back and not facts.may_stand,
    )


def _of_standing(facts: JobFacts, items: ItemsCompared, newest: Send | None) -> Iterator[Difference]:
    """The work order stands and no send runs."""
    if newest and newest.state is SendState.NEEDS_ATTENTION:
        yield _failed(newest, "Its last send failed")
    yield from _header(facts)
    yield from items.drifted
    yield from items.never_asked


def two_work_orders(numbers: frozenset[str]) -> Difference:
    return Difference(
        kind=Kind.DOUBLED,
        message=f"The job has several work orders in one Spectrum company: {', '.join(sorted(numbers))}.",
        fix="Open them in Spectrum, decide which one is to stay, and void the other one there.",
    )


def _unclear(facts: JobFacts, items: ItemsCompared, newest: Send | None) -> Iterator[Difference]:
    yield from items.unclear
    doubtful = newest if newest and newest.state is SendState.IN_DOUBT else None
    if doubtful and not items.in_doubt:
        yield Difference(
            kind=Kind.UNCLEAR,
            message="It is not known whether its last send reached Spectrum.",
            fix="Open the send. It says what to look for in Spectrum.",
            place=Place.SEND,
            send_id=doubtful.id,
        )
    if facts.sent_before_us and facts.plan.strange and not items.unclear and not items.all_known:
        yield Difference(
            kind=Kind.UNCLEAR,
            message=f"The job has the work order number {facts.external_id}, which Jobferry did not write.",
            fix="Look at that work order in Spectrum. On the job's page, say which of its items are there.",
        )


def _missing(facts: JobFacts, items: ItemsCompared, newest: Send | None) -> Iterator[Difference]:
    if facts.sent_before_us:
        # A removed connection of ours, or another program, sent it. Only its items can be compared.
        yield from items.drifted
        yield from items.never_asked
    elif newest and newest.state is SendState.NEEDS_ATTENTION:
        yield _failed(newest, "It was never sent: its last send failed")
    elif not facts.plan.kept_back and not (newest and newest.state is SendState.IN_DOUBT):
        yield never_sent(facts.plan)


def never_sent(plan: SendPlan) -> Difference:
    """What to say of a job that no connection has sent. A blocker says why a send would fail now."""
    blocker = next(iter(plan.blockers), None)
    would = f" It would fail now: {blocker.message}" if blocker else ""
    fix = blocker.fix[0] if blocker and blocker.fix else "Open the job and send it."
    return Difference(kind=Kind.MISSING, message=f"{NEVER_SENT}{would}", fix=fix, items=ItemsMode.NEW_ONLY.value)


def _failed(send: Send, what: str) -> Difference:
    cause = cause_of(send.findings)
    said = f": {cause.message}" if cause else "."
    return Difference(
        kind=Kind.MISSING,
        message=f"{what}{said}",
        fix=cause.fix[0] if cause and cause.fix else "Open the send, fix its cause, and retry it.",
        place=Place.SEND,
        send_id=send.id,
    )


def _waiting(connection: Connection, send: Send) -> Difference:
    if connection.paused:
        why, place = "Its send waits, because the connection is paused.", Place.CONNECTION
    elif connection.hold:
        why, place = f"Its send waits: {connection.hold.finding.message}", Place.CONNECTION
    else:
        why, place = "Its send waits or runs now.", Place.SEND
    fix = "It continues by itself." if place is Place.SEND else "Open the connection, and fix or resume it."
    return Difference(kind=Kind.WAITING, message=why, fix=fix, place=place, send_id=send.id)


def _header(facts: JobFacts) -> Iterator[Difference]:
    """Header fields that differ from the last send, and a number that was changed on the job."""
    record = facts.record
    if record is None or record.sent is None:
        return
    if facts.external_id and record.number and facts.external_id.upper() != record.number.upper():
        yield Difference(
            kind=Kind.DRIFTED,
            message=f"The job has the number {facts.external_id} in ServiceTrade, but was sent as {record.number}.",
            fix="Find out who changed it. Then send the job again: that writes the number of our work order.",
        )
    changed = [one for one in facts.plan.header if one.field != NUMBER and one.changes]
    if changed:
        said = [
            f"{opening(one.field)} is {_quoted(one.value)} now, and {_quoted(one.previous)} in Spectrum"
            for one in changed[:_MOST_FIELDS]
        ]
        more = len(changed) - len(said)
        yield Difference(
            kind=Kind.DRIFTED,
            message="; ".join(said) + (f"; and {more} more fields" if more else "") + ".",
            fix="Send the job again.",
        )
    for one in facts.plan.header:
        if one.previous and not one.source_value:
            yield Difference(
                kind=Kind.DRIFTED,
                message=f"{opening(one.field)} is empty now, and {_quoted(one.previous)} in Spectrum.",
                fix="Empty the field in Spectrum, because Spectrum ignores empty values. Then send the job again.",
            )


def _quoted(value: str | None) -> str:
    text = value or ""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:59]}…'"
