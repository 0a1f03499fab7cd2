"""The row of an item that somebody else posted, and which items anything has to be said about."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from core.model.planning.line_fold import FoldedItem, WantedLine
from core.model.planning.standing_items import candidates, line_by_hand, posted_among
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import BY_HAND, LeftOut, LineState, LineValue
from core.model.work_orders.item import ItemKind, JobItem
from tests.support.storage_scene import a_line

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ITEM = JobItem(id="1", name="Valve", type="part", quantity=Decimal(2), cost=None)
VALUES = (LineValue("Item_Code", "VALVE", Origin("item.code")), LineValue("Quantity_Used", "2", Origin("item")))
WANTED = FoldedItem(ITEM, WantedLine(ITEM, ItemKind.MATERIAL, VALUES))
LABOR = FoldedItem(ITEM, left_out=LeftOut(item_id="1", item_name="H", item_type="labor", code="labor", reason="r"))


def test_it_takes_the_first_free_round_of_its_item() -> None:
    rows = [a_line(1, round=0), a_line(2, item_id="1", round=3, given_back=True), a_line(3, item_id="2", round=5)]
    line = line_by_hand(
        WANTED,
        "lin_9",
        tenant_id="ten_1",
        connection_id="con_1",
        job_id="1",
        number="T1",
        lines=rows,
        by="ann",
        reason="Seen.",
        at=NOW,
    )
    assert (line.round, line.state, line.attempt_id, line.send_id) == (1, LineState.POSTED, BY_HAND, "")
    assert (line.kind, line.fields) == (ItemKind.MATERIAL, {"Item_Code": "VALVE", "Quantity_Used": "2"})
    assert (line.settled_by, line.settled_reason, line.settled_at) == ("ann", "Seen.", NOW)


def test_only_what_would_go_is_asked_about() -> None:
    unknown = FoldedItem(ITEM)
    assert candidates([WANTED, LABOR, unknown]) == [WANTED, unknown]


def test_only_a_posted_line_says_that_an_item_stands() -> None:
    rows = [a_line(n, state=state) for n, state in enumerate(LineState)]
    posted = next(str(n) for n, state in enumerate(LineState) if state is LineState.POSTED)
    assert posted_among(rows) == {posted}
