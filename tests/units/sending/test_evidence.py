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


OTHERS = [
    {"Item_Code": "VALVE", "Quantity_Used": "3"},
    {"Item_Code": "OTHER", "Quantity_Used": "2"},
    {"Item_Code": "valve", "Quantity_Used": "2"},
    {"Item_Code": "VALVE"},
    {"Quantity_Used": "2"},
    {"Item_Code": "VALVE", "Quantity_Used": " "},
    {},
]


@pytest.mark.parametrize("other", OTHERS)
def test_only_lines_that_look_exactly_like_it_count(other: dict[str, str]) -> None:
    assert verdicts([DOUBT], [replace(EARLIER, fields=other)]) == [("lin_1", LineState.NOT_POSTED)]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("kind", [ItemKind.MATERIAL, ItemKind.OTHER_CHARGE])
@pytest.mark.parametrize("stored_at", [SENT_AT, None])
def test_a_line_stored_since_may_be_ours_as_long_as_nobody_can_explain_it(
    other: dict[str, str], kind: ItemKind, stored_at: datetime | None
) -> None:
    assert verdicts([DOUBT], [replace(FRESH, kind=kind, fields=other, stored_at=stored_at)]) == []


def test_a_line_stored_since_that_is_another_line_of_ours_is_explained() -> None:
    other = {"Item_Code": "OTHER", "Quantity_Used": "2"}
    stored = [replace(FRESH, key="2", fields=other)]
    posted = replace(POSTED, fields=other)
    assert verdicts([posted, DOUBT], stored) == [("lin_1", LineState.NOT_POSTED)]
    assert verdicts([posted, DOUBT], [*stored, replace(stored[0], key="3")]) == []  # once more than is known
    also_unclear = replace(DOUBT, id="lin_2", fields=other)
    assert verdicts([DOUBT, also_unclear], stored) == [("lin_1", LineState.NOT_POSTED), ("lin_2", LineState.POSTED)]


def test_a_reading_without_a_line_that_is_known_to_be_posted_is_not_complete() -> None:
    posted = replace(POSTED, fields={"Item_Code": "OTHER", "Quantity_Used": "2"})
    assert verdicts([posted, DOUBT], []) == []
    assert verdicts([posted, DOUBT], [FRESH]) == [("lin_1", LineState.POSTED)]


def test_nobody_knows_what_a_line_looks_like_that_a_person_entered() -> None:
    by_hand = replace(POSTED, fields={}, sent_at=None)
    assert verdicts([by_hand, DOUBT], [EARLIER]) == []


def test_a_line_that_was_read_twice_proves_nothing() -> None:
    assert verdicts([POSTED, DOUBT], [EARLIER, replace(FRESH, key="0")]) == []
    assert verdicts([DOUBT], [FRESH, FRESH]) == []


def test_anything_else_is_for_a_person() -> None:
    assert verdicts([DOUBT], [FRESH, replace(FRESH, key="2")]) == []  # typed in by somebody, or ours: who knows
    assert verdicts([DOUBT], [EARLIER]) == []  # stood there before the line was sent
    assert verdicts([POSTED, DOUBT], []) == []  # less than what is known to be posted
    assert verdicts([DOUBT, replace(DOUBT, id="lin_2", item_id="2")], [FRESH]) == []  # two doubts that look alike
    assert verdicts([DOUBT, replace(DOUBT, id="lin_2", item_id="2", state=LineState.SENDING)], []) == []


def test_another_work_order_has_no_say() -> None:
    assert verdicts([DOUBT, replace(POSTED, work_order_number="T2")], []) == [("lin_1", LineState.NOT_POSTED)]
    assert weigh("T2", [DOUBT], [FRESH]) == []


@pytest.mark.parametrize("figure", ["two", "NaN", "sNaN", "Infinity", "1,000.00", "2,00", "1e9999999999999999999"])
def test_a_reading_with_a_figure_that_is_none_proves_nothing(figure: str) -> None:
    odd = replace(EARLIER, fields={**FRESH.fields, "Quantity_Used": figure})
    assert verdicts([DOUBT], [odd]) == []
    assert verdicts([DOUBT], [odd, FRESH]) == []


def test_zeros_and_signs_that_say_nothing_do_not_matter() -> None:
    nothing = replace(DOUBT, fields={"Item_Code": "VALVE", "Quantity_Used": "0"})
    assert verdicts([nothing], [replace(FRESH, fields={"Item_Code": "VALVE", "Quantity_Used": "-0.00"})]) == [
        ("lin_1", LineState.POSTED)
    ]


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
