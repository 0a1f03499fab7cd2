"""Every hook on one page. A rule is sync and pure: it looks at what it is given and answers a patch with a reason, or
None. An event is `async def`: it is told what happened and answers nothing.

Each hook is called one plugin at a time, in the order of the connection's list, so a failure has a name and every value
of a plan has an origin. Every hook but `plugin_info` may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pluggy
from pydantic import BaseModel

from core.model.catalogue import finding
from core.model.mappings.alias import Alias
from core.model.planning.draft import (
    ConnectionView,
    DoNotSend,
    Draft,
    DraftValue,
    FieldPatch,
    HeaderPatch,
    NumberPatch,
)
from core.model.planning.job import JobSnapshot, Party
from core.model.planning.line_draft import LeaveOut, LineDraft, LinePatch
from core.model.plugins.notification import ConnectionNotification, SendNotification
from core.model.sending.answer import AnswerRow
from core.model.shared.finding import Finding, Owner, Retry, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.item import ItemKind, JobItem

__all__ = [
    "API",
    "Alias",
    "AnswerRow",
    "ConnectionNotification",
    "ConnectionView",
    "DoNotSend",
    "Draft",
    "DraftValue",
    "FieldPatch",
    "Finding",
    "HeaderPatch",
    "Hooks",
    "ItemKind",
    "JobItem",
    "JobSnapshot",
    "LeaveOut",
    "LineDraft",
    "LinePatch",
    "NumberPatch",
    "Origin",
    "Owner",
    "Party",
    "PluginInfo",
    "Retry",
    "SendNotification",
    "Severity",
    "finding",
    "hookimpl",
]
"""All that a plugin imports from Jobferry. These names stay; where they come from inside may change."""

PROJECT = "jobferry"
API = 1
"""The version of this page. It is raised when a plugin written for the one before would no longer work unchanged."""
OLDEST_API = 1
"""The oldest version that is still understood."""
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Who a plugin is. `version` stands in the origin of every value it sets; `api` is the version of this page that it
    was written for."""

    name: str
    version: str
    summary: str
    api: int = API


class Hooks:
    """The hook specifications: what a plugin says of itself, the rules in the order of their calls, the events."""

    @hookspec
    def plugin_info(self) -> PluginInfo:  # type: ignore[empty-body]
        """Who the plugin is. Must be there; everything else is optional.

        Called: once, when the plugin is loaded.
        Answers: a PluginInfo. The name is what a connection calls the plugin: lower-case letters, digits, - and _, at
        most 40.

        Example:
            @hookimpl
            def plugin_info():
                return PluginInfo("po-required", "1.0", "Refuses jobs without a customer PO.")
        """

    @hookspec
    def config_model(self) -> type[BaseModel] | None:
        """What a connection may set for this plugin.

        Called: once, when the plugin is loaded.
        Answers: a pydantic model, held against what is saved; None: nothing can be set. Rules and events find their
        configuration, as this model, in `draft.config` and `news.config`.

        Example:
            class Settings(BaseModel):
                letter: str = "W"

            @hookimpl
            def config_model():
                return Settings
        """

    @hookspec
    def work_order_number(self, draft: Draft) -> NumberPatch | None:
        """The work order number of a job.

        Called: for every plan, after the built-in leading character. The last answer wins.
        Answers: a NumberPatch, or None to leave what earlier rules said. At most 10 letters, digits or `_ . / -`; what
        breaks that stops the send.

        Example:
            @hookimpl
            def work_order_number(draft):
                if draft.job.office == "West":
                    return NumberPatch("W" + (draft.job.number or ""), "jobs of the West office start with W")
        """

    @hookspec
    def map_work_order(self, draft: Draft) -> HeaderPatch | None:
        """Header fields of the work order, by Spectrum's element names.

        Called: for every plan, after the number and the built-in field mapping, before the length policy.
        Answers: a HeaderPatch, or None. Later rules see what earlier ones set and may replace it. Patches of
        Authorization_ID, GUID, Company_Code, WO_Number and WO_Reference_Code are ignored.

        Example:
            @hookimpl
            def map_work_order(draft):
                return HeaderPatch((FieldPatch("Priority_Code", "1", "emergency job"),))
        """

    @hookspec
    def should_send(self, draft: Draft) -> DoNotSend | None:
        """Whether a job goes to this connection at all.

        Called: for every plan, once its fields are set.
        Answers: DoNotSend with a reason, or None to let it. No other rule overrules a no. A person who sends such a job
        is told the reason; a send that a completion set off ends quietly, as cancelled.

        Example:
            @hookimpl
            def should_send(draft):
                if "warranty" in draft.job.tags:
                    return DoNotSend("warranty jobs are kept in ServiceTrade")
        """

    @hookspec
    def validate_work_order(self, draft: Draft) -> list[Finding] | None:
        """What is wrong with a finished work order.

        Called: for every plan, last.
        Answers: a list of findings, or None. One of severity blocker stops the send before anything is written; a
        warning goes along with it.

        Example:
            @hookimpl
            def validate_work_order(draft):
                if not draft.value("Customer_PO_Number"):
                    message = "This customer wants a PO on every work order."
                    return [finding("PO_REQUIRED", message, field="Customer_PO_Number")]
        """

    @hookspec
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        """Whether an item goes along.

        Called: once an item of a completed job, where items were asked for. Labor never goes and is not asked about.
        Answers: LeaveOut with a reason, or None to let it. What one rule leaves out, no other brings back.

        Example:
            @hookimpl
            def include_item(draft):
                if draft.item.cost == 0:
                    return LeaveOut("bought by the customer")
        """

    @hookspec
    def map_line(self, draft: LineDraft) -> LinePatch | None:
        """What an item becomes, and the fields of its line by Spectrum's names.

        Called: once an item that goes along, after the built-in item kinds, before the length policy.
        Answers: a LinePatch, or None. Later rules see and may replace what earlier ones set; another kind
        (`ItemKind.MATERIAL` or `OTHER_CHARGE`) starts with empty fields.

        Example:
            @hookimpl
            def map_line(draft):
                if draft.kind is ItemKind.MATERIAL:
                    return LinePatch(fields=(FieldPatch("Warehouse_Code", "TRUCK1", "taken from the truck"),))
        """

    @hookspec
    def classify_error(self, row: AnswerRow) -> Finding | None:
        """Your own reading of one refusal from Spectrum.

        Called: once a row of a refused write, before the catalogue of failures is asked.
        Answers: a Finding, or None to leave it to the catalogue.

        Example:
            @hookimpl
            def classify_error(row):
                if "period" in row.text.lower():
                    return finding("PERIOD_CLOSED", "The month is closed; call Dana in accounting.")
        """

    @hookspec
    async def send_succeeded(self, news: SendNotification) -> None:
        """A work order stands in Spectrum, and its number on the job.

        Called: after the end of a send was stored. At most once: a process that dies in between does not tell. What
        must not be missed goes through a webhook endpoint.
        Answers: nothing. It may take five seconds and use the network; whatever it does, the send is not touched.

        Example:
            @hookimpl
            async def send_succeeded(news):
                await asyncio.to_thread(note, f"{news.job_number} is {news.work_order_number}")
        """

    @hookspec
    async def send_failed(self, news: SendNotification) -> None:
        """A send failed, and a person has to look at it.

        Called: after the failure was stored, at most once each time a send fails.
        Answers: nothing, as with send_succeeded.

        Example:
            @hookimpl
            async def send_failed(news):
                await asyncio.to_thread(note, news.findings[0].message)
        """

    @hookspec
    async def connection_broken(self, news: ConnectionNotification) -> None:
        """A whole connection stands still: Spectrum cannot be reached, does not let us in, or a plugin keeps failing.

        Called: after that was stored, when it begins, at most once.
        Answers: nothing, as with send_succeeded.

        Example:
            @hookimpl
            async def connection_broken(news):
                await asyncio.to_thread(note, f"{news.connection.name}: {news.finding.message}")
        """
