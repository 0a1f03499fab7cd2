"""One text in two spellings is one text, and what nobody sees joins no words: in header, material and other charge."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.connections.item_settings import NonStock
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.finding import Severity
from core.model.shared.text import composed, with_composed_text
from core.model.work_orders.field_check import bad_signs
from core.model.work_orders.item import item_type
from core.model.work_orders.work_order import CUSTOMER_PO, DESCRIPTION
from plugins.built_in.names import looked_up, plain_name
from tests.units.planning.test_plan_items import CONNECTION as WITH_ITEMS
from tests.units.planning.test_plan_items import FEE, PART, fold
from tests.units.planning.test_plan_send import JOB, plan

ACCENTED = "".join(ch for ch in map(chr, range(0xC0, 0x180)) if unicodedata.decomposition(ch)[:1] not in ("", "<"))
CONTROLS = [ch for ch in map(chr, range(0x100)) if unicodedata.category(ch) == "Cc"]
NON_STOCK = replace(WITH_ITEMS, non_stock_fallback=NonStock.ALL)
Seen = tuple[str, list[tuple[str, Severity]]]


def apart(text: str) -> str:
    """Every accent as a character of its own, as some keyboards and file systems store it."""
    return unicodedata.normalize("NFD", text)


async def seen(text: str) -> Mapping[str, Seen]:
    """What becomes of a text in each place that a work order has for text: the value, and the findings about it."""
    header = await plan(replace(JOB, description=text, customer_po=text))
    material = await fold(replace(PART, name=text or "-"), NON_STOCK)
    charge = await fold(replace(FEE, name=text or "-"))
    found = {name: (header.values.get(name, ""), header.findings) for name in (DESCRIPTION, CUSTOMER_PO)}
    for folded, field in ((material, "Item_Description"), (charge, "Description")):
        assert folded.line
        values = {value.field: value.value for value in folded.line.values}
        found[field] = (values.get(field, ""), folded.findings)
    return {
        field: (value, [(one.code, one.severity) for one in findings if one.field == field])
        for field, (value, findings) in found.items()
    }


@given(st.text(st.sampled_from(ACCENTED + "abc 1-\U0001f525"), max_size=300))
async def test_composed_and_decomposed_letters_are_checked_and_cut_alike(text: str) -> None:
    assert await seen(apart(text)) == await seen(composed(text))


async def test_a_text_that_fits_when_it_is_composed_is_neither_cut_nor_refused() -> None:
    text = "é" * 25
    assert len(apart(text)) == 50
    for field, (value, findings) in (await seen(apart(text))).items():
        assert (field, value, findings) == (field, text, [])


@pytest.mark.parametrize("control", CONTROLS, ids=lambda ch: f"U+{ord(ch):04X}")
async def test_a_control_character_becomes_one_blank_and_joins_no_words(control: str) -> None:
    for between in (control, control * 3, f" {control} "):
        for field, (value, _) in (await seen(f"one{between}two{control}")).items():
            assert (field, value) == (field, "one two")


async def test_a_warning_names_the_control_characters_that_are_no_line_breaks() -> None:
    made = await plan(replace(JOB, description="one\x00two\x07three\u200bfour so\u00adon"))
    assert made.values["Summary_Description"] == "one two three four soon"
    [warning] = made.findings
    assert not warning.blocks
    assert "U+0000, U+0007, U+00AD, U+200B" in warning.message


async def test_an_accent_behind_an_invisible_character_comes_to_its_letter() -> None:
    made = await plan(replace(JOB, description="Caf" + "e\u2060\u0301"))
    assert made.values["Summary_Description"] == "Café"


@pytest.mark.parametrize("unknown", ["\U000e0fff", "\ue000", "\ufdd0", "\ufffd"])
async def test_what_this_pythons_unicode_does_not_know_blocks_like_an_emoji_and_is_not_left_out(unknown: str) -> None:
    made = await plan(replace(JOB, description=f"Valve {unknown}"))
    [blocker] = made.blockers
    assert f"U+{ord(unknown):04X}" in blocker.message


def test_codes_stay_ascii_however_an_accent_is_stored() -> None:
    assert bad_signs(composed(apart("CAFÉ")), free=False) == "U+00C9"


@given(st.text(st.sampled_from(ACCENTED + " aB"), max_size=20))
def test_names_and_types_are_compared_composed(name: str) -> None:
    assert plain_name(apart(name)) == plain_name(name)
    assert item_type(apart(name)) == item_type(name)
    assert looked_up({apart(name): "found"}, name) == ("found" if name.strip() else None)


def test_a_record_is_composed_with_all_that_it_holds() -> None:
    def job(spelt: str) -> JobSnapshot:
        return JobSnapshot(
            id="1", number=None, status=spelt, office=spelt, tags=("a", spelt), customer=Party(id="2", name=spelt)
        )

    assert with_composed_text(job(apart("Zoë"))) == job("Zoë")
    plain = job("Zoe")
    assert with_composed_text(plain) is plain
    item = replace(PART, cost=Decimal("0.10"))
    assert with_composed_text(item) is item
