"""How far a send has come, told alike everywhere: no surface contradicts another, the facts, or itself."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from adapters.inbound.cli.views.send_view import print_send
from adapters.inbound.console.words import mark_rows, send_row
from adapters.inbound.schema.events import EVENTS
from adapters.inbound.schema.findings import WarningOut
from adapters.inbound.schema.sending.sends import SendOut
from core.model.connections.connection import Connection
from core.model.sending.failure_comment import failure_comment, send_event
from core.model.sending.lifecycle.decide import decide
from core.model.sending.lifecycle.event import Planned
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import Mark, Progress, progress_of
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import BY_HAND, ItemsMode, LedgerLine, LineState
from core.services.sending.read_sends import SendDetails
from tests.support.storage_scene import a_connection
from tests.units.sending.life_scene import CLAIM, HELD, NOW, PLAN, RECORD, REFUSED_LINE, WITHOUT_ITEMS, line, send_at

CONNECTION: Connection = replace(a_connection(1), name="Lakeside")
_LINE_FATES = st.tuples(
    st.sampled_from([None, *LineState]), st.booleans(), st.booleans(), st.sampled_from(["pln", "pln_old"])
)


@st.composite
def sends(draw: st.DrawFn) -> tuple[Send, list[LedgerLine]]:
    """Any send with any rows, also such as no life leads to: what is told follows from the facts alone."""
    state, items = draw(st.sampled_from(SendState)), draw(st.sampled_from(ItemsMode))
    plan = draw(st.sampled_from([None, PLAN, HELD, WITHOUT_ITEMS, replace(PLAN, creates=False)]))
    send = send_at(
        state,
        draw(st.sampled_from(Step)),
        items=items,
        plan=plan,
        job_number=plan.job_number if plan else None,
        header=draw(st.sampled_from(HeaderState)),
        number_written=draw(st.booleans()),
        work_order_number=draw(st.sampled_from([None, "104482"])),
        waits_for=draw(st.sampled_from([None, "snd_other"])),
        findings=(REFUSED_LINE,),
    )
    lines = []
    for item in ("valve", "permit") if items is not ItemsMode.NONE else ():
        fate, by_hand, given_back, of_plan = draw(_LINE_FATES)
        if fate is not None:
            attempt = BY_HAND if by_hand else f"att_{item}"
            lines.append(line(item, fate, attempt_id=attempt, given_back=given_back, plan_id=of_plan))
    return send, lines


@given(sends())
def test_the_sentence_says_what_the_facts_say(drawn: tuple[Send, list[LedgerLine]]) -> None:
    send, lines = drawn
    progress = progress_of(send, lines)
    said = outcome_words(send, progress, "Lakeside")
    there = send.header is HeaderState.STANDS or send.number_written
    if there:
        assert progress.work_order is Mark.DONE
    assert (" is in Lakeside" in said and "not known" not in said) == (progress.work_order is Mark.DONE)
    assert ("not known whether" in said) == (progress.work_order is Mark.UNKNOWN)
    if progress.work_order in (Mark.DONE, Mark.UNKNOWN, Mark.BY_HAND):
        for denied in ("was not sent", "is not sent", "wrote nothing"):
            assert denied not in said
    if progress.work_order is Mark.DONE:
        assert ("its number is on the job" in said) == send.number_written
        assert ("number was not written" in said) == (not send.number_written and send.state.settled)
        assert ("not written to the job in ServiceTrade yet" in said) == (
            not send.number_written and not send.state.settled
        )
        if progress.items and progress.items.mark is not Mark.DONE:
            assert f"{progress.items.posted} of {progress.items.total} item" in said
    assert said[0].isupper()
    assert said.endswith(".")
    assert "  " not in said
    assert ", but " not in said or said.index(", but ") < said.index(".")


@given(sends())
def test_the_items_are_counted_from_the_rows(drawn: tuple[Send, list[LedgerLine]]) -> None:
    send, lines = drawn
    items = progress_of(send, lines).items
    own = {row.item_id: row for row in lines if not row.given_back or row.plan_id == send.plan_id}
    planned = send.plan and send.items is not ItemsMode.NONE and (send.plan.lines or send.plan.blocked)
    if items is None:
        assert not own
        assert not planned
        return
    assert items.total == (2 if planned else len(own))
    assert items.posted == sum(row.state is LineState.POSTED for row in own.values())
    assert items.posted + items.to_check <= items.total
    assert (items.mark is Mark.DONE) == (items.posted == items.total)
    if send.state.settled:
        assert items.mark is not Mark.PENDING
        assert items.to_check == sum(row.state.unclear for row in own.values())
    else:
        assert items.mark is not Mark.MISSING


@given(sends())
def test_every_surface_says_the_same(drawn: tuple[Send, list[LedgerLine]]) -> None:
    send, lines = drawn
    details = SendDetails(send, CONNECTION, (), lines)
    progress, said = details.progress, details.outcome
    answer = SendOut.of_details(details)
    assert answer.progress.sentence == said
    assert failure_comment(CONNECTION, send, progress).split("\n\n")[0] == said
    row = send_row(send, CONNECTION.name, progress)
    assert (row.outcome, row.progress) == (said, progress)
    told = send_event("evt", EventType.SEND_FAILED, NOW, send, progress, CONNECTION)
    event = json.loads(told.body)
    assert event["data"]["progress"] == answer.progress.model_dump(mode="json")
    EVENTS[EventType.SEND_FAILED][1].model_validate(event)
    warning = replace(send.warning("wrn", NOW), outcome=said)
    assert WarningOut.of(warning, "lake").outcome == said
    page = io.StringIO()
    print_send(Console(file=page, width=2000), details)
    assert page.getvalue().startswith(said + "\n") or " ".join(page.getvalue().split()).startswith(said)
    _marks_agree(send, progress)
    _steps_agree(answer, progress)


def _marks_agree(send: Send, progress: Progress) -> None:
    marks = mark_rows(send, progress, CONNECTION.name)
    assert len(marks) == (3 if progress.items else 2)
    of_number = {Mark.DONE: "Number in ServiceTrade", Mark.PENDING: "Number in ServiceTrade: not yet"}
    assert marks[-1].text == of_number.get(progress.number, "Number in ServiceTrade: no")
    assert (":" in marks[0].text) == (progress.work_order is not Mark.DONE)
    assert {one.mark for one in marks if one.tone == "good"} <= {"✓"}


def _steps_agree(answer: SendOut, progress: Progress) -> None:
    """A step of the present try is done only if the send has done it at all."""
    steps = {step.name: step.state.value for step in answer.steps}
    assert steps[Step.HEADER] != "done" or progress.work_order is Mark.DONE
    assert steps[Step.WRITE_BACK] != "done" or progress.number is Mark.DONE


@pytest.mark.parametrize(
    ("state", "changed", "lines", "said"),
    [
        (
            SendState.NEEDS_ATTENTION,
            {"number_written": False, "items": ItemsMode.NONE, "plan": WITHOUT_ITEMS},
            [],
            "Work order 104482 is in Lakeside, but its number was not written to the job in ServiceTrade. "
            "Somebody must check it.",
        ),
        (
            SendState.NEEDS_ATTENTION,
            {},
            [line("valve", LineState.POSTED), line("permit", LineState.REJECTED, given_back=True)],
            "Work order 104482 is in Lakeside, and its number is on the job in ServiceTrade, but 1 of 2 "
            "items is posted. Somebody must check it.",
        ),
        (
            SendState.IN_DOUBT,
            {},
            [line("valve", LineState.POSTED), line("permit", LineState.IN_DOUBT)],
            "Work order 104482 is in Lakeside, and its number is on the job in ServiceTrade, but 1 of 2 "
            "items is posted and 1 is to check in Spectrum.",
        ),
        (
            SendState.SENT,
            {},
            [line("valve", LineState.POSTED), line("permit", LineState.POSTED)],
            "Work order 104482 is in Lakeside, its number is on the job in ServiceTrade, and all 2 items are posted.",
        ),
        (
            SendState.NEEDS_ATTENTION,
            {"header": HeaderState.BEGUN, "number_written": False},
            [],
            "It is not known whether work order 104482 is in Lakeside. Somebody must check it.",
        ),
        (
            SendState.NEEDS_ATTENTION,
            {"header": HeaderState.NONE, "number_written": False, "items": ItemsMode.NONE, "plan": WITHOUT_ITEMS},
            [],
            "Job 104482 was not sent to Lakeside. Somebody must check it.",
        ),
    ],
)
def test_what_the_office_reads(
    state: SendState, changed: dict[str, object], lines: list[LedgerLine], said: str
) -> None:
    send = send_at(state, Step.DONE, **{"job_number": "104482", **changed})
    assert outcome_words(send, progress_of(send, lines), "Lakeside") == said


@pytest.mark.parametrize(("number", "kept"), [("104482", True), ("T104482", False)])
def test_a_number_on_the_job_stays_known_while_the_send_is_planned_again(number: str, kept: bool) -> None:
    send = send_at(SendState.QUEUED, Step.PLAN, header=HeaderState.STANDS, number_written=True, plan=PLAN)
    send = replace(send, work_order_number="104482", plan_id="pln", items=ItemsMode.NONE)
    plan = replace(WITHOUT_ITEMS, number=number)
    event = Planned(plan=plan, plan_id="pln_new", lines=(), snapshot=frozenset(), claim=CLAIM)
    assert decide(send, event, Facts(now=NOW, record=RECORD)).send.number_written is kept
