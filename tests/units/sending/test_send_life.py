"""A send's life: every event, in every telling variant, at every state and step. What follows from each is printed in
docs/send-life.md; here it is held to the laws of `life_laws`, and to who may do what when."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.decide import EVENTS, STEP_OF, decide
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    Cancelled,
    GaveWay,
    HeaderAnswered,
    HeaderBegins,
    LineAnswered,
    MarkedDone,
    Planned,
    Retried,
    Settled,
)
from core.model.sending.send import COMPLETION, HeaderState, SendState, Step
from core.model.shared.errors import Conflict, SendChanged
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.sending.lifecycle.read_facts import OWN_LINES, UNCLEAR
from docs.generate.send_life import PAGE, send_life_page
from tests.support.each import for_each
from tests.units.sending.life_cases import (
    CASES,
    CRASH,
    GATE_ELSEWHERE,
    JUST_BACK,
    MORE,
    OLDER,
    ON_HOLD,
    STRANGERS,
    WENT_BACK,
)
from tests.units.sending.life_laws import broken_laws, outcome
from tests.units.sending.life_scene import LIFE, NOW, POINTS, WARNED, WITHOUT_ITEMS, Case, line, rows, send_at

UNPLANNED = {"plan": None, "plan_id": None, "work_order_number": None, "findings": (CRASH,)}
SENDS: Mapping[str, Mapping[str, Any]] = {
    "usual": {},
    "without items": {"items": ItemsMode.NONE, "plan": WITHOUT_ITEMS},
    "header begun": {"header": HeaderState.BEGUN},
    "header stands": {"header": HeaderState.STANDS},
    "warned": {"header": HeaderState.STANDS, "findings": (WARNED,)},
    "tried often": {"attempts": 4, "waits": 9},
    "by itself": {"requested_by": COMPLETION},
    "no plan": UNPLANNED,
}
EVERYWHERE = [(state, step) for state in SendState for step in Step]


def _says(case: Case) -> str:
    return f"{case.kind.__name__}-{case.says}"


def follows(case: Case, state: SendState, step: Step, **but: Any) -> Change:
    return decide(*case.at(state, step, **but))


def case(says: str) -> Case:
    return next(one for one in CASES if one.says == says)


def test_every_event_is_told() -> None:
    assert {one.kind for one in CASES} == set(EVENTS)
    assert len({_says(one) for one in CASES}) == len(CASES)


@for_each(CASES, _says)
def test_what_follows_keeps_the_laws(one: Case) -> None:
    for name, but in SENDS.items():
        for state, step in POINTS:
            given_ = one.at(state, step, **but)
            try:
                change = decide(*given_)
            except Conflict:
                continue
            assert broken_laws(outcome(*given_, change)) == [], f"{name}: {state} at {step}"


@for_each(CASES, _says)
def test_what_cannot_be_is_refused_and_nothing_else(one: Case) -> None:
    """Also where no send can ever be: an outcome of another step, or of a send at its end, is told as changed."""
    for state, step in EVERYWHERE:
        send, event, facts = one.at(state, step)
        steps = STEP_OF.get(one.kind)
        elsewhere = steps is not None and step not in steps
        over = steps is not None and state.finished and state is not SendState.DONE_BY_HAND
        try:
            decide(send, event, facts)
        except SendChanged:
            continue
        except Conflict:
            assert steps is None, f"{state} at {step}: only what may come at any time does not fit"
        else:
            assert not elsewhere, f"{state} at {step}"
            assert not over, f"{state} at {step}"


@for_each(CASES, _says)
def test_a_warning_of_spectrum_about_the_header_stays_until_that_is_written_anew(one: Case) -> None:
    for state, step in POINTS:
        send, event, facts = one.at(state, step, header=HeaderState.STANDS)
        send = replace(send, findings=(*send.findings, WARNED))
        try:
            after = decide(send, event, facts).send
        except Conflict:
            continue
        if after.plan_id == send.plan_id and not isinstance(event, HeaderAnswered):
            assert WARNED in after.findings, f"{state} at {step}"


@pytest.mark.parametrize("says", ["of the header", "of a line"])
def test_a_send_that_spectrum_warned_of_ends_with_a_warning(says: str) -> None:
    warned = case(f"ServiceTrade was told, and Spectrum had warned {says}")
    after = follows(warned, SendState.SENDING, Step.REPORT).send
    assert after.state is SendState.SENT_WITH_WARNINGS
    assert [found.code for found in after.findings] == [WARNED.code]


@for_each(CASES, _says)
def test_deciding_is_pure(one: Case) -> None:
    for state, step in POINTS:
        given_ = one.at(state, step)
        kept = copy.deepcopy(given_)
        try:
            first = decide(*given_)
        except Conflict:
            with pytest.raises(Conflict):
                decide(*given_)
        else:
            assert decide(*kept) == first
        assert given_ == kept


@for_each(CASES, _says)
def test_no_more_is_needed_than_is_read(one: Case) -> None:
    """`read_facts` reads only what an event needs: what it leaves empty decides nothing."""
    for state, step in POINTS:
        send, event, facts = one.at(state, step)
        with_items = send.items is not ItemsMode.NONE
        read: dict[str, Any] = {}
        if not isinstance(event, OWN_LINES):
            read["lines"] = ()
        if not isinstance(event, UNCLEAR):
            read["unclear"] = ()
        if not isinstance(event, Planned | HeaderBegins):
            read["number_taken"] = False
        if not (isinstance(event, Planned | MarkedDone) and with_items):
            read |= {"holder": None, "held_elsewhere": False}
            if not isinstance(event, LineAnswered):
                read["account"] = None
        try:
            change = decide(send, event, facts)
        except Conflict as refused:
            with pytest.raises(type(refused), match=re.escape(refused.message)):
                decide(send, event, replace(facts, **read))
        else:
            assert decide(send, event, replace(facts, **read)) == change, f"{state} at {step}"


def test_a_send_is_only_ever_where_it_can_be() -> None:
    led_to = set()
    for one in CASES:
        for state, step in POINTS:
            try:
                after = follows(one, state, step).send
            except Conflict:
                continue
            assert after.step in LIFE[after.state], f"{one.says}: {state} at {step} to {after.state} at {after.step}"
            if (after.state, after.step) != (state, step):
                led_to.add((after.state, after.step))
    # At its birth, or when an older failure is made up for, which is stored with the send that does so.
    elsewhere = {(SendState.QUEUED, Step.PLAN), (SendState.SUPERSEDED, Step.DONE), (SendState.SUPERSEDED, Step.PLAN)}
    assert set(POINTS) - led_to <= elsewhere


ACTS: Mapping[type[Any], Mapping[SendState, set[Step]]] = {
    Cancelled: {SendState.QUEUED: {Step.PLAN}, SendState.RETRYING: {Step.PLAN}},
    GaveWay: {SendState.QUEUED: {Step.PLAN}, SendState.RETRYING: {Step.PLAN}},
    Retried: {SendState.NEEDS_ATTENTION: set(LIFE[SendState.NEEDS_ATTENTION]), SendState.RETRYING: set(Step)},
    MarkedDone: {SendState.NEEDS_ATTENTION: set(LIFE[SendState.NEEDS_ATTENTION])},
    Settled: {state: set(Step) for state in SendState},
}


@pytest.mark.parametrize("act", ACTS)
def test_who_may_act_when(act: type[Any]) -> None:
    """An act fits somewhere and is refused everywhere else, with a code that says why."""
    for state, step in POINTS:
        codes = {_code(one, state, step) for one in CASES if one.kind is act}
        assert codes <= {"", *_REFUSALS[act]}
        assert ("" in codes) == (step in ACTS[act].get(state, set())), f"{state} at {step}"


def _code(one: Case, state: SendState, step: Step) -> str:
    """Why it is refused, '' if it is not."""
    try:
        follows(one, state, step)
    except Conflict as refused:
        return refused.code
    return ""


_REFUSALS: Mapping[type[Any], set[str]] = {
    Cancelled: {"SEND_NOT_CANCELLABLE"},
    GaveWay: {"SEND_CHANGED"},
    Retried: {"SEND_IN_DOUBT", "SEND_NOT_RETRYABLE"},
    MarkedDone: {"SEND_NOT_FAILED", "WORK_ORDER_BUSY", "WORK_ORDER_MOVED_ON", "RESTORE_TOO_FRESH"},
    Settled: {"LINE_NOT_IN_DOUBT", "DOUBT_TOO_FRESH"},
}


@pytest.mark.parametrize(
    ("says", "state", "code"),
    [
        ("mark as done, while another send posts", SendState.NEEDS_ATTENTION, "WORK_ORDER_BUSY"),
        ("mark as done, when another send posted its lines since", SendState.NEEDS_ATTENTION, "WORK_ORDER_MOVED_ON"),
        ("mark as done, right after the database went back", SendState.NEEDS_ATTENTION, "RESTORE_TOO_FRESH"),
        ("settle: it is not there, too early", SendState.IN_DOUBT, "DOUBT_TOO_FRESH"),
        ("settle a line that is not in doubt", SendState.IN_DOUBT, "LINE_NOT_IN_DOUBT"),
        ("retry", SendState.IN_DOUBT, "SEND_IN_DOUBT"),
    ],
)
def test_why_an_act_is_refused(says: str, state: SendState, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        follows(case(says), state, Step.DONE)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("says", "step", "state"),
    [
        ("the job changed since the preview that was agreed to", Step.PLAN, SendState.NEEDS_ATTENTION),
        ("something prevents it", Step.PLAN, SendState.NEEDS_ATTENTION),
        ("a rule keeps it back, and nobody asked in person", Step.PLAN, SendState.CANCELLED),
        ("a rule keeps it back, and somebody asked", Step.PLAN, SendState.NEEDS_ATTENTION),
        ("what is on the work order changed meanwhile", Step.PLAN, SendState.SENDING),
        ("another connection posts to the work order", Step.PLAN, SendState.RETRYING),
        ("Spectrum accepts it under another number", Step.HEADER, SendState.NEEDS_ATTENTION),
        ("it is on the job; the items are held", Step.WRITE_BACK, SendState.NEEDS_ATTENTION),
        ("a line is left, and the database went back", Step.LINES, SendState.NEEDS_ATTENTION),
        ("one is in doubt", Step.LINES, SendState.IN_DOUBT),
        ("the call of one was cut short", Step.LINES, SendState.IN_DOUBT),
        ("one gave way to a line that turned out to be there", Step.LINES, SendState.SENDING),
    ],
)
def test_what_must_not_go_out_stays(says: str, step: Step, state: SendState) -> None:
    change = follows(case(says), SendState.SENDING, step)
    assert change.send.state is state
    assert change.claim is not ClaimChange.TAKE
    assert change.intent is None
    if step is Step.PLAN and state in (SendState.NEEDS_ATTENTION, SendState.CANCELLED):
        assert change.plan is not None, "it is kept to be looked at"


def test_an_answer_is_never_dropped() -> None:
    for says in ("in time: posted", "a person said that it is not there: posted", "the database lost the line: posted"):
        change = follows(case(says), SendState.SENDING, Step.LINES)
        assert [row.state for row in change.lines] == [LineState.POSTED]
    assert follows(case("it was begun again since: posted, so it is there twice"), SendState.SENDING, Step.LINES).late
    missing = case("in time: unclear, since the service is not there; it holds the connection")
    assert follows(missing, SendState.SENDING, Step.LINES).hold


def test_a_crash_that_was_one_too_many_after_a_line_left_is_a_doubt() -> None:
    """As a failure it would keep the work order for ever: nobody can settle a line that is called sending."""
    change = follows(case("it fails too often, and a line has left"), SendState.SENDING, Step.LINES)
    assert (change.send.state, change.send.step) == (SendState.IN_DOUBT, Step.REPORT)
    assert [(row.id, row.state) for row in change.lines] == [("lin_permit", LineState.IN_DOUBT)]


def test_what_was_done_by_hand_stays_done_however_often_the_report_fails() -> None:
    change = follows(case("it fails too often"), SendState.DONE_BY_HAND, Step.REPORT)
    assert (change.send.state, change.send.step, change.send.due_at) == (SendState.DONE_BY_HAND, Step.DONE, None)


def test_an_answer_that_belongs_to_a_later_call_than_the_row_knows_is_stored_in_that_row() -> None:
    """The database has gone back behind its intent. An earlier call of the row is no call beside it."""
    one = case("the database lost the intent, and knows an earlier call as not posted: posted")
    change = follows(one, SendState.SENDING, Step.LINES)
    [row] = change.lines
    assert (row.id, row.state, row.attempt_id) == ("lin_permit", LineState.POSTED, "att_permit")
    assert change.late is None


def test_another_sends_doubt_is_waited_for_and_not_shared() -> None:
    """In doubt it would stay so for ever: settling the other's line lets only the other one go on."""
    change = follows(case("a line of another send is in doubt"), SendState.SENDING, Step.LINES)
    assert (change.send.state, change.send.step) == (SendState.RETRYING, Step.LINES)
    assert change.send.due_at is not None
    own = follows(case("settle: it is there, and another of its lines is in doubt"), SendState.IN_DOUBT, Step.DONE)
    assert own.send.state is SendState.IN_DOUBT
    others = follows(case("what is there proves it of another send's line"), SendState.IN_DOUBT, Step.EVIDENCE)
    assert (others.lines, others.send.state) == ((), SendState.IN_DOUBT)
    both = follows(case("settle: it is there, and another line is in doubt"), SendState.IN_DOUBT, Step.DONE)
    assert (both.send.state, both.send.step, both.wakes) == (SendState.SENDING, Step.LINES, True)


def test_a_line_whose_web_service_is_not_there_holds_the_connection() -> None:
    """Or every line that follows would be in doubt, too."""
    there = case("in time: unclear, since the service is not there; it holds the connection")
    change = follows(there, SendState.SENDING, Step.LINES)
    assert change.hold is not None
    assert (change.holds, change.hold.finding.code, change.hold.until) == (True, "WEB_SERVICE_DISABLED", None)
    assert change.tells == (EventType.CONNECTION_HELD,)
    assert [row.state for row in change.lines] == [LineState.IN_DOUBT]


def test_a_line_of_an_earlier_plan_is_settled_and_then_planned_once_more() -> None:
    written = follows(
        case("it is on the job; a line of an earlier plan is in doubt"), SendState.SENDING, Step.WRITE_BACK
    )
    assert written.send.step is Step.LINES
    anew = follows(case("one of an earlier plan was settled as not posted"), SendState.SENDING, Step.LINES)
    assert (anew.send.step, anew.give_back, anew.intent) == (Step.PLAN, True, None)
    told = case("ServiceTrade was told, and a line of an earlier plan is not posted")
    end = follows(told, SendState.SENDING, Step.REPORT)
    assert [found.code for found in end.send.findings] == ["SENT_NOT_PROVED"]


def test_waiting_for_another_send_is_no_failure() -> None:
    """Its own trouble is over then, with its warning; cancelling it is an end, not a failure that stands again."""
    change = follows(case("another send posts to the work order"), SendState.RETRYING, Step.PLAN)
    assert (change.send.state, change.send.waits_for) == (SendState.QUEUED, "snd_holder")
    assert not change.send.failed_before
    assert change.warning is WarningChange.FORMER
    retried = follows(case("another send posts to the work order"), SendState.QUEUED, Step.PLAN, findings=(CRASH,))
    assert retried.send.failed_before
    assert retried.warning is WarningChange.KEEP


def test_a_verdict_about_a_send_that_rests_keeps_no_line() -> None:
    change = follows(case("settle: it is not there"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert [(row.state, row.given_back) for row in change.lines] == [(LineState.NOT_POSTED, True)]
    assert change.frees


def test_a_written_header_is_known_with_its_values() -> None:
    change = follows(case("Spectrum accepts it"), SendState.SENDING, Step.HEADER)
    assert change.record is not None
    assert (change.record.number, change.record.sent) == ("104482", {"Customer_PO_Number": "PO 7"})
    assert (change.claim, change.send.header) == (ClaimChange.ACCEPT, HeaderState.STANDS)
    unclear = follows(case("no answer comes"), SendState.SENDING, Step.HEADER)
    assert unclear.record is not None
    assert unclear.record.sent == {"Zone": ""}, "what this plan changes may or may not stand there"


def test_a_header_that_a_gateway_turned_away_may_stand_all_the_same() -> None:
    """Its number is kept, and what it changes counts as unknown."""
    change = follows(case("another sign-in is asked for (401)"), SendState.SENDING, Step.HEADER)
    assert change.send.header is HeaderState.BEGUN
    assert change.record is not None
    assert (change.record.number, change.record.sent) == ("104482", {"Zone": ""})


@pytest.mark.parametrize(
    ("failed", "sent", "made_up_for"),
    [
        (ItemsMode.DIFFERENCE, ItemsMode.NEW_ONLY, False),
        (ItemsMode.DIFFERENCE, ItemsMode.AGAIN, False),
        (ItemsMode.DIFFERENCE, ItemsMode.DIFFERENCE, True),
        (ItemsMode.AGAIN, ItemsMode.NEW_ONLY, False),
        (ItemsMode.AGAIN, ItemsMode.DIFFERENCE, False),
        (ItemsMode.NEW_ONLY, ItemsMode.NONE, False),
        (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, True),
    ],
)
def test_a_failure_is_made_up_for_only_by_a_send_that_carries_all_of_it(
    failed: ItemsMode, sent: ItemsMode, made_up_for: bool
) -> None:
    older = send_at(SendState.NEEDS_ATTENTION, Step.DONE, id="snd_old", seq=4, items=failed)
    one = replace(case("ServiceTrade was told"), facts={"told": (older,)})
    change = follows(one, SendState.SENDING, Step.REPORT, items=sent)
    assert [old.id for old in change.superseded] == (["snd_old"] if made_up_for else [])
    assert change.warning is (WarningChange.CLEAR if made_up_for else WarningChange.RAISE)


def test_a_retry_plans_anew_although_the_header_stands() -> None:
    change = follows(case("retry"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert (change.send.header, change.send.step) == (HeaderState.STANDS, Step.PLAN)


@pytest.mark.parametrize("state", [SendState.SENT, SendState.DONE_BY_HAND, SendState.NEEDS_ATTENTION])
def test_a_refusal_that_comes_after_the_word_posted_opens_the_send_again_and_is_warned_of(state: SendState) -> None:
    change = follows(case("a person said that it is there: refused"), state, Step.DONE)
    assert (change.send.state, change.warning) == (SendState.NEEDS_ATTENTION, WarningChange.RAISE)
    assert [(row.id, row.state) for row in change.lines] == [("lin_permit", LineState.REJECTED)]


def test_an_account_that_changes_each_time_is_looked_at_again_once_and_then_waits() -> None:
    moves = case("what is on the work order changed meanwhile")
    first = follows(moves, SendState.QUEUED, Step.PLAN)
    assert (first.send.state, first.send.due_at, first.send.attempts) == (SendState.QUEUED, NOW, 1)
    second = follows(moves, SendState.QUEUED, Step.PLAN, attempts=1)
    assert second.send.state is SendState.RETRYING
    assert second.send.due_at is not None
    assert second.send.due_at > NOW
    assert follows(moves, SendState.RETRYING, Step.PLAN, attempts=99).send.state is SendState.NEEDS_ATTENTION


def test_the_lines_leave_in_their_order_and_a_correction_after_what_it_corrects() -> None:
    begins = case("a line is left")
    first = replace(begins, lines=rows(LineState.PLANNED, LineState.PLANNED))
    assert _next(follows(first, SendState.SENDING, Step.LINES)) == "lin_valve"
    refused = line("permit", LineState.REJECTED)
    correction = line("permit", LineState.PLANNED, id="lin_correction", round=1, place=2)
    held = replace(begins, lines=[line("valve", LineState.POSTED), refused, correction])
    change = follows(held, SendState.SENDING, Step.LINES)
    assert (change.intent, change.send.state) == (None, SendState.NEEDS_ATTENTION)


def _next(change: Change) -> str | None:
    return change.intent.line.id if change.intent else None


def test_done_by_hand_enters_each_line_and_each_item_that_stood_in_the_way() -> None:
    change = follows(case("mark as done"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert [(row.id, row.state, row.attempt_id) for row in change.lines] == [
        ("lin_permit", LineState.POSTED, "by_hand")
    ]
    blocked = follows(case("mark as done, when items stood in the way"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert [(row.id, row.item_id, row.state) for row in blocked.lines] == [("by_hand_1", "valve", LineState.POSTED)]
    held = follows(case("mark as done, when its items were held"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert held.record is not None
    assert (held.record.items_unknown, held.record.items_declared_at) == (False, NOW)
    unread = follows(case("mark as done, before anything was planned"), SendState.NEEDS_ATTENTION, Step.DONE)
    assert unread.record is not None
    assert unread.record.items_unknown


def test_after_a_wait_the_items_are_planned_as_they_are_by_then() -> None:
    change = follows(case("it is on the job after a wait"), SendState.RETRYING, Step.WRITE_BACK)
    assert (change.send.step, change.give_back) == (Step.PLAN, True)
    begun = replace(case("it is on the job after a wait"), lines=rows(LineState.POSTED, LineState.PLANNED))
    assert follows(begun, SendState.RETRYING, Step.WRITE_BACK).send.step is Step.LINES


def test_the_pauses_grow_and_come_to_an_end() -> None:
    pauses = []
    locked = case("the record is locked")
    for attempts in range(4):
        send = follows(locked, SendState.RETRYING, Step.LINES, attempts=attempts).send
        assert (send.state, send.attempts) == (SendState.RETRYING, attempts + 1)
        assert send.due_at
        pauses.append((send.due_at - NOW).total_seconds())
    assert pauses == [60, 120, 300, 900]
    assert follows(locked, SendState.RETRYING, Step.LINES, attempts=4).send.state is SendState.NEEDS_ATTENTION
    away = case("Spectrum is away")
    held = follows(away, SendState.RETRYING, Step.LINES, attempts=4)
    assert (held.send.state, held.send.attempts) == (SendState.RETRYING, 4), "a hold uses up no attempt"


_states = st.sampled_from(list(LineState))
_rows = st.lists(
    st.builds(
        line,
        st.sampled_from(["valve", "permit"]),
        _states,
        round=st.integers(0, 2),
        plan_id=st.sampled_from(["pln", "pln_former"]),
        given_back=st.booleans(),
        send_id=st.sampled_from(["snd", "snd", "snd", "snd_other"]),
    ).map(lambda row: replace(row, given_back=row.given_back and row.state.open)),
    max_size=3,
    unique_by=lambda row: (row.item_id, row.round),
).map(lambda found: [replace(row, id=f"lin_{row.item_id}{row.round or ''}") for row in found])


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    one=st.sampled_from(CASES),
    point=st.sampled_from(POINTS),
    but=st.fixed_dictionaries(
        {},
        optional={
            "attempts": st.integers(0, 5),
            "waits": st.integers(0, 3),
            "items": st.sampled_from(ItemsMode),
            "header": st.sampled_from(HeaderState),
            "completes": st.booleans(),
            "requested_by": st.sampled_from(["anna", COMPLETION]),
        },
    ),
    facts=st.fixed_dictionaries(
        {},
        optional={
            "hold": st.just(ON_HOLD),
            "told": st.lists(st.sampled_from([OLDER, MORE]), unique_by=lambda old: old.items),
            "plugin_failures": st.integers(0, 4),
            "record": st.sampled_from([None, STRANGERS, GATE_ELSEWHERE]),
            "items_hold": st.sampled_from([WENT_BACK, JUST_BACK]),
            "number_taken": st.booleans(),
            "epoch": st.sampled_from([None, 2, 3]),
        },
    ),
    found=_rows,
)
def test_whatever_is_known_the_laws_hold(
    one: Case, point: tuple[SendState, Step], but: dict[str, Any], facts: dict[str, Any], found: list[Any]
) -> None:
    own, others = [row for row in found if row.send_id == "snd"], [row for row in found if row.send_id != "snd"]
    mixed = replace(one, lines=own, others=others, facts=dict(one.facts) | facts)
    given_ = mixed.at(*point, **but)
    send, event, known = given_
    # A header is answered only after its intent was stored, and so is what else belongs to the work order.
    assume(not (isinstance(event, HeaderAnswered) and send.header is HeaderState.NONE))
    stored = known.record.annotations if known.record else {}
    assume(not (isinstance(event, AnnotationAnswered) and event.annotation.key not in stored))
    try:
        change = decide(*given_)
    except Conflict:
        return
    assert broken_laws(outcome(*given_, change)) == []


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == send_life_page(), "run: python -m docs.generate.send_life"


def test_the_page_tells_of_all_that_a_change_can_store() -> None:
    """A new part of a change gets its words, or is named here as one that the page leaves out."""
    told = {
        "send",
        "attempt",
        "plan",
        "intent",
        "lines",
        "give_back",
        "record",
        "claim",
        "completion",
        "superseded",
        "warning",
        "standing",
        "late",
        "of_connection",
        "holds",
        "hold",
        "tells",
        "acts",
        "wakes",
    }
    left_out = {"frees", "annotation", "number", "plugin_failed", "log", "log_data"}
    assert {field.name for field in fields(Change)} == told | left_out


def test_every_case_is_on_the_page() -> None:
    page = send_life_page()
    assert [one.says for one in CASES if one.says not in page] == []
