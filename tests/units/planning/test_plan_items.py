"""From a job's items to the lines that are wanted of them: kinds, codes, figures, and every reason to stay behind."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.item_settings import NonStock
from core.model.connections.settings import LongText, PluginUse
from core.model.planning.draft import FieldPatch, LeaveOut, LineDraft, LinePatch
from core.model.planning.job import JobSnapshot
from core.model.planning.line_fold import FoldedItem
from core.model.shared.errors import BadInput
from core.model.shared.figures import extended, plain, to_cents
from core.model.shared.finding import Severity
from core.model.work_orders.item import DEFAULT_KINDS, ItemKind, JobItem, Unreadable, item_type
from core.services.planning.plan_items import plan_items
from plugins.hookspecs import PluginInfo, hookimpl
from plugins.host import PluginHost

CONNECTION = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("spectrum.example.com"),
    company_code="101",
    default_warehouse="MAIN",
)
JOB = JobSnapshot(id="1", number="104482", status="completed")
PART = JobItem(id="7", name="Check valve 2in", type="part", quantity=Decimal("2"), cost=Decimal("41.5"), code="VALVE-2")
FEE = JobItem(id="8", name="Permit fee", type="fee", quantity=Decimal("3"), cost=Decimal("33.335"), code="PERMIT")


async def fold(item: JobItem, connection: Connection = CONNECTION, *plugins: object) -> FoldedItem:
    [folded] = await plan_items(PluginHost(plugins), connection, JOB, [item], {})
    return folded


def fields(folded: FoldedItem) -> dict[str, str]:
    assert folded.line, folded
    return {value.field: value.value for value in folded.line.values}


def blockers(folded: FoldedItem) -> list[str]:
    return [found.code for found in folded.findings if found.blocks]


async def test_stock_material_carries_code_warehouse_and_quantity_and_never_a_cost() -> None:
    assert fields(await fold(PART)) == {"Item_Code": "VALVE-2", "Warehouse_Code": "MAIN", "Quantity_Used": "2"}


async def test_an_other_charge_carries_the_extended_cost_rounded_once() -> None:
    assert fields(await fold(FEE)) == {
        "Other_Cost_Item": "PERMIT",
        "Description": "Permit fee",
        "Cost_Of_Sales_Amount": "100.01",
    }


async def test_the_external_id_goes_before_the_code_and_says_where_it_comes_from() -> None:
    folded = await fold(replace(PART, external_id=" INV-9 "))
    assert fields(folded)["Item_Code"] == "INV-9"
    assert folded.line
    assert folded.line.values[0].origin.source == "mapping.item"
    assert fields(await fold(replace(PART, external_id="  ")))["Item_Code"] == "VALVE-2"


@pytest.mark.parametrize("external_id", ["INV-9", " ", None])
@pytest.mark.parametrize("item", [PART, FEE])
async def test_an_alias_of_the_library_item_goes_before_its_external_id_and_its_code(
    item: JobItem, external_id: str | None
) -> None:
    unread = (Unreadable("external_id", "[]"),) if external_id is None else ()
    mapped = replace(item, external_id=external_id, unreadable=unread, library_id="5", alias_code="OURS")
    folded = await fold(replace(mapped, alias_reason="the alias, set by ann"))
    assert not blockers(folded)
    assert folded.line
    assert (folded.line.values[0].value, folded.line.values[0].origin.source) == ("OURS", "alias.item")
    assert folded.line.values[0].origin.reason == "the alias, set by ann"


@pytest.mark.parametrize(("fallback", "code"), [("off", "OURS"), ("without_code", "OURS"), ("all", "!OURS")])
async def test_a_non_stock_item_keeps_its_sign_before_the_alias(fallback: str, code: str) -> None:
    settings = replace(CONNECTION, non_stock_fallback=NonStock(fallback))
    assert fields(await fold(replace(PART, library_id="5", alias_code="OURS"), settings))["Item_Code"] == code


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (replace(PART, code="", library_id="5"), "ServiceTrade id 5"),
        (replace(PART, code="", library_id="5", generic=True), "stands for anything"),
        (replace(PART, code=""), "not from ServiceTrade's library"),
    ],
)
async def test_an_item_without_a_code_says_where_it_would_have_it_and_which_item_it_is(
    item: JobItem, said: str
) -> None:
    [found] = (await fold(item)).findings
    assert (found.code, found.item_id) == ("ITEM_CODE_MISSING", "7")
    assert said in found.message


@pytest.mark.parametrize("kind", sorted(DEFAULT_KINDS))
async def test_every_known_type_has_its_kind(kind: str) -> None:
    folded = await fold(replace(PART, type=kind))
    expected = DEFAULT_KINDS[kind]
    assert (folded.line.kind if folded.line else ItemKind.SKIP) is expected
    if expected is ItemKind.SKIP:
        assert folded.left_out
        assert folded.left_out.reason


@pytest.mark.parametrize(
    "spelling", ["general conditions", "generalConditions", "General_Conditions", "GENERAL-conditions"]
)
def test_a_type_has_one_spelling(spelling: str) -> None:
    assert item_type(spelling) == "general conditions"


async def test_labor_never_goes_whatever_a_setting_or_a_plugin_says() -> None:
    with pytest.raises(BadInput, match="labor"):
        replace(CONNECTION, item_kinds={"labor": ItemKind.MATERIAL})

    class Pushy:
        @hookimpl
        def plugin_info(self) -> PluginInfo:
            return PluginInfo("pushy", "1", "Wants labor to go along.")

        @hookimpl
        def map_line(self, draft: LineDraft) -> LinePatch:
            return LinePatch(ItemKind.OTHER_CHARGE, (FieldPatch("Other_Cost_Item", "LAB", "mine"),))

    folded = await fold(replace(FEE, type="labor"), replace(CONNECTION, plugins=(PluginUse("pushy"),)), Pushy())
    assert folded.line is None
    assert folded.left_out
    assert folded.left_out.code == "labor"
    assert "Spectrum directly" in folded.left_out.reason


async def test_a_type_that_nobody_decided_about_blocks() -> None:
    assert blockers(await fold(replace(PART, type="discount"))) == ["ITEM_TYPE_UNKNOWN"]
    assert blockers(await fold(replace(PART, type=""))) == ["ITEM_TYPE_UNKNOWN"]
    decided = replace(CONNECTION, item_kinds={"discount": ItemKind.SKIP})
    assert (await fold(replace(PART, type="discount"), decided)).left_out


@pytest.mark.parametrize("item", [PART, FEE])
async def test_a_quantity_of_zero_stays_behind_and_a_negative_one_goes(item: JobItem) -> None:
    zero = await fold(replace(item, quantity=Decimal("0.00")))
    assert zero.left_out
    assert zero.left_out.code == "zero_quantity"
    negative = fields(await fold(replace(item, quantity=Decimal(-2))))
    assert negative.get("Quantity_Used", negative.get("Cost_Of_Sales_Amount")) in ("-2", "-66.67")


async def test_a_missing_quantity_blocks_and_a_missing_cost_only_where_it_is_needed() -> None:
    assert blockers(await fold(replace(PART, quantity=None))) == ["ITEM_QUANTITY_MISSING"]
    assert blockers(await fold(replace(PART, cost=None))) == []
    assert blockers(await fold(replace(FEE, cost=None))) == ["ITEM_COST_MISSING"]
    all_non_stock = replace(CONNECTION, non_stock_fallback=NonStock.ALL)
    assert blockers(await fold(replace(PART, cost=None), all_non_stock)) == ["ITEM_COST_MISSING"]


async def test_a_cost_of_zero_goes() -> None:
    assert fields(await fold(replace(FEE, cost=Decimal(0))))["Cost_Of_Sales_Amount"] == "0"


async def test_without_a_code_the_item_blocks_unless_it_may_go_as_non_stock() -> None:
    nameless = replace(PART, code=" ")
    assert blockers(await fold(nameless)) == ["ITEM_CODE_MISSING"]
    folded = fields(await fold(nameless, replace(CONNECTION, non_stock_fallback=NonStock.WITHOUT_CODE)))
    assert folded == {
        "Item_Code": "!CHECK-VALVE-2I",
        "Item_Description": "Check valve 2in",
        "Quantity_Used": "2",
        "Unit_Cost": "41.5",
    }
    assert blockers(await fold(replace(FEE, code=""), replace(CONNECTION, non_stock_fallback=NonStock.ALL))) == [
        "ITEM_CODE_MISSING"
    ]


async def test_all_non_stock_marks_known_codes_too() -> None:
    assert fields(await fold(PART, replace(CONNECTION, non_stock_fallback=NonStock.ALL)))["Item_Code"] == "!VALVE-2"


@pytest.mark.parametrize(
    ("quantity", "sent", "severity"),
    [
        ("1.5", "1.5", None),
        ("0.125", "0.13", Severity.WARNING),
        ("-0.125", "-0.13", Severity.WARNING),
        ("0.001", "0", Severity.BLOCKER),
        ("9999999.99", "9999999.99", None),
        ("10000000", "10000000", Severity.BLOCKER),
        ("1E+40", "1E+40", Severity.BLOCKER),
        ("9999999.999", "9999999.999", Severity.BLOCKER),
    ],
)
async def test_quantities_keep_to_spectrums_format(quantity: str, sent: str, severity: Severity | None) -> None:
    folded = await fold(replace(PART, quantity=Decimal(quantity)))
    assert fields(folded)["Quantity_Used"] == sent
    assert [f.severity for f in folded.findings if f.code == "NUMBER_PRECISION"] == ([severity] if severity else [])


async def test_an_amount_too_large_for_spectrum_blocks() -> None:
    assert blockers(await fold(replace(FEE, quantity=Decimal(10**6), cost=Decimal("99999.99")))) == ["NUMBER_PRECISION"]
    assert blockers(await fold(replace(FEE, quantity=Decimal("1E30"), cost=Decimal("1E30"))))[0] == "NUMBER_PRECISION"


@pytest.mark.parametrize(
    ("quantity", "cost", "sent", "told"),
    [
        ("0.3", "0.01", "0", True),
        ("-0.3", "0.01", "0", True),
        ("0.0001", "49", "0", True),
        ("1E-30", "1", "0", True),
        ("0.5", "0.01", "0.01", False),
        ("3", "0", "0", False),
        ("0.3", "0.00", "0", False),
    ],
)
async def test_a_charge_that_would_round_to_nothing_is_told(quantity: str, cost: str, sent: str, told: bool) -> None:
    folded = await fold(replace(FEE, quantity=Decimal(quantity), cost=Decimal(cost)))
    assert fields(folded)["Cost_Of_Sales_Amount"] == sent
    found = [(one.code, one.field, one.blocks, "too small" in one.message) for one in folded.findings]
    assert found == [("NUMBER_PRECISION", "Cost_Of_Sales_Amount", True, True)] * told


@given(st.decimals("-9", "9", places=4), st.decimals("0", "9", places=4))
async def test_no_charge_becomes_zero_in_silence(quantity: Decimal, cost: Decimal) -> None:
    folded = await fold(replace(FEE, quantity=quantity, cost=cost))
    if folded.line and quantity * cost:
        assert fields(folded)["Cost_Of_Sales_Amount"] != "0" or blockers(folded) == ["NUMBER_PRECISION"]


async def test_a_rule_may_set_a_charge_that_would_round_to_nothing() -> None:
    class Least:
        @hookimpl
        def plugin_info(self) -> PluginInfo:
            return PluginInfo("least", "1", "A cent at least.")

        @hookimpl
        def map_line(self, draft: LineDraft) -> LinePatch:
            return LinePatch(fields=(FieldPatch("Cost_Of_Sales_Amount", "0.01", "a cent at least"),))

    small = replace(FEE, quantity=Decimal("0.3"), cost=Decimal("0.01"))
    folded = await fold(small, replace(CONNECTION, plugins=(PluginUse("least"),)), Least())
    assert (fields(folded)["Cost_Of_Sales_Amount"], folded.findings) == ("0.01", ())


async def test_a_non_stock_cost_with_more_than_two_decimals_is_rounded_with_a_warning() -> None:
    folded = await fold(replace(PART, cost=Decimal("1.005")), replace(CONNECTION, non_stock_fallback=NonStock.ALL))
    assert fields(folded)["Unit_Cost"] == "1.01"
    assert [f.severity for f in folded.findings] == [Severity.WARNING]


async def test_a_long_name_is_cut_for_people_and_a_long_code_blocks() -> None:
    long = "Fire department standpipe certification fee, county"
    assert fields(await fold(replace(FEE, name=long)))["Description"] == "Fire department standpipe"
    refusing = replace(CONNECTION, long_text=LongText.REFUSE)
    assert blockers(await fold(replace(FEE, name=long), refusing)) == ["FIELD_LENGTH_OTHER"]
    assert blockers(await fold(replace(FEE, code="X" * 16))) == ["FIELD_LENGTH_OTHER"]


async def test_signs_that_the_web_service_refuses_block() -> None:
    assert blockers(await fold(replace(PART, code="VÄLVE"))) == ["INVALID_CHARACTERS"]


class Rule:
    """A plugin that leaves out what is free and takes valves from the truck."""

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("truck", "2", "Truck stock.")

    @hookimpl
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        return LeaveOut("free of charge") if draft.item.cost == 0 else None

    @hookimpl
    def map_line(self, draft: LineDraft) -> LinePatch:
        return LinePatch(fields=(FieldPatch("Warehouse_Code", "TRUCK1", "from the truck"),))


WITH_RULE = replace(CONNECTION, plugins=(PluginUse("truck"),))


async def test_a_rule_leaves_out_and_maps_with_its_name_as_origin() -> None:
    left = (await fold(replace(PART, cost=Decimal(0)), WITH_RULE, Rule())).left_out
    assert left
    assert (left.reason, left.origin.rule, left.origin.version) == ("free of charge", "truck", "2")
    folded = await fold(PART, WITH_RULE, Rule())
    assert folded.line
    [warehouse] = [value for value in folded.line.values if value.field == "Warehouse_Code"]
    assert (warehouse.value, warehouse.origin.rule) == ("TRUCK1", "truck")


async def test_a_rule_cannot_set_what_is_no_field_of_the_line() -> None:
    assert blockers(await fold(FEE, WITH_RULE, Rule())) == ["FIELD_LENGTH_OTHER"]


@pytest.mark.parametrize("answer", ["text", 7, LeaveOut("wrong hook")])
async def test_a_rule_that_fails_or_answers_nonsense_blocks_the_item(answer: object) -> None:
    class Broken:
        @hookimpl
        def plugin_info(self) -> PluginInfo:
            return PluginInfo("truck", "2", "Broken.")

        @hookimpl
        def map_line(self, draft: LineDraft) -> object:
            if answer == 7:
                raise RuntimeError("boom")
            return answer

    assert blockers(await fold(PART, WITH_RULE, Broken())) == ["PLUGIN_ERROR"]


async def test_a_rule_that_fails_does_not_leave_an_item_out_in_silence() -> None:
    class Broken:
        @hookimpl
        def plugin_info(self) -> PluginInfo:
            return PluginInfo("truck", "2", "Broken.")

        @hookimpl
        def include_item(self, draft: LineDraft) -> None:
            raise RuntimeError("boom")

    assert blockers(await fold(PART, WITH_RULE, Broken())) == ["PLUGIN_ERROR"]


MONEY = st.decimals(min_value=Decimal("-99999.99999"), max_value=Decimal("99999.99999"), allow_nan=False)


@given(MONEY, MONEY)
def test_an_amount_is_the_exact_product_rounded_once(quantity: Decimal, cost: Decimal) -> None:
    """Held against integers, as a second way to the same figure: a half goes away from zero."""
    amount = extended(quantity, cost)
    assert amount is not None
    (q, q_places), (c, c_places) = _whole(quantity), _whole(cost)
    cents, rest = divmod(abs(q * c) * 100, 10 ** (q_places + c_places))
    cents += rest * 2 >= 10 ** (q_places + c_places)
    assert abs(amount) * 100 == cents
    assert amount == 0 or (amount < 0) == (q * c < 0)


def _whole(number: Decimal) -> tuple[int, int]:
    """A number as an integer and how many decimals that has."""
    places = max(0, -int(number.as_tuple().exponent))
    return int(number.scaleb(places)), places


@given(MONEY)
def test_a_figure_is_written_plainly_and_reads_back_the_same(number: Decimal) -> None:
    cents = to_cents(number)
    assert cents is not None
    text = plain(cents)
    assert Decimal(text) == cents
    assert "E" not in text
    assert text != "-0"
