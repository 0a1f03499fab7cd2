"""Every hook on one page. A rule is sync and pure: it looks at the draft and answers a patch with a reason, or None.

Each hook is called one plugin at a time, so a failure has a name and every value of a plan has an origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import pluggy
from pydantic import BaseModel

from core.model.answer import AnswerRow
from core.model.draft import Draft, HeaderPatch, NumberPatch
from core.model.finding import Finding
from core.model.line_draft import LeaveOut, LineDraft, LinePatch

PROJECT = "jobferry"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Who a plugin is. `version` stands in the origin of every value the plugin sets."""

    name: str
    version: str
    summary: str


class Hooks:
    """The hook specifications, in the order in which planning calls them."""

    @hookspec
    def plugin_info(self) -> PluginInfo:  # type: ignore[empty-body]
        """Called once at load. Must be there; everything else is optional.

        Example: `return PluginInfo("po-required", "1.0", "Refuses jobs without a customer PO.")`
        """

    @hookspec
    def config_model(self) -> type[BaseModel] | None:
        """What a connection may set for this plugin: a pydantic model, held against what is saved. None: nothing.

        Called once at load. A rule finds its configuration, as this model, in `draft.config`.
        Example: `return Settings` after `class Settings(BaseModel): letter: str = "W"`
        """

    @hookspec
    def work_order_number(self, draft: Draft) -> NumberPatch | None:
        """The work order number of this job, or None to leave what earlier rules said. The last answer wins.

        Called for every plan, built-in leading character first. At most 10 letters, digits or `_ . / -`.
        Example: `return NumberPatch("W" + (draft.job.number or ""), "west office jobs start with W")`
        """

    @hookspec
    def map_work_order(self, draft: Draft) -> HeaderPatch | None:
        """Header fields to set, by Spectrum's element names, or None. Later rules see and may replace them.

        Called after the number, built-in field mapping first, length policy last. Patches of Authorization_ID, GUID,
        Company_Code, WO_Number and WO_Reference_Code are ignored.
        Example: `return HeaderPatch((FieldPatch("Priority_Code", "1", "emergency job"),))`
        """

    @hookspec
    def validate_work_order(self, draft: Draft) -> list[Finding] | None:
        """Findings about the finished draft; one of severity blocker stops the send before anything is written.

        Example: `return [finding("PO_REQUIRED", ...)] if not draft.value("Customer_PO_Number") else None`
        """

    @hookspec
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        """Whether an item of a completed job goes along: `LeaveOut` with a reason if not, None to let it.

        Called once an item where items were asked for. What one rule leaves out, no other brings back; labor never
        goes, whatever rules say. Example: `return LeaveOut("bought by the customer") if draft.item.cost == 0 else None`
        """

    @hookspec
    def map_line(self, draft: LineDraft) -> LinePatch | None:
        """What an item becomes (`ItemKind.MATERIAL` or `OTHER_CHARGE`) and fields of its line, by Spectrum's names.

        Called for every item that goes along, built-in item kinds first, length policy last. Later rules see and may
        replace what earlier ones set; another kind starts with empty fields.
        Example: `return LinePatch(fields=(FieldPatch("Warehouse_Code", "TRUCK1", "taken from the truck"),))`
        """

    @hookspec
    def classify_error(self, row: AnswerRow) -> Finding | None:
        """Your instance's reading of one refusal from Spectrum, or None to leave it to the catalogue.

        Called once a row of a refused write, before the catalogue is asked.
        """
