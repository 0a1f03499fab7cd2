"""Several events of one send that are decided and stored together, because nothing outside happens between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.decide import decide
from core.model.sending.lifecycle.event import Event
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Send

Follow = Callable[[Change, Facts], Event | None]
"""The next event after a change; None if a call has to be made first."""


def no_more(_change: Change, _facts: Facts) -> None:
    """Nothing follows."""


def decide_in_turn(send: Send, event: Event, facts: Facts, follow: Follow = no_more) -> Sequence[Change]:
    """The changes that follow from the event and from those that `follow` names after it. Raises as `decide` does."""
    changes = [decide(send, event, facts)]
    while following := follow(changes[-1], facts := _after(facts, changes[-1])):
        changes.append(decide(changes[-1].send, following, facts))
    return changes


def together(changes: Sequence[Change]) -> Change:
    """One change that stores what these store one after the other, except for their logs."""
    return reduce(_joined, changes)


def _after(facts: Facts, change: Change) -> Facts:
    """The facts once the change is stored."""
    changed = {line.id: line for line in (*change.lines, *(change.plan.lines if change.plan else ()))}
    lines = {line.id: line for line in facts.lines} | changed
    if change.give_back:
        lines = {id: replace(line, given_back=True) if line.state.open else line for id, line in lines.items()}
        lines |= {line.id: line for line in (change.plan.lines if change.plan else ())}
    superseded = {send.id for send in change.superseded}
    unclear = {line.id: line for line in (*facts.unclear, *changed.values()) if line.state.unclear}
    return replace(
        facts,
        lines=list(lines.values()),
        unclear=[line for line in unclear.values() if line.id not in changed or changed[line.id].state.unclear],
        record=change.record or facts.record,
        told=[other for other in facts.told if other.id not in superseded],
        hold=change.hold if change.holds else facts.hold,
    )


def _joined(first: Change, second: Change) -> Change:
    lines = {line.id: line for line in first.lines}
    if second.give_back:
        # The second change gives back what the send owes then, so also what only the first one makes open.
        lines = {id: replace(line, given_back=True) if line.state.open else line for id, line in lines.items()}
    claims = second if second.claim is not ClaimChange.KEEP else first
    warns = second if second.warning is not WarningChange.KEEP else first
    return second.but(
        attempt=second.attempt or first.attempt,
        plan=second.plan or first.plan,
        lines=tuple((lines | {line.id: line for line in second.lines}).values()),
        give_back=first.give_back or second.give_back,
        frees=first.frees or second.frees,
        record=second.record or first.record,
        claim=claims.claim,
        number=claims.number,
        completion=second.completion or first.completion,
        superseded=(*first.superseded, *second.superseded),
        warning=warns.warning,
        standing=warns.standing,
        late=second.late or first.late,
        annotation=second.annotation or first.annotation,
        of_connection=second.of_connection or first.of_connection,
        holds=first.holds or second.holds,
        hold=second.hold if second.holds else first.hold,
        plugin_failed=first.plugin_failed or second.plugin_failed,
        tells=(*first.tells, *second.tells),
        acts=(*first.acts, *second.acts),
        wakes=first.wakes or second.wakes,
    )
