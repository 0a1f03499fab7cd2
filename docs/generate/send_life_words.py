"""Describe what is stored with a change of a send, for docs/send-life.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.endings import kept_warnings
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import HeaderState, Send
from core.model.webhooks.event import EventType
from core.model.work_orders.annotation import AnnotationKind, kind_of
from core.model.work_orders.work_order import WorkOrderRecord

_HEADER: Mapping[HeaderState, str] = {
    HeaderState.NONE: "header not written",
    HeaderState.BEGUN: "header begun",
    HeaderState.STANDS: "header in Spectrum",
}
_CLAIM: Mapping[ClaimChange, str] = {
    ClaimChange.TAKE: "number claimed",
    ClaimChange.ACCEPT: "claim confirmed",
    ClaimChange.GIVE_BACK: "claim given back",
}
_WARNING: Mapping[WarningChange, str] = {
    WarningChange.RAISE: "warning raised",
    WarningChange.CLEAR: "warning cleared",
    WarningChange.FORMER: "warning of the last failure, or none",
}
_EVENTS: Mapping[EventType, str] = {
    EventType.SEND_SUCCEEDED: "event `send.succeeded`",
    EventType.SEND_FAILED: "event `send.failed`",
    EventType.SEND_IN_DOUBT: "event `send.in_doubt`",
    EventType.CONNECTION_HELD: "event `connection.held`",
}


_FAILS = ("open lines given back", "comment due", "warning raised", "event `send.failed`")


def stored(before: Send, facts: Facts, change: Change) -> Iterator[str]:
    """In the order: send, plan, lines, header, number, connection, what people see. A failure is one word: fails."""
    words = list(_stored(before, facts, change))
    if change.log == "send.failed" and set(words).issuperset(_FAILS):
        yield "fails"
        words = [word for word in words if word not in _FAILS]
    yield from words


def _stored(before: Send, facts: Facts, change: Change) -> Iterator[str]:
    yield from _send(before, facts, change)
    yield from _lines(facts, change)
    if change.record:
        yield from _record(facts.record, change.record)
    if change.claim in _CLAIM:
        yield _CLAIM[change.claim]
    if change.completion:
        yield "the job's completion recorded"
    if change.holds:
        yield _hold(change)
    if change.of_connection:
        yield "warning about the connection" if change.of_connection[1] else "no warning about the connection"
    if len(kept := [*kept_warnings(change.send.findings)]) > len([*kept_warnings(before.findings)]):
        yield f"`{kept[-1].code}`, a warning"
    if change.attempt:
        yield "call recorded"
    if change.superseded:
        yield "older failures superseded"
    if change.warning in _WARNING:
        yield "warning of the older failure" if change.standing else _WARNING[change.warning]
    if change.late:
        yield "a separate warning that a verdict was wrong"
    yield from (_EVENTS[kind] for kind in change.tells)
    if change.acts:
        yield "audit"
    if change.wakes:
        yield "worker woken"


def _send(before: Send, facts: Facts, change: Change) -> Iterator[str]:
    after = change.send
    if after.waits_for and not before.waits_for:
        yield "waits for the other send"
    elif after.due_at and after.due_at > facts.now:
        yield f"a pause of {int((after.due_at - facts.now).total_seconds())} s"
    if after.attempts > before.attempts:
        yield "a try used up"
    if change.plan:
        yield "plan" + (f" with {len(change.plan.lines)} lines" if change.plan.lines else "")
    elif before.plan_id != after.plan_id:
        yield "plan dropped"
    if after.header is not before.header:
        yield _HEADER[after.header]
    if after.number_written and not before.number_written:
        yield "number on the job"


def _lines(facts: Facts, change: Change) -> Iterator[str]:
    known = {row.id: row for row in facts.lines}
    if change.give_back:
        yield "open lines given back"
    if change.intent:
        yield f"intent of the next line (now {change.intent.line.state.value})"
    for row in change.lines:
        verdict = " by hand" if row.attempt_id == "by_hand" else f" by {row.settled_by}" if row.settled_by else ""
        new = "" if row.id in known else "new "
        back = ", given back" if row.given_back else ""
        yield f"{new}line: {row.state.value}{verdict}{back}"


def _record(was: WorkOrderRecord | None, record: WorkOrderRecord) -> Iterator[str]:
    if was is None:
        was = replace(record, number=None, sent=None, failure_reported=False, header_until=None, items_unknown=False)
    if record.header_until and record.header_until != was.header_until:
        yield "gate for 8 s"
    if was.header_until and not record.header_until:
        yield "gate closed"
    if record.last_send_id != was.last_send_id:
        yield "number and values recorded as sent"
    elif record.sent != was.sent:
        yield "changed values recorded as uncertain"
    if record.items_unknown != was.items_unknown:
        yield "items of somebody else: " + ("unknown" if record.items_unknown else "declared")
    elif record.items_declared_at != was.items_declared_at:
        yield "items declared"
    for key, now in record.annotations.items():
        before = was.annotations.get(key)
        if before is None or before.state is not now.state or before.attempt_id != now.attempt_id:
            yield f"{key if kind_of(key) is not AnnotationKind.NOTE else 'note'}: {now.state.value.replace('_', ' ')}"
    if record.failure_reported != was.failure_reported:
        yield "comment due" if record.failure_reported else "no comment on the job"


def _hold(change: Change) -> str:
    if change.hold is None:
        return "hold ended"
    if change.hold.until is None:
        return "connection held until somebody fixes the cause"
    return "connection held"
