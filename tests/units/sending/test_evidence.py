"""Evidence settles a doubt only where it leaves no room for another reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.model.sending.evidence import agreed, weigh
from core.model.work_orders.cost_line import LedgerLine, LinePurpose, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine

SENT_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DOUBT = LedgerLine(
    id="lin_1",
    tenant_id="t",
    connection_id="c",
    job_id="j",
    work_order_number="T1",
    item_id="1",
    item_name="Valve",
    kind=ItemKind.MATERIAL,
    round=0,
    purpose=LinePurpose.NEW,
    state=LineState.IN_DOUBT,
    send_id="snd_1",
    fields={"Item_Code": "VALVE", "Quantity_Used": "2"},
    sent_at=SENT_AT,
)
POSTED = replace(DOUBT, id="lin_0", item_id="0", state=LineState.POSTED)
FRESH = StoredLine(
    ItemKind.MATERIAL, "1", {"Item_Code": "     VALVE", "Quantity_Used": "2.00", "Unit_Cost": "9"}, SENT_AT
)
EARLIER = replace(FRESH, key="0", stored_at=SENT_AT - timedelta(hours=1))


def verdicts(ledger: list[LedgerLine], stored: list[StoredLine]) -> list[tuple[str, LineState]]:
    return [(line.id, verdict.state) for line, verdict in weigh("T1", ledger, stored)]


def test_nothing_there_means_not_posted_and_one_fresh_line_posted() -> None:
    assert verdicts([DOUBT], []) == [("lin_1", LineState.NOT_POSTED)]
    assert verdicts([DOUBT], [FRESH]) == [("lin_1", LineState.POSTED)]


def test_lines_that_are_known_to_be_posted_are_taken_off() -> None:
    assert verdicts([POSTED, DOUBT], [EARLIER]) == [("lin_1", LineState.NOT_POSTED)]
    assert verdicts([POSTED, DOUBT], [EARLIER, FRESH]) == [("lin_1", LineState.POSTED)]


@pytest.mark.parametrize(
    "other", [{"Item_Code": "VALVE", "Quantity_Used": "3"}, {"Item_Code": "OTHER", "Quantity_Used": "2"}]
)
def test_only_lines_that_look_exactly_like_it_count(other: dict[str, str]) -> None:
    assert verdicts([DOUBT], [replace(FRESH, fields=other)]) == [("lin_1", LineState.NOT_POSTED)]


def test_anything_else_is_for_a_person() -> None:
    assert verdicts([DOUBT], [FRESH, FRESH]) == []  # typed in by somebody, or ours: who knows
    assert verdicts([DOUBT], [EARLIER]) == []  # stood there before the line was sent
    assert verdicts([POSTED, DOUBT], []) == []  # less than what is known to be posted
    assert verdicts([DOUBT, replace(DOUBT, id="lin_2", item_id="2")], [FRESH]) == []  # two doubts that look alike
    assert verdicts([DOUBT, replace(DOUBT, id="lin_2", item_id="2", state=LineState.SENDING)], []) == []


def test_another_work_order_has_no_say() -> None:
    assert verdicts([DOUBT, replace(POSTED, work_order_number="T2")], []) == [("lin_1", LineState.NOT_POSTED)]
    assert weigh("T2", [DOUBT], [FRESH]) == []


@pytest.mark.parametrize("figure", ["", "two", "NaN", "sNaN", "Infinity", "1e9999999999", "2" * 5000])
def test_a_figure_that_spectrum_cannot_hold_is_only_another_figure(figure: str) -> None:
    odd = replace(FRESH, fields={**FRESH.fields, "Quantity_Used": figure})
    assert verdicts([DOUBT], [odd]) == [("lin_1", LineState.NOT_POSTED)]


def test_of_several_readings_only_what_all_prove_counts() -> None:
    there, not_there, unclear = (weigh("T1", [DOUBT], stored) for stored in ([FRESH], [], [EARLIER]))
    assert list(agreed([there, there])) == list(there)
    assert list(agreed([not_there])) == list(not_there)
    for readings in ([], [there, not_there], [not_there, there], [there, unclear], [unclear, there]):
        assert list(agreed(readings)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "labor"},
        {"kind": ItemKind.SKIP},
        {"key": 1},
        {"fields": [("Item_Code", "VALVE")]},
        {"fields": {"Quantity_Used": 2}},
        {"fields": {1: "VALVE"}},
        {"stored_at": "2026-11-23"},
        {"stored_at": datetime(2026, 11, 23)},  # noqa: DTZ001
        {"stored_at": SENT_AT.date()},
    ],
)
def test_a_line_of_other_types_is_refused_where_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"a StoredLine needs {next(iter(wrong))}"):
        replace(FRESH, **wrong)
