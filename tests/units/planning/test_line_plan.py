"""Which lines a send posts, mode by mode, held against what the ledger knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.model.catalogue import finding
from core.model.planning import line_plan
from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem, WantedLine
from core.model.planning.line_plan import LinePlan
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import (
    BY_HAND,
    COST,
    ITEM_CODE,
    ITEM_TEXT,
    QUANTITY,
    UNIT,
    UNIT_COST,
    WAREHOUSE,
    ItemsMode,
    LedgerLine,
    LinePurpose,
    LineState,
    LineValue,
)
from core.model.work_orders.item import ItemKind, JobItem

MODES = (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, ItemsMode.AGAIN)


def part(number: int, quantity: str, code: str = "VALVE") -> FoldedItem:
    item = JobItem(id=str(number), name=f"Item {number}", type="part", quantity=Decimal(quantity), cost=None, code=code)
    values = (_value(ITEM_CODE, code), _value(QUANTITY, quantity))
    return FoldedItem(item, WantedLine(item, ItemKind.MATERIAL, values))


def fee(number: int, amount: str, code: str = "PERMIT") -> FoldedItem:
    item = JobItem(
        id=str(number), name=f"Fee {number}", type="fee", quantity=Decimal(1), cost=Decimal(amount), code=code
    )
    values = (_value("Other_Cost_Item", code), _value(COST, amount))
    return FoldedItem(item, WantedLine(item, ItemKind.OTHER_CHARGE, values))


def _value(field: str, text: str) -> LineValue:
    return LineValue(field, text, Origin("test"))


def row(folded: FoldedItem, number: int = 0, state: LineState = LineState.POSTED, send: str = "snd_1") -> LedgerLine:
    assert folded.line
    return LedgerLine(
        id=f"lin_{folded.item.id}_{number}",
        tenant_id="t",
        connection_id="c",
        job_id="j",
        work_order_number="T1",
        item_id=folded.item.id,
        item_name=folded.item.name,
        kind=folded.line.kind,
        round=number,
        purpose=LinePurpose.NEW,
        fields={v.field: v.value for v in folded.line.values},
        state=state,
        send_id=send,
    )


def planned(
    items: Sequence[FoldedItem],
    ledger: Sequence[LedgerLine],
    mode: ItemsMode,
    send_id: str | None = None,
    **others: Any,
) -> LinePlan:
    # By its module, so that a build that is broken on purpose is broken here, too.
    return line_plan.plan_lines(items, Account("j", ledger, **others), mode, send_id)


def told(plan: LinePlan) -> list[tuple[str, int, str, str]]:
    """Item, round, purpose and what the line adds."""
    return [
        (line.item_id, line.round, line.purpose.value, line.fields.get(QUANTITY) or line.fields.get(COST, ""))
        for line in plan.lines
    ]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_never_posted_goes_in_the_first_round_in_every_mode(mode: ItemsMode) -> None:
    assert told(planned([part(1, "2"), fee(2, "9.5")], [], mode)) == [("1", 0, "new", "2"), ("2", 0, "new", "9.5")]


@pytest.mark.parametrize("state", [LineState.PLANNED, LineState.REJECTED, LineState.NOT_POSTED])
@pytest.mark.parametrize("mode", MODES)
def test_a_round_of_which_nothing_stands_is_used_again(mode: ItemsMode, state: LineState) -> None:
    assert told(planned([part(1, "3")], [row(part(1, "2"), state=state)], mode)) == [("1", 0, "new", "3")]


@pytest.mark.parametrize("state", [LineState.SENDING, LineState.IN_DOUBT])
@pytest.mark.parametrize("mode", MODES)
def test_an_item_with_a_line_in_doubt_waits_in_every_mode(mode: ItemsMode, state: LineState) -> None:
    ledger = [row(part(1, "2")), row(part(1, "1"), 1, state)]
    plan = planned([part(1, "5"), part(2, "1")], ledger, mode)
    assert told(plan) == [("2", 0, "new", "1")]
    assert [left.code for left in plan.left_out] == ["in_doubt"]
    assert [found.code for found in plan.findings] == ["IN_DOUBT_POST"]


def test_new_only_posts_an_item_once_whatever_changed() -> None:
    ledger = [row(part(1, "2")), row(fee(2, "10"))]
    plan = planned([part(1, "7"), fee(2, "99"), part(3, "1")], ledger, ItemsMode.NEW_ONLY)
    assert told(plan) == [("3", 0, "new", "1")]
    assert {left.item_id for left in plan.left_out if left.code == "posted"} == {"1", "2"}


def test_again_posts_everything_once_more_and_says_so() -> None:
    plan = planned([part(1, "2"), part(2, "1")], [row(part(1, "2"))], ItemsMode.AGAIN, "snd_2")
    assert told(plan) == [("1", 1, "again", "2"), ("2", 0, "new", "1")]
    assert [found.code for found in plan.findings] == ["DUPLICATE_ITEMS_RISK"]


def test_again_planned_anew_does_not_repeat_what_this_send_posted() -> None:
    ledger = [row(part(1, "2")), row(part(1, "2"), 1, send="snd_2"), row(part(2, "1"), 0, LineState.REJECTED, "snd_2")]
    plan = planned([part(1, "2"), part(2, "1")], ledger, ItemsMode.AGAIN, "snd_2")
    assert told(plan) == [("2", 0, "new", "1")]


def test_difference_posts_only_what_changed() -> None:
    ledger = [row(part(1, "5")), row(fee(2, "100")), row(part(3, "1"))]
    plan = planned([part(1, "3"), fee(2, "120.25"), part(3, "1")], ledger, ItemsMode.DIFFERENCE)
    assert told(plan) == [("1", 1, "correction", "-2"), ("2", 1, "correction", "20.25")]
    assert [(left.item_id, left.code) for left in plan.left_out] == [("3", "unchanged")]


def test_difference_counts_all_rounds_together() -> None:
    ledger = [row(part(1, "5")), row(part(1, "-2"), 1), row(part(1, "4"), 2)]
    assert told(planned([part(1, "10")], ledger, ItemsMode.DIFFERENCE)) == [("1", 3, "correction", "3")]


def test_difference_takes_back_another_code_and_posts_the_new_one() -> None:
    ledger = [row(part(1, "5", "OLD")), row(part(1, "-1", "OLD"), 1)]
    plan = planned([part(1, "4", "NEW")], ledger, ItemsMode.DIFFERENCE)
    assert told(plan) == [("1", 2, "reversal", "-4"), ("1", 3, "new", "4")]
    assert [line.code for line in plan.lines] == ["OLD", "NEW"]


def test_difference_takes_back_another_kind() -> None:
    plan = planned([fee(1, "30")], [row(part(1, "5"))], ItemsMode.DIFFERENCE)
    assert [(line.kind, line.purpose) for line in plan.lines] == [
        (ItemKind.MATERIAL, LinePurpose.REVERSAL),
        (ItemKind.OTHER_CHARGE, LinePurpose.NEW),
    ]


def test_difference_takes_back_an_item_that_is_gone_once() -> None:
    gone = planned([], [row(part(1, "5"))], ItemsMode.DIFFERENCE)
    assert told(gone) == [("1", 1, "reversal", "-5")]
    assert told(planned([], [row(part(1, "5")), row(part(1, "-5"), 1)], ItemsMode.DIFFERENCE)) == []


def test_an_item_that_comes_back_after_it_was_taken_back_is_posted_in_full() -> None:
    ledger = [row(part(1, "5")), row(part(1, "-5"), 1)]
    assert told(planned([part(1, "2")], ledger, ItemsMode.DIFFERENCE)) == [("1", 2, "correction", "2")]


@pytest.mark.parametrize("mode", [ItemsMode.NEW_ONLY, ItemsMode.AGAIN])
def test_only_difference_takes_anything_back(mode: ItemsMode) -> None:
    assert told(planned([], [row(part(1, "5"))], mode)) == []


def test_a_blocker_of_an_item_that_is_posted_already_does_not_count() -> None:
    broken = replace(part(1, "2"), findings=(finding("ITEM_COST_MISSING", "no cost"),))
    assert planned([broken], [row(part(1, "2"))], ItemsMode.NEW_ONLY).findings == []
    assert planned([broken], [], ItemsMode.NEW_ONLY).findings == list(broken.findings)
    assert told(planned([broken], [row(part(1, "2"))], ItemsMode.DIFFERENCE)) == []


@pytest.mark.parametrize("field", [WAREHOUSE, UNIT, "Phase_Code", "Cost_Type", UNIT_COST])
def test_another_place_is_a_reversal_and_a_new_line(field: str) -> None:
    """A correcting line there would leave the old quantity where it is."""
    stood, wanted = placed(part(1, "5"), field, "A"), placed(part(1, "7"), field, "B")
    plan = planned([wanted], [row(stood)], ItemsMode.DIFFERENCE)
    assert told(plan) == [("1", 1, "reversal", "-5"), ("1", 2, "new", "7")]
    assert [line.fields[field] for line in plan.lines] == ["A", "B"]


def test_another_text_is_no_other_place() -> None:
    stood, wanted = placed(part(1, "5"), ITEM_TEXT, "Valve"), placed(part(1, "7"), ITEM_TEXT, "Check valve")
    assert told(planned([wanted], [row(stood)], ItemsMode.DIFFERENCE)) == [("1", 1, "correction", "2")]


@pytest.mark.parametrize("mode", [ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE])
@pytest.mark.parametrize("own", [[], [LineState.REJECTED], [LineState.NOT_POSTED]])
def test_what_another_connection_posted_is_left_out_whatever_was_tried_here(
    mode: ItemsMode, own: list[LineState]
) -> None:
    ledger = [row(part(1, "2"), state=state) for state in own]
    plan = planned([part(1, "2"), part(2, "1")], ledger, mode, elsewhere=frozenset({"1"}))
    assert told(plan) == [("2", 0, "new", "1")]
    assert [left.code for left in plan.left_out] == ["posted_before"]
    codes = [found.code for found in plan.findings]
    assert codes == (["ITEMS_POSTED_ELSEWHERE"] if mode is ItemsMode.DIFFERENCE else [])


def test_again_posts_it_by_name_and_says_so() -> None:
    plan = planned([part(1, "2")], [], ItemsMode.AGAIN, elsewhere=frozenset({"1"}))
    assert told(plan) == [("1", 0, "new", "2")]
    assert [found.code for found in plan.findings] == ["DUPLICATE_ITEMS_RISK"]


def test_lines_of_others_for_items_that_are_gone_are_told() -> None:
    plan = planned([part(1, "2")], [], ItemsMode.DIFFERENCE, strays=2)
    assert [found.code for found in plan.findings] == ["ITEMS_POSTED_ELSEWHERE"]
    assert planned([part(1, "2")], [], ItemsMode.NEW_ONLY, strays=2).findings == []


@pytest.mark.parametrize("items", [[], [part(1, "5")]], ids=("gone", "there"))
def test_where_others_posted_the_item_too_only_our_own_share_is_compared_and_that_is_told(
    items: Sequence[FoldedItem],
) -> None:
    plan = planned(items, [row(part(1, "5"))], ItemsMode.DIFFERENCE, elsewhere=frozenset({"1"}))
    assert told(plan) == ([] if items else [("1", 1, "reversal", "-5")])
    assert [found.code for found in plan.findings] == ["ITEMS_POSTED_ELSEWHERE"]


def test_what_another_job_posted_to_the_number_is_not_taken_back() -> None:
    other = replace(row(part(9, "4")), job_id="another")
    plan = planned([part(1, "2")], [other], ItemsMode.DIFFERENCE)
    assert told(plan) == [("1", 0, "new", "2")]
    assert [found.code for found in plan.findings] == ["ITEMS_OF_ANOTHER_JOB"]


def test_an_item_that_moved_here_from_another_job_of_the_number_is_corrected() -> None:
    moved = replace(row(part(1, "4")), job_id="another")
    assert told(planned([part(1, "6")], [moved], ItemsMode.DIFFERENCE)) == [("1", 1, "correction", "2")]
    assert told(planned([part(1, "6")], [moved], ItemsMode.NEW_ONLY)) == []


def test_an_item_entered_by_hand_without_a_code_is_left_to_hands() -> None:
    by_hand = replace(row(part(1, "4")), fields={}, kind=ItemKind.SKIP, attempt_id=BY_HAND)
    assert told(planned([part(1, "6")], [by_hand], ItemsMode.NEW_ONLY)) == []
    plan = planned([part(1, "6")], [by_hand], ItemsMode.DIFFERENCE)
    assert (told(plan), [found.code for found in plan.findings]) == ([], ["ITEMS_ENTERED_BY_HAND"])


def placed(folded: FoldedItem, field: str, text: str) -> FoldedItem:
    """The same item with one more field."""
    assert folded.line
    return replace(folded, line=replace(folded.line, values=(*folded.line.values, _value(field, text))))
