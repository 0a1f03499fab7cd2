"""Advice fits the moment and its reader: every entry of the catalogue, at every door, for every outcome."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from core.model.catalogue import CATALOGUE, Entry, advice_for, finding, fix_of
from core.model.connections.connection import Hold
from core.model.sending.moment import (
    outcome_in_preview,
    outcome_of,
    outcome_of_failure,
    outcome_of_hold,
    outcome_of_notice,
)
from core.model.sending.send import SendState
from core.model.shared.advice import AT_THE_MACHINE, PROGRAMS, Door, Outcome, Right, Step
from core.model.shared.errors import NotFound, OperatorMends, TenantMends, TimeMends
from core.model.shared.finding import Retry, Severity
from tests.support.each import for_each

ROOT = Path(__file__).parents[3]
_FOR_OPERATORS = {"OperatorMends", "DatabaseUnreachable"}
_SHOWN_BY_PAGES = ("core", *(f"adapters/outbound/{name}" for name in ("postgres", "servicetrade", "spectrum")))
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EVERY = list(CATALOGUE.values())
CONSOLE = [door for door in Door if door not in PROGRAMS]
CASES = list(product(Door, Outcome))
TECHNICAL = re.compile(r"jobferry [a-z]|JOBFERRY|--|`|\b[a-z]+_[a-z_]+\b|\blin_|\bsnd_|'(adopt|again|cut)'")
AGAIN = re.compile(r"[Ss]end (the job|them|this) again|retry this send")
PROMISE = re.compile(r"tries again by itself|[Nn]ext try")
OPERATORS = {Door.OPERATOR, Door.COMMAND_LINE}


def _code(entry: Entry) -> str:
    return entry.code


def steps_of(entry: Entry) -> list[Step]:
    flat = [one for part in entry.advice for one in (part if isinstance(part, tuple) else (part,))]
    return [one for one in flat if isinstance(one, Step)]


@for_each(EVERY, _code)
def test_every_reader_is_told_what_to_do_in_plain_sentences(entry: Entry) -> None:
    for door, outcome in CASES:
        steps = entry.steps(outcome, door)
        assert steps, (door, outcome)
        assert all(re.fullmatch(r"[A-Z].*[.?]", step) for step in steps), (door, outcome, steps)
        assert all("  " not in step and ".." not in step for step in steps), (door, outcome, steps)
        assert len(set(steps)) == len(steps), (door, outcome, steps)


@for_each(EVERY, _code)
def test_pages_speak_neither_of_commands_nor_of_settings_by_their_names(entry: Entry) -> None:
    for door, outcome in product(CONSOLE, Outcome):
        told = " ".join((entry.title, entry.cause, *entry.steps(outcome, door)))
        assert not TECHNICAL.search(told), (door, outcome, told)


@for_each(EVERY, _code)
def test_only_a_send_that_is_tried_again_promises_it(entry: Entry) -> None:
    for door, outcome in CASES:
        if outcome is not Outcome.RETRIES:
            told = " ".join(entry.steps(outcome, door))
            assert not PROMISE.search(told), (door, outcome, told)


@for_each(EVERY, _code)
def test_a_job_is_sent_again_only_if_it_was_sent_and_nobody_else_does_it(entry: Entry) -> None:
    for door, outcome in CASES:
        if outcome in (Outcome.BLOCKED, Outcome.NOTED, Outcome.RETRIES, Outcome.HELD, Outcome.REFUSED):
            told = " ".join(entry.steps(outcome, door))
            assert not AGAIN.search(told), (door, outcome, told)


@for_each(EVERY, _code)
def test_who_may_not_do_a_step_is_told_whom_to_ask(entry: Entry) -> None:
    whom = {
        Right.SEND: ("a sender or administrator", {Door.VIEWER}),
        Right.MANAGE: ("a Jobferry administrator", {Door.VIEWER, Door.OFFICE}),
        Right.OPERATE: ("the Jobferry operator", set(Door) - OPERATORS),
    }
    for step, door in product(steps_of(entry), Door):
        if step.needs:
            name, askers = whom[step.needs]
            assert (f"sk {name} to " in step.told(door)) is (door in askers)
            assert step.do[0].islower(), "an imperative, so that it follows `ask ... to`"
            assert ". " not in step.do, "one sentence, or the second one would not be part of what is asked"


@for_each([one for one in EVERY if one.retry is Retry.BACKOFF], _code)
def test_what_is_tried_again_says_so_and_says_when_that_is_over(entry: Entry) -> None:
    retries, gave_up = (entry.steps(outcome, Door.OFFICE) for outcome in (Outcome.RETRIES, Outcome.GAVE_UP))
    assert "itself" in " ".join(retries)
    assert "by itself" not in " ".join(gave_up)


def test_a_purchase_order_that_was_cut_is_not_told_to_set_what_is_set() -> None:
    cut = finding("PO_TOO_LONG", "It was cut to 25.", severity=Severity.WARNING)
    for outcome in (outcome_in_preview(cut), outcome_of(cut, SendState.SENT_WITH_WARNINGS)):
        told = advice_for(cut, outcome, Door.ADMINISTRATOR)
        assert told[0] == "Nothing needs to be done if the short form is enough."
        assert not any("set the connection" in step.lower() for step in told)
    too_long = finding("PO_TOO_LONG", "It has 30 characters.")
    assert "Or set the connection to cut text that is too long." in advice_for(
        too_long, outcome_in_preview(too_long), Door.ADMINISTRATOR
    )
    assert "Or ask a Jobferry administrator to set the connection to cut text that is too long." in advice_for(
        too_long, outcome_in_preview(too_long), Door.OFFICE
    )


def test_a_page_that_could_not_reach_servicetrade_does_not_promise_to_try_again() -> None:
    error = TimeMends("ServiceTrade cannot be reached.", code="ST_UNREACHABLE", fix="Jobferry tries again by itself.")
    assert fix_of(error, Door.OFFICE).startswith("Try again in a few minutes: Jobferry does not do that by itself.")
    send = finding("ST_UNREACHABLE", "It did not answer.")
    assert advice_for(send, outcome_of(send, SendState.RETRYING), Door.OFFICE)[0] == (
        "Jobferry tries again by itself, each time after a longer pause."
    )
    assert advice_for(send, outcome_of(send, SendState.NEEDS_ATTENTION), Door.OFFICE)[:2] == (
        "Jobferry has stopped trying.",
        "Send the job again in a few minutes.",
    )


def test_a_wrong_external_system_is_corrected_on_the_connection_and_not_by_a_role() -> None:
    error = TenantMends("ServiceTrade has no external system spectrom.", code="ST_EXTERNAL_SYSTEM_UNKNOWN")
    assert "Enter that name as the connection's external system" in fix_of(error, Door.ADMINISTRATOR)
    late = replace(
        finding("ST_WRITEBACK_FAILED", "Work order T1 is in Spectrum, but: no such system."), origin=error.code
    )
    told = " ".join(advice_for(late, outcome_of(late, SendState.NEEDS_ATTENTION), Door.ADMINISTRATOR))
    assert "Do not enter the work order again" in told
    assert "Enter that name as the connection's external system" in told
    assert "retry this send: only the number is written" in told
    assert "Account Admin" not in told


def test_programs_are_told_the_names_and_a_command_only_who_can_type_it() -> None:
    for code, name, doors in (
        ("ENDPOINT_UNREACHABLE", "JOBFERRY_ALLOWED_NETWORKS", AT_THE_MACHINE),
        ("OPERATOR_SETUP", "jobferry doctor", AT_THE_MACHINE),
        ("ITEM_TYPE_UNKNOWN", "item_kinds", PROGRAMS),
    ):
        for door in Door:
            told = " ".join(step for outcome in Outcome for step in CATALOGUE[code].steps(outcome, door))
            assert (name in told) is (door in doors), code


def test_steps_of_a_findings_own_are_told_at_every_door() -> None:
    own = finding("PO_TOO_LONG", "It was cut.", fix=("Look at the rule.",))
    assert {advice_for(own, outcome, door) for door, outcome in CASES} == {("Look at the rule.",)}


def test_errors_of_the_installation_are_told_to_its_operator_and_by_pages_to_nobody_else() -> None:
    error = OperatorMends("The folder is full.", code="INTENT_MARK_UNWRITABLE", fix="Make /var/x writable.")
    assert "Ask the Jobferry operator to check the installation" in fix_of(error, Door.OFFICE)
    assert fix_of(error, Door.COMMAND_LINE) == "Make /var/x writable."
    assert fix_of(NotFound("No such send.", fix="Look in the list."), Door.VIEWER) == "Look in the list."


def test_the_state_of_a_send_decides_what_is_true_of_its_findings() -> None:
    waits, stops = finding("RECORD_LOCKED", "Locked."), finding("WO_TYPE_REQUIRED", "No type.")
    note = finding("CONTRACT_NOT_MAPPED", "No contract.", severity=Severity.INFO)
    expected = {
        SendState.QUEUED: (Outcome.RETRIES, Outcome.RETRIES, Outcome.NOTED),
        SendState.SENDING: (Outcome.RETRIES, Outcome.RETRIES, Outcome.NOTED),
        SendState.RETRYING: (Outcome.RETRIES, Outcome.RETRIES, Outcome.NOTED),
        SendState.IN_DOUBT: (Outcome.STOPPED, Outcome.STOPPED, Outcome.WARNED),
        SendState.NEEDS_ATTENTION: (Outcome.GAVE_UP, Outcome.STOPPED, Outcome.NOTED),
        SendState.SENT: (Outcome.WARNED,) * 3,
        SendState.SENT_WITH_WARNINGS: (Outcome.WARNED,) * 3,
        SendState.DONE_BY_HAND: (Outcome.WARNED,) * 3,
        SendState.SUPERSEDED: (Outcome.NOTED,) * 3,
        SendState.CANCELLED: (Outcome.NOTED,) * 3,
    }
    assert {state: tuple(outcome_of(one, state) for one in (waits, stops, note)) for state in SendState} == expected
    held = [outcome_of(one, SendState.RETRYING, held=True) for one in (waits, stops, note)]
    assert held == [Outcome.HELD, Outcome.HELD, Outcome.NOTED], "nothing is promised while a person has to act"
    assert outcome_of(waits, SendState.NEEDS_ATTENTION, held=True) is Outcome.GAVE_UP
    assert [outcome_in_preview(one) for one in (stops, note)] == [Outcome.BLOCKED, Outcome.NOTED]
    assert [outcome_of_failure(one) for one in (waits, stops)] == [Outcome.GAVE_UP, Outcome.STOPPED]
    assert [outcome_of_notice(one) for one in (stops, note)] == [Outcome.STOPPED, Outcome.NOTED]
    assert [outcome_of_hold(Hold(stops, NOW, until)) for until in (None, NOW)] == [Outcome.HELD, Outcome.RETRIES]


def test_errors_that_pages_show_name_no_commands_and_no_settings() -> None:
    """What the operator mends is told by pages in other words (see `fix_of`), and programs have their own messages."""
    told = {
        (path.relative_to(ROOT).as_posix(), text)
        for room in _SHOWN_BY_PAGES
        for path in (ROOT / room).glob("**/*.py")
        if path.parent.name != "server"  # what starts the database has no pages
        for text in _fixes(path)
    }
    assert len(told) > 50, "the search itself works"
    assert [one for one in sorted(told) if re.search(r"jobferry [a-z]|JOBFERRY_|\\blin_|--", one[1])] == []


def _fixes(path: Path) -> Iterator[str]:
    """The literal texts of `fix` in the errors of a file, but for those that the operator mends."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and not (isinstance(call.func, ast.Name) and call.func.id in _FOR_OPERATORS):
            for given in call.keywords:
                if given.arg == "fix":
                    texts = (one.value for one in ast.walk(given.value) if isinstance(one, ast.Constant))
                    yield " ".join(text for text in texts if isinstance(text, str))
