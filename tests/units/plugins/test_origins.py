"""The origin of a value is the rule that decided it, also where the length policy only tidied its text."""

from __future__ import annotations

from core.model.planning.draft import Draft, FieldPatch, HeaderPatch, LineDraft, LinePatch
from plugins.hookspecs import PluginInfo, hookimpl
from plugins.testkit import make_item, make_job, preview, send


class Untidy:
    """A plugin of the test."""

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("untidy", "2.1", "For a test.")

    @hookimpl
    def map_work_order(self, draft: Draft) -> HeaderPatch:
        return HeaderPatch((FieldPatch("Summary_Description", "  two   words ", "as the office wants it"),))

    @hookimpl
    def map_line(self, draft: LineDraft) -> LinePatch:
        return LinePatch(fields=(FieldPatch("Item_Description", "word " * 50, "as the office wants it"),))


def test_a_rule_stays_the_origin_of_a_text_that_was_only_tidied() -> None:
    seen = preview(Untidy(), make_job())
    origin = seen.origin("Summary_Description")
    assert seen.value("Summary_Description") == "two words"
    assert (origin.rule, origin.version) == ("untidy", "2.1")
    assert origin.reason == "as the office wants it; extra white space removed"


def test_a_built_in_mapping_stays_it_too() -> None:
    origin = preview([], make_job(customer_po=" PO 1 ")).origin("Customer_PO_Number")
    assert (origin.source, origin.rule) == ("job.customerPo", "field_mapping")
    assert "white space" in origin.reason


def test_so_it_is_for_the_lines_of_a_plan_and_in_what_is_sent() -> None:
    [line] = preview(Untidy(), make_job(), [make_item()]).plan.lines
    [text] = [one for one in line.values if one.field == "Item_Description"]
    assert (text.origin.rule, text.origin.version) == ("untidy", "2.1")
    assert "cut at a word" in text.origin.reason
    assert send(Untidy(), make_job()).work_order["Summary_Description"] == "two words"
