"""The life cycle of a send in one place: which events each state accepts, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.model.sending.lifecycle.acts import cancelled, gave_way, marked_done, retried, settled
from core.model.sending.lifecycle.annotate import (
    annotation_answered,
    annotation_begins,
    annotation_unread,
)
from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.endings import endpoint_silent, kept_warnings
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    AnnotationBegins,
    AnnotationUnread,
    Cancelled,
    EndpointSilent,
    Event,
    EvidenceFound,
    GaveWay,
    HeaderAnswered,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NotReported,
    NumberNotWritten,
    NumberWritten,
    Planned,
    Reported,
    Retried,
    ServiceTradeTrouble,
    Settled,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.header import (
    header_answered,
    header_begins,
    number_not_written,
    number_written,
    servicetrade_trouble,
)
from core.model.sending.lifecycle.lines import (
    evidence_found,
    line_answered,
    line_begins,
    spectrum_trouble_of_line,
)
from core.model.sending.lifecycle.planned import planned
from core.model.sending.lifecycle.report import not_reported, reported, step_failed
from core.model.sending.send import CALLS_SPECTRUM, HeaderState, Send, SendState, Step
from core.model.shared.errors import SendChanged

STEP_OF: Mapping[type[Any], frozenset[Step]] = {
    Planned: frozenset({Step.PLAN}),
    ServiceTradeTrouble: frozenset({Step.PLAN}),
    HeaderBegins: frozenset({Step.HEADER}),
    HeaderAnswered: frozenset({Step.HEADER}),
    NumberWritten: frozenset({Step.WRITE_BACK}),
    NumberNotWritten: frozenset({Step.WRITE_BACK}),
    LineBegins: frozenset({Step.LINES}),
    SpectrumTrouble: frozenset({Step.LINES}),
    EndpointSilent: CALLS_SPECTRUM,
    AnnotationBegins: frozenset({Step.ANNOTATE}),
    AnnotationAnswered: frozenset({Step.ANNOTATE}),
    AnnotationUnread: frozenset({Step.ANNOTATE}),
    Reported: frozenset({Step.REPORT}),
    NotReported: frozenset({Step.REPORT}),
    EvidenceFound: frozenset({Step.EVIDENCE}),
    StepFailed: frozenset(Step) - {Step.DONE},
}
"""The steps in which an outcome can come. Other events can come at any time: a late answer, or a person's act."""

_RULES: Mapping[type[Any], Callable[[Send, Any, Facts], Change]] = {
    Planned: planned,
    ServiceTradeTrouble: servicetrade_trouble,
    HeaderBegins: header_begins,
    HeaderAnswered: header_answered,
    NumberWritten: number_written,
    NumberNotWritten: number_not_written,
    LineBegins: line_begins,
    LineAnswered: line_answered,
    AnnotationBegins: annotation_begins,
    AnnotationAnswered: annotation_answered,
    AnnotationUnread: annotation_unread,
    SpectrumTrouble: spectrum_trouble_of_line,
    EndpointSilent: endpoint_silent,
    Reported: reported,
    NotReported: not_reported,
    EvidenceFound: evidence_found,
    StepFailed: step_failed,
    Cancelled: cancelled,
    GaveWay: gave_way,
    Retried: retried,
    MarkedDone: marked_done,
    Settled: settled,
}
EVENTS = tuple(_RULES)


def decide(send: Send, event: Event, facts: Facts) -> Change:
    """The change that follows from `event`. Pure: the same send, event and facts give the same change.

    Raises SendChanged for an outcome of another step than the send's, Conflict for an act that does not fit its state.
    """
    steps = STEP_OF.get(type(event))
    if steps is not None and (send.step not in steps or (send.state.finished and send.state not in _REPORTS)):
        raise SendChanged(f"The send {send.id} is {send.state.value}, at {send.step.value}.", fix="Load it again.")
    change = _RULES[type(event)](send, event, facts)
    if not isinstance(event, HeaderAnswered):
        change = change.but(send=_still_warned(send, change.send))
    rests = change.send.state.finished or change.send.state is SendState.NEEDS_ATTENTION
    due = change.send.due_at
    return change.but(
        frees=rests or change.give_back,
        # A send that rests owes nothing, so it also gives back a line that only now proves not to be posted.
        lines=tuple(replace(line, given_back=True) if rests and line.state.open else line for line in change.lines),
        # An event from outside the drain must wake the connection.
        wakes=change.wakes or (steps is None and due is not None and due != send.due_at),
    )


_REPORTS = frozenset({SendState.DONE_BY_HAND})
"""Finished states in which the outcome is still to be reported in ServiceTrade."""


def _still_warned(before: Send, after: Send) -> Send:
    """The send with what became of the header, the note and the marker, whatever else is found out about the plan."""
    if before.header is not HeaderState.STANDS or after.plan_id != before.plan_id:
        return after
    lost = [found for found in kept_warnings(before.findings) if found not in after.findings]
    return replace(after, findings=(*after.findings, *lost)) if lost else after
