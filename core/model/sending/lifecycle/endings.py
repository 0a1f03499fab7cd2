"""The states in which a step may leave a send: failed, waiting, in doubt, held, or ended. All outcomes use these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from core.model.catalogue import finding
from core.model.connections.connection import Hold
from core.model.sending.coverage import covers
from core.model.sending.diagnosis import SPECTRUM_WARNED, Diagnosis, Remedy
from core.model.sending.lifecycle.change import Change, WarningChange
from core.model.sending.lifecycle.event import EndpointSilent
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Attempt, Send, SendState, Step
from core.model.shared.finding import Finding, Severity
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import LineState
from core.model.work_orders.line_words import doubt_finding
from core.model.work_orders.work_order import WorkOrderRecord

TOLD = frozenset({SendState.NEEDS_ATTENTION, SendState.IN_DOUBT})
"""States with a comment on the job and a warning until a person acts."""
PLUGINS_FAILING = "PLUGINS_FAILING"
ANNOTATION_CODES = frozenset(
    {"NOTE_NOT_WRITTEN", "NOTE_UNCLEAR", "MARKER_NOT_WRITTEN", "DOCUMENT_NOT_SENT", "DOCUMENT_UNCLEAR"}
)
MOST_FAILURES = 3
"""After this many sends in a row that fail in a plugin, the connection is held."""
_PLUGIN_CODES = frozenset({"PLUGIN_ERROR", "PLUGIN_TIMEOUT", "PLUGIN_MISSING"})
_STAYS = TOLD | {SendState.DONE_BY_HAND}
"""A send in one of these states keeps it while its report to ServiceTrade is retried."""
_SPECTRUM_ANSWERED = (Remedy.PERSON, Remedy.WAIT_FOR_RECORD)
"""After a clean refusal the cause of the connection's hold is over."""
_SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=1)
"""Limits for the wait that a remote system asks for."""


def failed(
    send: Send, facts: Facts, findings: Sequence[Finding], attempt: Attempt | None = None, hold: Hold | None = None
) -> Change:
    """The send fails, and a person has to fix the cause. Raise the warning now; write the comment in the next step.
    Give back the lines that were not posted, so that no other send waits for a failed one."""
    by_plugin = any(found.code in _PLUGIN_CODES for found in findings)
    if by_plugin and facts.plugin_failures + 1 >= MOST_FAILURES:
        hold = _plugins_fail(facts, findings)
        findings = (hold.finding, *findings)
    send = replace(
        send,
        state=SendState.NEEDS_ATTENTION,
        step=Step.REPORT,
        attempts=0,
        waits=0,
        due_at=facts.now,
        finished_at=facts.now,
        waits_for=None,
        findings=tuple(findings),
    )
    return Change(
        send=send,
        attempt=attempt,
        give_back=True,
        superseded=made_up_for(send, facts),
        warning=WarningChange.RAISE,
        record=replace(record_of(send, facts), failure_reported=True),
        holds=hold is not None,
        hold=hold,
        plugin_failed=by_plugin,
        tells=(EventType.SEND_FAILED, EventType.CONNECTION_HELD) if hold else (EventType.SEND_FAILED,),
        log="send.failed",
        log_data={"findings": [found.code for found in findings]},
    )


def repeated(send: Send, facts: Facts, findings: Sequence[Finding], attempt: Attempt | None = None) -> Change:
    """Retry the send after the next delay. When all delays are used up, it fails."""
    pause = facts.delays.after(send.attempts + 1)
    if pause is None and send.state in _STAYS:
        return rests(send)
    if pause is None:
        return failed(send, facts, findings, attempt)
    return _postponed(replace(send, attempts=send.attempts + 1), facts, findings, pause, attempt)


def waits(
    send: Send,
    facts: Facts,
    findings: Sequence[Finding],
    retry_after: float | None = None,
    attempt: Attempt | None = None,
) -> Change:
    """Wait for a cause that ends by itself, without a limit; the last delay repeats. `retry_after` is in seconds."""
    send = replace(send, waits=send.waits + 1)
    pause = facts.delays.held(send.waits)
    if retry_after is not None:
        pause = min(max(timedelta(seconds=retry_after), _SHORTEST_WAIT), LONGEST_WAIT)
    return _postponed(send, facts, findings, pause, attempt)


def in_doubt(send: Send, facts: Facts) -> Change:
    """A line may or may not have been posted: the send waits for a person or for evidence. Next, write the comment."""
    unclear = facts.unclear_of(send.id)
    findings = tuple(doubt_finding(line) for line in unclear)
    # The worker of a line that is still `sending` died, so the line may or may not have left.
    cut_short = [replace(line, state=LineState.IN_DOUBT) for line in unclear if line.state is LineState.SENDING]
    send = replace(
        send,
        state=SendState.IN_DOUBT,
        step=Step.REPORT,
        attempts=0,
        waits=0,
        due_at=facts.now,
        findings=findings,
    )
    return Change(
        send=send,
        lines=tuple(cut_short),
        warning=WarningChange.RAISE,
        record=replace(record_of(send, facts), failure_reported=True),
        tells=(EventType.SEND_IN_DOUBT,),
        log="send.in_doubt",
        log_data={"findings": [found.message for found in findings]},
    )


def rests(send: Send, change: Change | None = None) -> Change:
    """The failure or doubt is reported on the job; the send rests until a person fixes or settles it."""
    send = replace(send, step=Step.DONE, due_at=None, attempts=0, waits=0)
    return change.but(send=send) if change else Change(send=send)


def goes_on(send: Send, facts: Facts) -> Send:
    """The send, which continues if it was in doubt, because none of its lines is in doubt any more."""
    if send.state is not SendState.IN_DOUBT:
        return send
    return replace(
        send, state=SendState.SENDING, step=Step.LINES, due_at=facts.now, attempts=0, waits=0, finished_at=None
    )


def spectrum_trouble(send: Send, facts: Facts, diagnosis: Diagnosis, attempt: Attempt | None = None) -> Change:
    """Spectrum did not accept: hold the connection, wait for the record, retry, or fail."""
    match diagnosis.remedy:
        case Remedy.HOLD_CONNECTION:
            tries = (facts.hold.attempts if facts.hold else 0) + 1
            return _held(send, facts, diagnosis.findings, attempt, facts.delays.held(tries), tries)
        case Remedy.WAIT_FOR_RECORD | Remedy.REPEAT:
            change = repeated(send, facts, diagnosis.findings, attempt)
        case Remedy.HOLD_UNTIL_FIXED:
            return failed(send, facts, diagnosis.findings, attempt, Hold(diagnosis.findings[0], facts.now, None))
        case _:
            change = failed(send, facts, diagnosis.findings, attempt)
    if facts.hold and diagnosis.remedy in _SPECTRUM_ANSWERED and not change.holds:
        return change.but(holds=True)
    return change


def endpoint_silent(send: Send, event: EndpointSilent, facts: Facts) -> Change:
    """Hold the connection as if it had called itself. That counts as no try, so it does not lengthen the pauses."""
    message = f"Spectrum at {event.address} does not answer."
    tries = facts.hold.attempts if facts.hold else 0
    return _held(send, facts, (finding("ENDPOINT_UNREACHABLE", message),), None, event.wait, tries)


def made_up_for(send: Send, facts: Facts) -> tuple[Send, ...]:
    """Older failures of the job that this send replaces, with comment and warning: it includes all that they had."""
    return tuple(
        replace(old, state=SendState.SUPERSEDED, step=Step.DONE, due_at=None)
        for old in facts.told
        if _made_up_for(old, send)
    )


def standing(send: Send, facts: Facts) -> Sequence[Send]:
    """Other sends of the job that still need a person and that this one does not replace, oldest first."""
    return [old for old in facts.told if not _made_up_for(old, send)]


def record_of(send: Send, facts: Facts) -> WorkOrderRecord:
    """Our record of the job's work order; an empty one before its first send."""
    if facts.record:
        return facts.record
    return WorkOrderRecord(tenant_id=send.tenant_id, connection_id=send.connection_id, job_id=send.job_id)


def _made_up_for(old: Send, send: Send) -> bool:
    return old.state is SendState.NEEDS_ATTENTION and old.seq < send.seq and covers(send, old)


def _held(
    send: Send, facts: Facts, findings: Sequence[Finding], attempt: Attempt | None, pause: timedelta, tries: int
) -> Change:
    """Hold the whole connection. That uses up no attempt of this send."""
    since = facts.hold.since if facts.hold else facts.now
    hold = Hold(findings[0], since, facts.now + pause, tries)
    return Change(
        send=replace(send, state=SendState.RETRYING, due_at=hold.until, findings=tuple(findings)),
        attempt=attempt,
        warning=WarningChange.RAISE,
        holds=True,
        hold=hold,
        tells=() if facts.hold else (EventType.CONNECTION_HELD,),  # no second event for the same hold
        log="connection.held",
        log_data={"code": findings[0].code, "until": str(hold.until)},
    )


def _postponed(
    send: Send, facts: Facts, findings: Sequence[Finding], pause: timedelta, attempt: Attempt | None
) -> Change:
    """Set the next try. A failed or doubtful send whose comment could not be written keeps its state."""
    stays = send.state in _STAYS
    send = replace(
        send,
        state=send.state if stays else SendState.RETRYING,
        findings=send.findings if stays else tuple(findings),
        due_at=facts.now + pause,
    )
    return Change(
        send=send,
        attempt=attempt,
        warning=WarningChange.KEEP if stays else WarningChange.RAISE,
        log="send.postponed",
        log_data={"step": send.step.value, "codes": [found.code for found in findings], "due_at": str(send.due_at)},
    )


def _plugins_fail(facts: Facts, findings: Sequence[Finding]) -> Hold:
    """The hold for a plugin that fails one send after the other, so that it does not fail all waiting sends."""
    first = next(found for found in findings if found.code in _PLUGIN_CODES)
    message = (
        f"The last {MOST_FAILURES} sends of this connection failed in the plugin {first.origin}, so the others "
        f"wait. The last failure: {first.message}"
    )
    return Hold(finding(PLUGINS_FAILING, message, origin=first.origin), facts.now, None)


def clean(findings: Sequence[Finding]) -> bool:
    return not any(found.severity is Severity.WARNING for found in findings)


def kept_warnings(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What stays true of a send until its end: Spectrum's warnings, and what became of the note and the marker."""
    return (found for found in findings if found.code == SPECTRUM_WARNED or found.code in ANNOTATION_CODES)


def spectrum_warnings(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those of `findings` that are warnings in an answer of Spectrum."""
    return (found for found in findings if found.code == SPECTRUM_WARNED)
