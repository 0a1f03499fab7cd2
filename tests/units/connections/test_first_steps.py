"""The first steps are done or not by what is stored, never by a tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.model.connections.connection import Connection
from core.model.connections.connection_state import CodesMissing, ConnectionTest
from core.model.connections.endpoint import Endpoint
from core.model.operations.first_steps import FirstStep, FirstSteps, first_steps
from core.model.shared.check_step import CheckState, CheckStep

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
MAIN = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Main",
    external_system="spectrum",
    endpoint=Endpoint.parse("https://spectrum.example.com"),
    company_code="101",
)
GOOD = ConnectionTest(NOW, "ann", 1, (CheckStep("dns", CheckState.OK, "known"),))
BAD = ConnectionTest(NOW, "ann", 1, (CheckStep("dns", CheckState.FAILED, "unknown", "X", ("Do it.",)),))
ALL_DONE = replace(MAIN, last_test=GOOD, codes_missing=CodesMissing(NOW, 0, 7))


def steps(*connections: Connection, **facts: Any) -> FirstSteps:
    known: dict[str, Any] = {"signed_in_at": None, "sent": False, "people": 0, "hidden": False}
    return first_steps(connections, **known | facts)


def done(found: FirstSteps) -> set[FirstStep]:
    return {one.step for one in found.steps if one.done}


def test_of_a_new_tenant_nothing_is_done() -> None:
    found = steps()
    assert (done(found), found.done, found.shown) == (set(), 0, True)


def test_everything_done_takes_the_list_away() -> None:
    found = steps(ALL_DONE, signed_in_at=NOW, sent=True, people=2)
    assert (found.done, found.shown) == (6, False)


def test_an_administrator_can_hide_what_is_not_done() -> None:
    assert not steps(hidden=True).shown


@pytest.mark.parametrize(
    ("connections", "is_done", "count", "total"),
    [
        ([], False, 0, 0),
        ([MAIN], False, 0, 1),
        ([replace(MAIN, last_test=BAD)], False, 0, 1),
        ([replace(MAIN, last_test=GOOD, target_version=2)], False, 0, 1),
        ([replace(MAIN, last_test=GOOD)], True, 1, 1),
        ([replace(MAIN, last_test=BAD, last_write_at=NOW)], True, 1, 1),
        ([replace(MAIN, last_test=GOOD), MAIN], False, 1, 2),
    ],
    ids=["none", "untested", "failed", "out of date", "passed", "proven by a write", "one of two"],
)
def test_a_connection_is_tested_if_its_last_test_counts_or_a_write_proved_it(
    connections: list[Connection], is_done: bool, count: int, total: int
) -> None:
    [found] = [one for one in steps(*connections).steps if one.step is FirstStep.TEST]
    assert (found.done, found.count, found.total) == (is_done, count, total)
    assert (found.target is None) is (is_done or not connections)


@pytest.mark.parametrize(
    ("codes", "sent", "is_done", "count", "total"),
    [
        ([None], False, False, 0, None),
        ([CodesMissing(NOW, 3, 9)], False, False, 3, 9),
        ([CodesMissing(NOW, 3, 9), CodesMissing(NOW, 1, 4)], False, False, 4, 13),
        ([CodesMissing(NOW, 0, 9), None], False, False, 0, 9),
        ([CodesMissing(NOW, 0, 9)], False, True, 0, 9),
        ([CodesMissing(NOW, 3, 9)], True, True, 3, 9),
    ],
)
def test_codes_are_set_once_none_is_missing_or_a_job_was_sent(
    codes: list[CodesMissing | None], sent: bool, is_done: bool, count: int, total: int | None
) -> None:
    connections = [replace(MAIN, codes_missing=one) for one in codes]
    [found] = [one for one in steps(*connections, sent=sent).steps if one.step is FirstStep.CODES]
    assert (found.done, found.count, found.total) == (is_done, count, total)


def test_codes_are_not_counted_before_there_is_a_connection() -> None:
    assert not steps().counts_codes
    assert steps(MAIN).counts_codes


@pytest.mark.parametrize(("people", "is_done"), [(0, False), (1, False), (2, True)])
def test_somebody_beside_the_first_person_has_to_be_there(people: int, is_done: bool) -> None:
    assert (FirstStep.PEOPLE in done(steps(people=people))) is is_done
