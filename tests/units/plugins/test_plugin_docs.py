"""The pages for plugin authors: every hook is documented, tested and its example runs; so does every recipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docs.generate.example_plugin import FOLDER as EXAMPLE
from docs.generate.example_plugin import files
from docs.generate.hooks import FOLDER, TYPES, hook_text, meanings, pages
from plugins import discovery, hookspecs
from plugins.examine import ABOUT_ITSELF, EVENTS, HOOKS
from plugins.in_process import InProcess
from plugins.testkit import Preview, Sent, make_item, make_job, posted_lines, preview, send

ROOT = Path(__file__).parents[3]
COOKBOOK = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
INFO = """
from jobferry.plugins import PluginInfo, hookimpl

@hookimpl
def plugin_info():
    return PluginInfo({name!r}, "1.0", "From the documentation.")
"""
EXAMPLES_NEED = """
import asyncio
from pydantic import BaseModel
from core.model.catalogue import finding
from core.model.planning.draft import DoNotSend, FieldPatch, HeaderPatch, NumberPatch
from core.model.work_orders.item import ItemKind
from core.model.planning.draft import LeaveOut, LinePatch
from core.model.work_orders.stored_line import StoredLine
NOTED = []
note = NOTED.append
def read_rows(company, number):
    return [{"key": "1", "fields": {"Item_Code": company, "Quantity_Used": "2"}, "stored_at": None}]
"""


def test_the_pages_are_those_of_the_hookspecs() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert there == pages(), "run: python -m docs.generate.hooks"


def test_a_field_of_what_rules_read_without_a_meaning_is_noticed() -> None:
    @dataclass
    class Bare:
        id: str
        """Never empty."""
        name: str

    with pytest.raises(ValueError, match="Bare: say below name what it means"):
        meanings(Bare)
    for name in TYPES:
        assert name in hookspecs.__all__


def test_the_example_repository_is_what_plugins_new_makes() -> None:
    found = {path.relative_to(EXAMPLE).as_posix(): path.read_bytes() for path in EXAMPLE.rglob("*") if path.is_file()}
    ours = {name: content for name, content in found.items() if "__pycache__" not in name}
    assert ours == files(), "run: python -m docs.generate.example_plugin"


def test_authors_import_the_same_objects_by_both_paths() -> None:
    import jobferry.plugins
    import jobferry.testkit

    from plugins import testkit

    assert jobferry.plugins.__all__ == hookspecs.__all__
    assert jobferry.testkit.__all__ == testkit.__all__
    for theirs, ours in ((jobferry.plugins, hookspecs), (jobferry.testkit, testkit)):
        assert all(getattr(theirs, name) is getattr(ours, name) for name in ours.__all__)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_is_documented_with_an_example(hook: str) -> None:
    text = hook_text(hook)
    assert text.summary.endswith(".")
    assert f"def {hook}(" in text.example


def test_a_page_names_the_members_of_what_an_author_chooses_from() -> None:
    assert "`ItemKind.MATERIAL`, `ItemKind.OTHER_CHARGE`, `ItemKind.SKIP`, `ItemKind.TASK`" in pages()["map_line.md"]
    assert "`Severity.BLOCKER`, `Severity.WARNING`, `Severity.INFO`" in pages()["validate_work_order.md"]


def test_a_code_of_ones_own_is_told_where_the_codes_are() -> None:
    with pytest.raises(KeyError, match="NO_PO is no code of Jobferry; docs/failures.md has them all"):
        hookspecs.finding("NO_PO", "This customer wants a PO.")


def test_a_hook_without_documentation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.hookspecs import Hooks

    monkeypatch.setattr(Hooks.map_line, "__doc__", "What an item becomes.")
    with pytest.raises(ValueError, match="map_line: say what it is"):
        hook_text("map_line")


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook not in ABOUT_ITSELF])
def test_a_hook_is_used_in_a_test_of_what_it_does(hook: str) -> None:
    """Not here and not in the documentation's own tests, but where its effect is looked at."""
    written = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    assert any(f"def {hook}(" in path.read_text(encoding="utf-8") for path in written), f"no test has a {hook}"


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, code: str) -> Path:
        file = tmp_path / f"{name}.py"
        file.write_text(INFO.format(name=name) + code)
        return file

    return write


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "plugin_info"])
def test_an_example_runs_as_it_stands(hook: str, plugin: Callable[[str, str], Path]) -> None:
    file = plugin("example", EXAMPLES_NEED + hook_text(hook).example)
    told = InProcess(discovery.load(f"file:{file}"), "docs").described
    assert hook in told.hooks
    job = make_job(office="West", tags=("warranty",), customer_po="")
    seen = preview(file, job, [make_item(), make_item(id="7002", name="Free", cost=Decimal(0))])
    expected: Mapping[str, Callable[[], bool]] = {
        "work_order_number": lambda: seen.number == "W104482",
        "map_work_order": lambda: seen.value("Priority_Code") == "1",
        "should_send": lambda: seen.codes == ["NOT_SENT_HERE"],
        "validate_work_order": lambda: seen.codes == ["PO_REQUIRED"],
        "include_item": lambda: "Free" in seen.left_out,
        "map_line": lambda: seen.line("Free")["Warehouse_Code"] == "TRUCK1",
        "posted_lines": lambda: [one.fields["Item_Code"] for one in posted_lines(file, "T104482") or ()] == ["101"],
        "classify_error": lambda: send(file, job, refusal="Period").findings[0].code == "PERIOD_CLOSED",
    }
    if hook in expected:
        assert expected[hook]()
    if hook in EVENTS:
        send(file, job, refusal=None if hook == "send_succeeded" else "No.")


def recipes() -> Mapping[int, str]:
    found = re.findall(r"^## (\d+)\. .+?```python\n(.+?)```", COOKBOOK, re.DOTALL | re.MULTILINE)
    return {int(number): code for number, code in found}


def test_there_are_ten_recipes() -> None:
    assert list(recipes()) == list(range(1, 11))


JOB, ITEM = make_job(), make_item()


def priority(see: Callable[..., Preview], _: Any) -> None:
    assert see(make_job(tags=("urgent",))).value("Priority_Code") == "2"
    assert see(JOB).value("Priority_Code") == ""


def shorter(see: Callable[..., Preview], _: Any) -> None:
    assert see(make_job(number="2026-104482")).number == "T104482"
    assert see(JOB).number == "T104482"


def parent(see: Callable[..., Preview], _: Any) -> None:
    assert JOB.customer
    plant = make_job(customer=replace(JOB.customer, external_id="HVPLANT2"))
    assert see(plant).value("Bill_Customer_Code") == "HARVIEW"


def one_office(see: Callable[..., Preview], _: Any) -> None:
    assert see(make_job(office="East"), config={"office": "West"}).codes == ["NOT_SENT_HERE"]
    assert see(make_job(office="West"), config={"office": "West"}).sendable


def contract(see: Callable[..., Preview], _: Any) -> None:
    assert see(make_job(type="inspection", contract=None)).codes == ["CONTRACT_NOT_MAPPED"]
    assert see(make_job(type="inspection")).sendable


def small(see: Callable[..., Preview], _: Any) -> None:
    items = [ITEM, make_item(id="7002", name="Tape", cost="0.50")]
    assert see(JOB, items).left_out == {"Tape": "it costs less than 5.00"}


def rental(see: Callable[..., Preview], _: Any) -> None:
    line = see(JOB, [make_item(name="Lift", type="rental", cost="80")]).line("Lift")
    assert (line["Other_Cost_Item"], line["Cost_Of_Sales_Amount"]) == ("RENTAL", "160")


def department(see: Callable[..., Preview], _: Any) -> None:
    assert see(JOB, [make_item(service_line="Alarm")]).line(ITEM.name)["GL_Department"] == "200"


def words(_: Any, do: Callable[..., Sent]) -> None:
    [found] = do(JOB, refusal="Period 11 is closed").findings
    assert "extension 114" in found.fix[0]


def page(see: Callable[..., Preview], _: Any) -> None:
    assert see(JOB, config={"page_url": "https://pager.example.com/x"}).sendable
    with pytest.raises(ValueError, match="page_url"):
        see(JOB, config={"page_url": "nowhere"})


EXPECTED = (priority, shorter, parent, one_office, contract, small, rental, department, words, page)


@pytest.mark.parametrize(("number", "expected"), list(enumerate(EXPECTED, 1)))
def test_a_recipe_does_what_it_says(
    number: int, expected: Callable[..., None], plugin: Callable[[str, str], Path]
) -> None:
    file = plugin("our-rule", recipes()[number])

    def see(*given: Any, **more: Any) -> Preview:
        return preview(file, *given, **more)

    def do(*given: Any, **more: Any) -> Sent:
        return send(file, *given, **more)

    expected(see, do)
