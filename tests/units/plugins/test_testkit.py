"""The test kit as an author uses it: its fixtures come with Jobferry, and it says what Jobferry itself would do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.model.catalogue import finding
from core.model.planning.draft import Draft, FieldPatch, HeaderPatch, LeaveOut, LineDraft, NumberPatch
from core.model.planning.job import JobSnapshot
from core.model.plugins.notification import SendNotification
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import QUANTITY
from plugins.hookspecs import ItemKind, PluginInfo, StoredLine, WorkOrderQuery, hookimpl
from plugins.testkit import Preview, RuleFailed, SandboxSystems, Sent, samples
from tests.support.posted_lines_example import write_example

ROOT = Path(__file__).parents[3]


class West:
    """A plugin of the test."""

    def __init__(self) -> None:
        self.heard: list[SendNotification] = []

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("west", "1", "For a test.")

    @hookimpl
    def work_order_number(self, draft: Draft) -> NumberPatch | None:
        if draft.job.office != "West":
            return None
        return NumberPatch("W" + (draft.job.number or ""), "the West office")

    @hookimpl
    def map_work_order(self, draft: Draft) -> HeaderPatch | None:
        if "breaks" in draft.job.tags:
            raise RuntimeError("cannot do that")
        return HeaderPatch((FieldPatch("Priority_Code", "1", "always"),))

    @hookimpl
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        return LeaveOut("too cheap") if draft.item.cost is not None and draft.item.cost < 1 else None

    @hookimpl
    def classify_error(self, row: Any) -> Finding | None:
        return finding("PERIOD_CLOSED", f"Call Dana: {row.text}") if "month" in row.text else None

    @hookimpl
    async def send_succeeded(self, news: SendNotification) -> None:
        self.heard.append(news)


def test_a_preview_shows_numbers_values_origins_and_items(
    make_job: Callable[..., JobSnapshot], make_item: Callable[..., Any], preview: Callable[..., Preview]
) -> None:
    assert preview(West(), make_job()).number == "T104482"
    items = [make_item(), make_item(id="7002", name="Washer", cost="0.10")]
    seen = preview(West(), make_job(office="West", customer_po=""), items)
    assert (seen.number, seen.sendable, seen.codes) == ("W104482", True, [])
    assert (seen.value("Priority_Code"), seen.origin("Priority_Code").rule) == ("1", "west")
    assert seen.value("Customer_PO_Number") == ""
    assert seen.line("Pressure gauge 300 psi")[QUANTITY] == "2"
    assert seen.left_out == {"Washer": "too cheap"}
    with pytest.raises(KeyError, match=r"no item 'Washer' here; there is 7001 \(Pressure gauge 300 psi\)"):
        seen.line("Washer")


def test_results_are_found_by_the_items_id_or_name(make_job: Any, make_item: Any, preview: Any, send: Any) -> None:
    items = [make_item(quantity=1), make_item(id="7002", quantity=2), make_item(id="7003", name="Washer", cost="0.10")]
    seen = preview(West(), make_job(), items)
    assert list(seen.lines) == ["7001", "7002"]
    assert [fields[QUANTITY] for fields in seen.lines.values()] == ["1", "2"]
    assert seen.line("7002")[QUANTITY] == "2"
    assert seen.line_origin("7002", QUANTITY).rule == "item_kinds"
    with pytest.raises(KeyError, match="is the name of the items 7001, 7002; use an id"):
        seen.line("Pressure gauge 300 psi")
    assert "Pressure gauge 300 psi" in seen.lines
    assert (seen.left_out["7003"], seen.left_out["Washer"]) == ("too cheap", "too cheap")
    assert seen.left_out == {"7003": "too cheap"}
    assert seen.left_out != {"7003": "too dear"}
    sent = send(West(), make_job(), items)
    assert (len(sent.lines), sent.items["7002"][QUANTITY]) == (2, "2")


def test_a_send_shows_what_stands_where(make_job: Any, make_item: Any, send: Callable[..., Sent]) -> None:
    west = West()
    sent = send(west, make_job(office="West"), [make_item(quantity=3)])
    assert (sent.state, sent.external_id, sent.comments) == ("sent", "W104482", ())
    assert sent.work_order["Priority_Code"] == "1"
    assert [line[QUANTITY] for line in sent.lines] == ["3"]
    assert [news.work_order_number for news in west.heard] == ["W104482"]
    refused = send(west, make_job(), refusal="The month is closed.")
    assert (refused.state, refused.external_id) == ("needs_attention", None)
    assert refused.findings[0].message == "Call Dana: The month is closed."
    assert "Call Dana" in refused.comments[0]


def test_a_rule_that_fails_fails_the_test_with_its_cause(make_job: Any, preview: Any) -> None:
    with pytest.raises(RuleFailed, match="west failed in map_work_order: it raised RuntimeError: cannot") as caught:
        preview(West(), make_job(tags=("breaks",)))
    assert caught.value.__cause__ is not None
    assert isinstance(caught.value.__cause__.__cause__, RuntimeError), "where it was raised is shown"


def test_built_in_rules_configuration_and_hooks(make_job: Any, make_connection: Any, preview: Any) -> None:
    config = {"by": "office", "characters": {"West": "W"}}
    job = make_job(office="West")
    assert preview("leading_character_by", job, config=config).number == "W104482"
    assert preview("leading_character_by", job, config=config, hooks={"work_order_number": False}).number == "T104482"
    assert preview([West(), "po_required"], make_job(customer_po="")).codes == ["PO_REQUIRED"]
    assert preview([], job, connection=make_connection(leading_character="")).number == "104482"
    with pytest.raises(ValueError, match=r"leading_character_by could not be saved: /characters"):
        preview("leading_character_by", job, config={"by": "office"})
    with pytest.raises(ValueError, match="There is no plugin none"):
        preview("none", job)


def test_a_plugin_that_could_not_be_used_says_so(make_job: Any, preview: Any, tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("def plugin_info(): return None\n")
    with pytest.raises(RuleFailed, match="not marked as a hook"):
        preview(tmp_path / "rule.py", make_job())


def test_a_sample_job_survives_its_file(load_job: Any, make_job: Any, make_item: Any, tmp_path: Path) -> None:
    sample = samples.Sample(make_job(tags=("a", "b"), contract=None), (make_item(cost=Decimal("0.10")),))
    (tmp_path / "job.json").write_bytes(samples.sample_json(sample))
    assert load_job(tmp_path / "job.json") == sample
    (tmp_path / "job.json").write_text('{"job": {"id": "1", "status": 5}}')
    with pytest.raises(ValueError, match="job/status"):
        load_job(tmp_path / "job.json")


async def test_the_sandbox_systems_answer_on_sockets(sandbox_systems: SandboxSystems) -> None:
    async with aiohttp.ClientSession() as http:
        for url in (sandbox_systems.servicetrade.url, sandbox_systems.spectrum.url):
            async with http.get(f"{url}/nothing") as answer:
                assert answer.status in (401, 404)
    assert len(sandbox_systems.servicetrade.state.jobs) >= 20


class Reader:
    """A plugin of the test that reads lines."""

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("reader", "1", "For a test.")

    @hookimpl
    async def posted_lines(self, query: WorkOrderQuery) -> Any:
        if query.work_order_number == "T1":
            return [StoredLine(ItemKind.MATERIAL, "1", {"Item_Code": query.connection.company_code})]
        if query.work_order_number == "T2":
            raise ConnectionError("no database")
        return "nothing" if query.work_order_number == "T3" else None


def test_posted_lines_shows_what_a_plugin_reads_and_how_it_fails(make_connection: Any, posted_lines: Any) -> None:
    assert posted_lines(Reader(), "T1") == (StoredLine(ItemKind.MATERIAL, "1", {"Item_Code": "101"}),)
    [line] = posted_lines(Reader(), "T1", connection=make_connection(company_code="102"))
    assert line.fields == {"Item_Code": "102"}
    assert posted_lines(Reader(), "T4") is None
    with pytest.raises(RuleFailed, match="reader failed in posted_lines: it raised ConnectionError: no database"):
        posted_lines(Reader(), "T2")
    with pytest.raises(RuleFailed, match="it returned str"):
        posted_lines(Reader(), "T3")
    with pytest.raises(RuleFailed, match="has no posted_lines"):
        posted_lines(West(), "T1")


@pytest.mark.long
def test_the_documentations_reader_passes_its_own_test(tmp_path: Path) -> None:
    write_example(tmp_path)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins' / 'authors'}", "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
