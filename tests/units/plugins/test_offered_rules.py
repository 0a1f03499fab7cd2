"""The rules that come with Jobferry and that a connection may name, each with its configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.model.connections.connection import Connection
from core.model.connections.item_settings import NonStock
from core.model.connections.settings import PluginUse
from core.model.planning.job import JobSnapshot
from core.model.planning.line_fold import FoldedItem
from core.model.shared.finding import Severity
from core.model.work_orders.item import JobItem
from core.services.planning.plan_items import plan_items
from plugins.host import PluginHost
from tests.units.planning.test_plan_items import FEE, PART
from tests.units.planning.test_plan_send import CONNECTION, JOB, codes, plan


def using(name: str, connection: Connection = CONNECTION, **config: Any) -> Connection:
    return replace(connection, plugins=(PluginUse(name, config),))


async def items(connection: Connection, job: JobSnapshot = JOB, *of: JobItem) -> list[FoldedItem]:
    return list(await plan_items(PluginHost(), connection, job, of, {}))


async def refused(name: str, config: dict[str, Any]) -> list[str]:
    return [error.pointer for error in await PluginHost().check_config(name, config)]


@pytest.mark.parametrize(
    ("config", "office", "number"),
    [
        ({"by": "office", "characters": {"West": "W"}}, " west ", "W104482"),
        ({"by": "office", "characters": {"West": "W"}}, "East", "T104482"),
        ({"by": "office", "characters": {"West": "W"}}, None, "T104482"),
        ({"by": "office", "characters": {"West": "W"}, "otherwise": "Z"}, "East", "Z104482"),
        ({"by": "office", "characters": {"West": "W"}, "otherwise": ""}, None, "104482"),
        ({"by": "office", "characters": {"West": ""}}, "West", "104482"),
        ({"by": "job_type", "characters": {"Repair": "R"}}, "West", "R104482"),
    ],
)
async def test_the_leading_character_goes_by_office_or_job_type(
    config: dict[str, Any], office: str | None, number: str
) -> None:
    job = replace(JOB, office=office, type="repair")
    made = await plan(job, using("leading_character_by", **config))
    assert made.number == number
    [header] = [one for one in made.header if one.field == "WO_Number"]
    assert header.origin.reason
    assert header.origin.rule == ("leading_character" if number[0] == "T" else "leading_character_by")


async def test_a_job_without_a_number_gets_none_from_its_office() -> None:
    connection = using("leading_character_by", by="office", characters={"West": "W"})
    assert codes(await plan(replace(JOB, number=None, office="West"), connection)) == ["JOB_NUMBER_MISSING"]


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({}, ["7", "8"]),
        ({"leave_out": {"types": ["Fee"]}}, ["7"]),
        ({"leave_out": {"codes": ["valve*"]}}, ["8"]),
        ({"leave_out": {"sources": ["truck *"]}}, ["8"]),
        ({"leave_out": {"service_lines": ["sprinkler"]}}, ["8"]),
        ({"only": {"types": ["part"]}}, ["7"]),
        ({"only": {"codes": ["PERMIT"], "types": ["part"]}}, ["7", "8"]),
        ({"only": {"types": ["part"]}, "leave_out": {"codes": ["VALVE-?"]}}, []),
        ({"leave_out": {"codes": ["ext-7"]}}, ["8"]),
        ({"leave_out": {"codes": ["nothing", "valve*", "per?it"]}}, []),
    ],
)
async def test_items_are_filtered_by_what_they_are(config: dict[str, Any], kept: list[str]) -> None:
    part = replace(PART, source="Truck Stock", service_line="Sprinkler", external_id="EXT-7")
    found = await items(using("item_filter", **config), JOB, part, FEE)
    assert [one.item.id for one in found if one.line] == kept
    for one in found:
        if one.left_out:
            assert one.left_out.origin.rule == "item_filter"
            assert one.left_out.reason


async def test_materials_come_from_the_warehouse_of_the_office() -> None:
    connection = using("warehouse_by_office", replace(CONNECTION, default_warehouse="MAIN"), warehouses={"West": "W1"})
    west, east = replace(JOB, office="WEST"), replace(JOB, office="East")
    for job, warehouse in ((west, "W1"), (east, "MAIN")):
        part, fee = await items(connection, job, PART, FEE)
        assert part.line is not None
        assert {value.field: value.value for value in part.line.values}["Warehouse_Code"] == warehouse
        assert fee.line is not None
        assert not fee.findings, "an other charge has no warehouse"
    non_stock = replace(connection, non_stock_fallback=NonStock.ALL)
    [part] = await items(non_stock, west, PART)
    assert part.line is not None
    assert "Warehouse_Code" not in {value.field for value in part.line.values}


async def test_the_description_is_put_together() -> None:
    template = "{job_type}: {description} ({location}, {tags}) {{x}}"
    job = replace(JOB, type="Repair", tags=("urgent", "night"))
    made = await plan(job, using("description_template", template=template))
    wanted = "Repair: Replace leaking check valve on riser 2 and retest. (Plant 2, urgent, night) {x}"
    assert made.values["Summary_Description"] == wanted
    nothing = await plan(replace(JOB, description="D"), using("description_template", template="{office}"))
    assert nothing.values["Summary_Description"] == "D", "an empty text replaces nothing"


@pytest.mark.parametrize(
    "template", ["", "{", "{nothing}", "{description.__class__}", "{description!r}", "{tags:>9}", "{}"]
)
async def test_a_template_is_looked_at_when_it_is_saved(template: str) -> None:
    assert await refused("description_template", {"template": template}) == ["/template"]


@pytest.mark.parametrize(
    ("config", "po", "severity"),
    [
        ({}, "PO-1", None),
        ({}, " ", Severity.BLOCKER),
        ({"warn_only": True}, "", Severity.WARNING),
        ({"customers": ["harview"]}, "", Severity.BLOCKER),
        ({"customers": ["OTHER"]}, "", None),
        ({"job_types": ["Inspection"]}, "", None),
        ({"job_types": ["repair"]}, "", Severity.BLOCKER),
        ({"except_tags": ["Warranty"]}, "", None),
    ],
)
async def test_a_po_is_asked_for(config: dict[str, Any], po: str, severity: Severity | None) -> None:
    job = replace(JOB, customer_po=po, type="Repair", tags=("warranty",))
    made = await plan(job, using("po_required", **config))
    assert [(one.code, one.severity) for one in made.findings] == ([("PO_REQUIRED", severity)] if severity else [])
    assert made.sendable is (severity is not Severity.BLOCKER)


async def test_the_work_order_type_goes_by_the_job_type() -> None:
    connection = using("work_order_type_by_job_type", types={"Inspection": "INSP"})
    assert (await plan(replace(JOB, type="inspection "), connection)).values["WO_Job_Division"] == "INSP"
    assert (await plan(replace(JOB, type="repair"), connection)).values["WO_Job_Division"] == "SVC"


@pytest.mark.parametrize(
    ("name", "config", "pointers"),
    [
        ("leading_character_by", {}, ["/by", "/characters"]),
        ("leading_character_by", {"by": "office", "characters": {"W": "WW"}}, ["/characters/W"]),
        ("leading_character_by", {"by": "office", "characters": {"W": "é"}}, ["/characters/W"]),
        ("item_filter", {"leave": {}}, ["/leave"]),
        ("warehouse_by_office", {"warehouses": {}}, ["/warehouses"]),
        ("warehouse_by_office", {"warehouses": {"W": "x" * 11}}, ["/warehouses/W"]),
        ("po_required", {"customer": []}, ["/customer"]),
        ("work_order_type_by_job_type", {"types": {"a": "SIXSIX"}}, ["/types/a"]),
    ],
)
async def test_a_wrong_setting_is_pointed_at(name: str, config: dict[str, Any], pointers: list[str]) -> None:
    assert await refused(name, config) == pointers
