"""What holds for every change of a send, whatever it came from. Each law yields the words of what it finds broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.model.sending.answer import Accepted, NotSent, Refused, Unknown
from core.model.sending.coverage import covers
from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    AnnotationBegins,
    AnnotationUnread,
    Cancelled,
    Event,
    EvidenceFound,
    GaveWay,
    HeaderAnswered,
    LineAnswered,
    MarkedDone,
    Retried,
    Settled,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.webhooks.event import EventType
from core.model.work_orders.annotation import AnnotationState
from core.model.work_orders.cost_line import LedgerLine, LineState

OUTSIDE = (LineAnswered, Cancelled, GaveWay, Retried, MarkedDone, Settled)
"""What comes from elsewhere than the drain that has the connection, which would see by itself what is due."""
_WORKS = (SendState.QUEUED, SendState.SENDING, SendState.RETRYING)
_SENT = (SendState.SENT, SendState.SENT_WITH_WARNINGS)


@dataclass(frozen=True)
class Outcome:
    """A decision with all that it was made from, and the send's rows once it is stored."""

    before: Send
    event: Event
    facts: Facts
    change: Change
    rows: Sequence[LedgerLine]

    @property
    def after(self) -> Send:
        return self.change.send


def outcome(before: Send, event: Event, facts: Facts, change: Change) -> Outcome:
    return Outcome(before, event, facts, change, list(_stored(before, facts, change)))


def _stored(before: Send, facts: Facts, change: Change) -> Iterator[LedgerLine]:
    """In the order in which `commit_change` stores it: first what is given back, then the lines that come along."""
    kept = {row.id: row for row in facts.lines}
    if change.give_back:
        kept = {id_: replace(row, given_back=row.given_back or row.state.open) for id_, row in kept.items()}
    kept |= {row.id: row for row in (*change.lines, *(change.plan.lines if change.plan else ()))}
    yield from (row for row in kept.values() if row.send_id == before.id)


def broken_laws(found: Outcome) -> list[str]:
    return [f"{law.__name__}: {words}" for law in LAWS for words in law(found)]


def it_stays_the_same_send(o: Outcome) -> Iterator[str]:
    for name in ("id", "tenant_id", "connection_id", "job_id", "seq", "version", "items", "adopt", "requested_by"):
        if getattr(o.before, name) != getattr(o.after, name):
            yield name


def the_end_leaves_nothing_to_do(o: Outcome) -> Iterator[str]:
    reports = o.after.state is SendState.DONE_BY_HAND and o.after.step is Step.REPORT
    if o.after.state.finished and o.after.due_at and not reports:
        yield f"{o.after.state} is due"
    if o.after.step is Step.DONE and o.after.due_at:
        yield "nothing is left, and it is due"


def the_end_has_its_moment(o: Outcome) -> Iterator[str]:
    ends = o.after.state.finished or o.after.state is SendState.NEEDS_ATTENTION
    if ends and o.after.finished_at is None:
        yield "it is not said when"
    if o.after.state in (*_WORKS, SendState.IN_DOUBT) and o.after.state is not o.before.state and o.after.finished_at:
        yield f"{o.after.state} has an end"


def what_is_left_to_do_is_due(o: Outcome) -> Iterator[str]:
    works = o.after.state in _WORKS or o.after.step in (Step.REPORT, Step.EVIDENCE)
    if works and o.after.due_at is None and o.after.waits_for is None:
        yield f"{o.after.state} at {o.after.step} is neither due nor waits for another"


def it_waits_only_where_it_may(o: Outcome) -> Iterator[str]:
    if o.after.waits_for and (o.after.state, o.after.step) != (SendState.QUEUED, Step.PLAN):
        yield f"it waits for another as {o.after.state} at {o.after.step}"


def what_needs_a_person_is_warned_of(o: Outcome) -> Iterator[str]:
    told = (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
    entered = o.after.state in told and o.before.state is not o.after.state
    taken_back = o.before.failed_before and isinstance(o.event, Cancelled)
    wanted = WarningChange.FORMER if taken_back else WarningChange.RAISE
    if entered and o.change.warning is not wanted:
        yield f"the warning is to be {wanted}, and is {o.change.warning}"
    if entered and not taken_back and not (o.change.record and o.change.record.failure_reported):
        yield "it is not noted that a comment stands"
    if o.after.state in (*told, SendState.RETRYING) and not o.after.findings:
        yield "nothing says why"
    if o.change.warning is WarningChange.RAISE and not (o.change.standing or o.after).findings:
        yield "a warning without words"
    if o.after.state in told and o.change.warning is WarningChange.CLEAR:
        yield "the warning is gone"


def whoever_rests_owes_nothing(o: Outcome) -> Iterator[str]:
    rests = o.after.state.finished or o.after.state is SendState.NEEDS_ATTENTION
    kept = [row.id for row in o.rows if row.takes_place and row.state.open]
    if o.before.state is o.after.state:  # then nothing comes to it, at least
        kept = [row.id for row in o.change.lines if row.takes_place and row.state.open]
    if rests and kept:
        yield f"{o.after.state} keeps {kept}"
    if rests and not o.change.frees:
        yield "whoever waited for it is not woken"
    if o.change.give_back and not o.change.frees:
        yield "lines are given back, and whoever waited is not woken"


def sent_is_shown(o: Outcome) -> Iterator[str]:
    if o.after.state not in _SENT or o.before.state in _SENT:
        return
    planned = {(row.item_id, row.round) for row in (o.after.plan.lines if o.after.plan else ())}
    posted = {
        (row.item_id, row.round)
        for row in o.rows
        if row.plan_id == o.after.plan_id and row.takes_place and row.state is LineState.POSTED
    }
    if planned - posted:
        yield f"not posted: {planned - posted}"
    if any(row.owed for row in o.rows):
        yield "it still owes a line"


def only_its_own_lines_change(o: Outcome) -> Iterator[str]:
    touched = (*o.change.lines, *(o.change.plan.lines if o.change.plan else ()))
    touched += (o.change.intent.line,) if o.change.intent else ()
    known = {row.id: row for row in o.facts.lines}
    for row in touched:
        if row.send_id not in ("", o.before.id) or (not row.send_id and row.id in known):
            yield f"{row.id} belongs to {row.send_id!r}"
        was = known.get(row.id)
        if was and (was.item_id, was.round, was.work_order_number) != (row.item_id, row.round, row.work_order_number):
            yield f"{row.id} became another line"


def what_stands_is_not_taken_away(o: Outcome) -> Iterator[str]:
    known = {row.id: row for row in (*o.facts.unclear, *o.facts.lines)}
    for row in o.change.lines:
        was = known.get(row.id)
        if was is None:
            continue
        told = isinstance(o.event, LineAnswered)  # Spectrum's own word
        if was.state is LineState.POSTED and row.state is not LineState.POSTED and not told:
            yield f"{row.id} was posted and is {row.state}"
        may_turn_up = was.state.unclear and (was.quiet_until is None or was.quiet_until > o.facts.now)
        if may_turn_up and row.state.open and not told:
            yield f"{row.id} is called {row.state} while it may still turn up"
        if row.given_back and not row.state.open:
            yield f"{row.id} is {row.state} and given back"


def no_place_is_taken_twice(o: Outcome) -> Iterator[str]:
    """What the database refuses: two lines in one place."""
    own = {row.id for row in o.rows}
    others = [row for row in (o.facts.account.lines if o.facts.account else ()) if row.id not in own]
    loose = [row for row in o.change.lines if row.send_id != o.before.id]
    there = [row for row in (*o.rows, *others, *loose) if row.takes_place]
    touched = {row.id for row in o.change.lines if row.takes_place}
    for row in (row for row in there if row.id in touched):
        place = (row.work_order_number, row.item_id, row.round)
        if [other.id for other in there if (other.work_order_number, other.item_id, other.round) == place] != [row.id]:
            yield f"{row.id} in {place}"


def a_verdict_has_a_name(o: Outcome) -> Iterator[str]:
    if isinstance(o.event, (EvidenceFound, Settled, MarkedDone)):
        for row in o.change.lines:
            if not (row.settled_by and row.settled_reason and row.settled_at == o.facts.now):
                yield row.id


def a_line_leaves_only_when_all_is_clear(o: Outcome) -> Iterator[str]:
    if not o.change.intent:
        return
    row = o.change.intent.line
    if o.facts.unclear:
        yield "another line of the work order is in doubt"
    if row.given_back or row.state not in (LineState.PLANNED, LineState.NOT_POSTED):
        yield f"it is {row.state}, given back: {row.given_back}"
    if row.plan_id != o.before.plan_id:
        yield "it is of another plan"
    if o.after.step is not Step.LINES or o.after.header is not o.before.header:
        yield "the send is elsewhere"


def doubt_is_about_its_own_lines(o: Outcome) -> Iterator[str]:
    if o.after.state is SendState.IN_DOUBT and o.before.state is not SendState.IN_DOUBT:
        if not any(row.state is LineState.IN_DOUBT for row in o.rows):
            yield "no line of it is"
        if any(row.state is LineState.SENDING for row in o.rows):
            yield "a line of it is called sending, so nobody can settle it"
    clear = not any(row.state.unclear for row in o.rows)
    if isinstance(o.event, EvidenceFound) and o.after.step is Step.DONE and clear:
        yield "nothing is in doubt, and it rests for ever"
    goes_on = o.before.state is SendState.IN_DOUBT and o.after.state is SendState.SENDING
    if goes_on and any(row.state.unclear for row in o.rows):
        yield "it goes on, and a line of it is unclear"


def a_claim_goes_back_only_where_nothing_was_written(o: Outcome) -> Iterator[str]:
    if o.change.claim is ClaimChange.GIVE_BACK:
        event = o.event
        if not isinstance(event, HeaderAnswered):
            yield "nothing was answered"
            return
        nothing = isinstance(event.outcome, NotSent | Refused) and event.fresh
        codes = {found.code for found in event.diagnosis.findings} if event.diagnosis else set()
        login = isinstance(event.outcome, Unknown) and any(code.startswith("AUTH_") for code in codes)
        if not (nothing or login):
            yield "something may have been written"
    if o.change.claim is ClaimChange.ACCEPT and o.after.header is HeaderState.NONE:
        yield "a number is accepted without a header"
    if o.change.claim is not ClaimChange.KEEP and o.change.number is None:
        yield "of what number?"


def nobody_elses_number_is_written(o: Outcome) -> Iterator[str]:
    adopts = o.change.number is not None and o.change.number.adopt
    if o.change.claim is ClaimChange.TAKE and o.facts.number_taken and not adopts:
        yield "it is taken"


def a_header_leaves_through_its_gate(o: Outcome) -> Iterator[str]:
    record, was = o.change.record, o.facts.record
    if o.change.claim is ClaimChange.TAKE:
        if was and was.header_until and was.header_until > o.facts.now and was.header_epoch != o.facts.epoch:
            yield "another worker's header may still leave"
        if o.after.header is HeaderState.NONE or o.after.step is not Step.HEADER:
            yield "it is not noted that it may have left"
        if not record or (record.header_until, record.header_epoch) != (
            o.facts.now + o.facts.header_within,
            o.facts.epoch,
        ):
            yield "the gate is not set"
        if not record or not o.change.number or record.claim_owner != o.change.number.owner:
            yield "it is not noted whom the number is for"
    elif o.change.annotation:
        if not record or record.header_epoch != o.facts.epoch or not record.header_until:
            yield "the gate is not set for the note or the marker"
    elif record and record.header_until and was and record.header_until != was.header_until:
        yield "the gate is set without a header"
    if isinstance(o.event, HeaderAnswered) and (not record or record.header_until or record.header_epoch):
        yield "the gate stays open"


def a_note_endangers_nothing(o: Outcome) -> Iterator[str]:
    if not isinstance(o.event, AnnotationBegins | AnnotationAnswered | AnnotationUnread):
        return
    if o.after.state not in (SendState.SENDING, SendState.RETRYING):
        yield f"it is {o.after.state}"
    if o.change.lines or o.change.give_back or o.after.header is not o.before.header:
        yield "header or lines change"
    record, event = o.change.record, o.event
    if o.change.annotation and o.change.annotation.appends:
        before = o.facts.record.annotations.get(o.change.annotation.key) if o.facts.record else None
        if before and before.plan_id == o.before.plan_id and before.state is AnnotationState.SENDING:
            yield "a text is added once more, and the first call may have added it"
    if isinstance(event, AnnotationAnswered) and isinstance(event.outcome, Unknown | Accepted):
        decided = record is not None and record.annotations[event.annotation.key].state.final
        if event.annotation.appends and not decided:
            yield "a text that may have been added can be added again"


def what_stands_of_the_header_stays(o: Outcome) -> Iterator[str]:
    order = list(HeaderState)
    if o.before.header is HeaderState.STANDS and o.after.header is not HeaderState.STANDS:
        yield f"it is {o.after.header}"
    back = order.index(o.after.header) < order.index(o.before.header)
    answered_clean = isinstance(o.event, HeaderAnswered) and o.event.fresh
    if back and not answered_clean:
        yield f"{o.before.header} became {o.after.header}"
    record, was = o.change.record, o.facts.record
    if record and was and was.number and not record.number:
        yield "the number is forgotten"
    if record and was and was.items_unknown and not record.items_unknown and not isinstance(o.event, MarkedDone):
        yield "it is forgotten that others may have posted items"


def a_hold_is_told_once(o: Outcome) -> Iterator[str]:
    begins = o.change.holds and o.change.hold is not None and o.facts.hold is None
    if begins != (EventType.CONNECTION_HELD in o.change.tells) and o.facts.hold is None:
        yield f"begins: {begins}, told: {o.change.tells}"
    if o.change.hold and not o.change.holds:
        yield "a hold that is not stored"
    if o.change.hold and o.change.hold.until and not o.facts.now < o.change.hold.until:
        yield "it is over before it began"


def an_end_is_told_once(o: Outcome) -> Iterator[str]:
    for kind, states in (
        (EventType.SEND_SUCCEEDED, (*_SENT, SendState.DONE_BY_HAND)),
        (EventType.SEND_FAILED, (SendState.NEEDS_ATTENTION,)),
        (EventType.SEND_IN_DOUBT, (SendState.IN_DOUBT,)),
    ):
        if kind in o.change.tells and o.after.state not in states:
            yield f"{kind} of a send that is {o.after.state}"
    if o.after.state in _SENT and o.before.state not in _SENT and EventType.SEND_SUCCEEDED not in o.change.tells:
        yield "nobody hears that it was sent"


def an_end_is_an_end(o: Outcome) -> Iterator[str]:
    """Only Spectrum's own word opens it again."""
    if o.before.state.finished and o.after.state is not o.before.state and not isinstance(o.event, LineAnswered):
        yield f"{o.before.state} became {o.after.state}"
    if o.after.failed_before and not (o.before.failed_before or isinstance(o.event, Retried)):
        yield "it counts as failed, and never was"


def a_wait_is_a_wait(o: Outcome) -> Iterator[str]:
    due = o.after.due_at
    if o.after.state is SendState.RETRYING and o.before.state is not SendState.RETRYING:
        if due is None or not timedelta(0) < due - o.facts.now <= timedelta(hours=1):
            yield f"it is due at {due}"
        if o.change.warning is not WarningChange.RAISE:
            yield "nobody is warned"


def whoever_comes_from_outside_wakes_the_worker(o: Outcome) -> Iterator[str]:
    was, due = o.before.due_at, o.after.due_at
    if isinstance(o.event, OUTSIDE) and due and (was is None or due < was) and not o.change.wakes:
        yield "it is due, and nobody comes"


def what_people_do_is_in_the_audit(o: Outcome) -> Iterator[str]:
    said = {row.id: (row.settled_by, row.settled_reason) for row in o.change.lines if row.settled_at == o.facts.now}
    if isinstance(o.event, MarkedDone):
        said = {o.before.id: (o.event.by, o.event.reason)}
    if isinstance(o.event, MarkedDone | Settled | EvidenceFound):
        acts = {act.detail.get("line_id", act.subject): (act.actor, act.detail["reason"]) for act in o.change.acts}
        if acts != said or any(act.subject != o.before.id for act in o.change.acts):
            yield f"it says {o.change.acts}"
    elif isinstance(o.event, Cancelled | Retried):
        if [(act.actor, act.subject) for act in o.change.acts] != [(o.event.by, o.before.id)]:
            yield f"it says {o.change.acts}"
    elif o.change.acts:
        yield "nobody did that"


def only_older_failures_are_made_up_for(o: Outcome) -> Iterator[str]:
    told = {old.id: old for old in o.facts.told}
    for gone in o.change.superseded:
        was = told[gone.id]
        if was.state is not SendState.NEEDS_ATTENTION or was.seq >= o.before.seq or not covers(o.before, was):
            yield f"{gone.id} is not"
        if gone.state is not SendState.SUPERSEDED or gone.due_at:
            yield f"{gone.id} is still {gone.state}"


LAWS: tuple[Callable[[Outcome], Iterator[str]], ...] = (
    it_stays_the_same_send,
    the_end_leaves_nothing_to_do,
    the_end_has_its_moment,
    what_is_left_to_do_is_due,
    it_waits_only_where_it_may,
    what_needs_a_person_is_warned_of,
    whoever_rests_owes_nothing,
    sent_is_shown,
    only_its_own_lines_change,
    no_place_is_taken_twice,
    what_stands_is_not_taken_away,
    a_verdict_has_a_name,
    a_line_leaves_only_when_all_is_clear,
    doubt_is_about_its_own_lines,
    a_claim_goes_back_only_where_nothing_was_written,
    nobody_elses_number_is_written,
    a_header_leaves_through_its_gate,
    a_note_endangers_nothing,
    what_stands_of_the_header_stays,
    a_hold_is_told_once,
    an_end_is_told_once,
    an_end_is_an_end,
    a_wait_is_a_wait,
    whoever_comes_from_outside_wakes_the_worker,
    what_people_do_is_in_the_audit,
    only_older_failures_are_made_up_for,
)
