"""Our field table against an excerpt of Spectrum's documentation, and what the model makes of it.

The excerpt is the test's own. It was copied from the documentation, not made from our table.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.model.work_orders.cost_line import LINE_LENGTHS, WHOLE_DIGITS
from core.model.work_orders.item import ItemKind
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS
from core.model.work_orders.work_order import DATES, LENGTHS, NUMERIC

DOCUMENTED = json.loads(Path(__file__).with_name("data").joinpath("spectrum_fields.json").read_text("utf-8"))
LINE_SERVICES = {ItemKind.MATERIAL: "AddWOMaterialCost", ItemKind.OTHER_CHARGE: "AddWOOtherCharges"}


def test_the_table_holds_the_documented_fields_in_order() -> None:
    ours = {
        service: [
            {"name": one.name, "max": one.length, "required": one.required, "type": one.type, "format": one.format}
            for one in declared
        ]
        for service, declared in SPECTRUM_FIELDS.items()
    }
    assert ours == DOCUMENTED


def test_the_header_of_the_model_is_the_documented_one() -> None:
    header = DOCUMENTED["WorkOrderHeader"]
    assert list(LENGTHS.items()) == [(one["name"], one["max"]) for one in header]
    assert {one["name"] for one in header if one["type"] == "Numeric"} == NUMERIC
    assert {one["name"] for one in header if one["type"] == "Date"} == DATES


@pytest.mark.parametrize("kind", LINE_SERVICES)
def test_the_lines_of_the_model_are_the_documented_ones(kind: ItemKind) -> None:
    documented = DOCUMENTED[LINE_SERVICES[kind]]
    assert [one["name"] for one in documented[:4]] == ["Authorization_ID", "GUID", "Company_Code", "WO_Number"]
    assert list(LINE_LENGTHS[kind].items()) == [(one["name"], one["max"]) for one in documented[4:]]
    for one in documented:
        if one["type"] == "Numeric":
            assert one["format"] == f"-{WHOLE_DIGITS[one['name']]}.2"
