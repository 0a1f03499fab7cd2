"""Codes of library items: the aliases that a job's items get, and the records whose codes a plan uses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from core.model.catalogue import finding
from core.model.mappings.alias import Alias, AliasEntry, AliasKind
from core.model.mappings.job_record import JobRecord, freed_by
from core.model.planning.item_codes import item_keys, item_records, with_item_aliases
from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import LinePurpose, LineValue, PlannedLine
from core.model.work_orders.item import ItemKind, JobItem

VALVE = JobItem(id="1", name="Valve", type="part", quantity=Decimal(1), cost=None, library_id="50", code="V-1")
SECOND = replace(VALVE, id="2")
GAUGE = replace(VALVE, id="3", name="Gauge", library_id="51", external_id="GAUGE-300")
FREE = replace(VALVE, id="4", name="Sealant", library_id="", code="")
HOURS = replace(VALVE, id="5", name="Labor", type="labor", library_id="52")
ANYTHING = replace(VALVE, id="6", name="Field purchase", library_id="53", generic=True, code="")


def an_alias(library_id: str, code: str) -> Alias:
    entry = AliasEntry(AliasKind.ITEM, library_id, "", code)
    at = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
    return Alias(id="als_1", connection_id="con_1", entry=entry, set_at=at, set_by="ann")


def a_line(source: str, value: str = "V-1", item_id: str = "1") -> PlannedLine:
    code = LineValue("Item_Code", value, Origin(source))
    return PlannedLine(
        item_id=item_id, item_name="", kind=ItemKind.MATERIAL, round=0, purpose=LinePurpose.NEW, values=(code,)
    )


def a_plan(*lines: PlannedLine) -> SendPlan:
    records = tuple(item_records([VALVE, SECOND, GAUGE], {"1", "2", "3"}))
    return SendPlan(job_id="1", connection_id="con_1", number="T1", header=(), lines=lines, records=records)


def missing(item_id: str) -> Finding:
    return replace(finding("ITEM_CODE_MISSING", "none"), item_id=item_id)


def test_each_library_item_is_asked_for_once_and_labor_never() -> None:
    assert item_keys([VALVE, SECOND, FREE, HOURS, GAUGE]) == [(AliasKind.ITEM, "50"), (AliasKind.ITEM, "51")]


def test_all_items_of_a_library_item_get_its_alias_and_others_stay() -> None:
    mapped = with_item_aliases([VALVE, SECOND, GAUGE, FREE], [an_alias("50", "OURS")])
    assert [item.alias_code for item in mapped] == ["OURS", "OURS", "", ""]
    assert mapped[0].alias_reason == "the alias, set 23 Nov 2026, 08:05 UTC by ann"


def test_the_records_are_those_of_wanted_items_with_the_code_that_counts() -> None:
    [valve] = with_item_aliases([VALVE], [an_alias("50", "OURS")])
    assert list(item_records([valve, GAUGE, FREE, ANYTHING], {"1", "4", "6"})) == [
        JobRecord(AliasKind.ITEM, "50", "Valve", "OURS", from_alias=True, item_ids=("1",))
    ]
    assert list(item_records([VALVE, SECOND, GAUGE], {"1", "2", "3"})) == [
        JobRecord(AliasKind.ITEM, "50", "Valve", "V-1", own_code=True, item_ids=("1", "2")),
        JobRecord(AliasKind.ITEM, "51", "Gauge", "GAUGE-300", item_ids=("3",)),
    ]


def test_a_send_needs_the_codes_of_the_items_that_its_findings_name() -> None:
    plan = a_plan()
    valve, gauge = plan.records
    assert plan.codes_needed([missing("2")]) == (valve,)
    assert plan.codes_needed([missing("1"), missing("3")]) == (valve, gauge)
    assert plan.codes_needed([missing("4")]) == ()
    assert plan.codes_needed([missing("1"), finding("ITEM_COST_MISSING", "none")]) == ()
    assert plan.codes_in_question([missing("1"), finding("ITEM_COST_MISSING", "none")]) == (valve,)


def test_a_refused_code_is_a_question_of_the_library_item_unless_a_rule_or_the_fallback_made_it() -> None:
    refused = replace(finding("ITEM_CODE_UNKNOWN", "unknown"), item_id="1")
    for source in ("alias.item", "mapping.item", "item.code"):
        assert [one.servicetrade_id for one in a_plan(a_line(source)).codes_needed([refused])] == ["50"]
    for made in (a_line("rule"), a_line("item.code", "!V-1"), a_line("item.code", item_id="9")):
        assert a_plan(made).codes_needed([refused]) == ()


def test_many_missing_items_do_not_make_endless_combinations() -> None:
    keys = [(AliasKind.ITEM, str(number)) for number in range(100, 140)]
    freed = freed_by(keys)
    assert len(freed) == 41
    assert freed[0] == "item:100"
    assert freed[-1].count("item:") == 40
