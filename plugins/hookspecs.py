"""All hooks. A rule is a plain function: it reads its arguments and returns a patch with a reason, or None. It uses
no files, network, clock or chance. An event is `async def`: it receives what happened and returns nothing.
`posted_lines` is `async def` too, and reads what Spectrum holds.

Jobferry calls one plugin at a time, in the order of the connection's list. So every failure names its plugin, and every
value of a plan has an origin. Every hook except `plugin_info` is optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pluggy

from core.model.catalogue import finding
from core.model.mappings.alias import Alias
from core.model.planning.draft import (
    ConnectionView,
    DoNotSend,
    Draft,
    DraftValue,
    FieldPatch,
    HeaderPatch,
    LeaveOut,
    LineDraft,
    LinePatch,
    NumberPatch,
)
from core.model.planning.job import JobSnapshot, Party
from core.model.plugins.notification import ConnectionNotification, SendNotification, WorkOrderQuery
from core.model.sending.answer import AnswerRow
from core.model.shared.finding import Finding, Owner, Retry, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.item import ItemKind, JobItem, Unreadable
from core.model.work_orders.stored_line import StoredLine

if TYPE_CHECKING:  # a plugin without settings of its own needs none of it
    from pydantic import BaseModel

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
    "StoredLine",
    "Unreadable",
    "WorkOrderQuery",
    "finding",
    "hookimpl",
]
"""All names that a plugin may import from Jobferry. These names stay; the modules that define them may change."""

PROJECT = "jobferry"
API = 1
"""The version of the hooks. It is raised when a plugin for the previous version would no longer work unchanged."""
OLDEST_API = 1
"""The oldest version that Jobferry still supports."""
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Name and version of a plugin. The origin of every value that the plugin sets contains `version`. `api` is the
    version of the hooks that the plugin was written for."""

    name: str
    version: str
    summary: str
    api: int = API


class Hooks:
    """The hook specifications: description of the plugin, rules in the order of their calls, a reader, events."""

    @hookspec
    def plugin_info(self) -> PluginInfo:  # type: ignore[empty-body]
        """Name and version of the plugin. This hook is required; all others are optional.

        Called: once, when the plugin is loaded.
        Answers: a PluginInfo. A connection refers to the plugin by this name: at most 40 lower-case letters, digits,
        - and _, a letter first.

        Example:
            @hookimpl
            def plugin_info():
                return PluginInfo("po-required", "1.0", "Refuses jobs without a customer PO.")
        """

    @hookspec
    def config_model(self) -> type[BaseModel] | None:
        """The settings that a connection may give this plugin.

        Called: once, when the plugin is loaded.
        Answers: a pydantic model that checks every configuration before it is saved, or None for no settings. Rules
        find their configuration in `draft.config`, events in `news.config`, as an instance of this model.

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
        Answers: a NumberPatch, or None to keep the number of the earlier rules. A number has at most 10 letters, digits
        or `_ . / -`; any other number stops the send.

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
        Answers: a HeaderPatch, or None. Later rules see the values of earlier rules and may replace them. Patches of
        Authorization_ID, GUID, Company_Code, WO_Number and WO_Reference_Code are ignored.

        Example:
            @hookimpl
            def map_work_order(draft):
                return HeaderPatch((FieldPatch("Priority_Code", "1", "emergency job"),))
        """

    @hookspec
    def should_send(self, draft: Draft) -> DoNotSend | None:
        """Whether this connection sends a job at all.

        Called: for every plan, after its fields are set.
        Answers: DoNotSend with a reason, or None to allow the send. No other rule can overrule DoNotSend. A person who
        sends such a job sees the reason. A send that a completion started ends as cancelled, without a warning.

        Example:
            @hookimpl
            def should_send(draft):
                if "warranty" in draft.job.tags:
                    return DoNotSend("warranty jobs are kept in ServiceTrade")
        """

    @hookspec
    def validate_work_order(self, draft: Draft) -> list[Finding] | None:
        """Check a finished work order.

        Called: for every plan, last.
        Answers: a list of findings, or None. A finding of severity blocker stops the send before anything is written.
        A warning does not stop the send; it is shown with it.

        Example:
            @hookimpl
            def validate_work_order(draft):
                if not draft.value("Customer_PO_Number"):
                    message = "This customer wants a PO on every work order."
                    return [finding("PO_REQUIRED", message, field="Customer_PO_Number")]
        """

    @hookspec
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        """Whether an item is sent.

        Called: once for each item of a completed job, if the send includes items. Not for labor, which is never sent.
        Answers: LeaveOut with a reason, or None to send the item. No other rule can add an item that one left out.

        Example:
            @hookimpl
            def include_item(draft):
                if draft.item.cost == 0:
                    return LeaveOut("bought by the customer")
        """

    @hookspec
    def map_line(self, draft: LineDraft) -> LinePatch | None:
        """Which kind of cost line an item becomes, and the fields of the line by Spectrum's names.

        Called: once for each item that is sent, after the built-in item kinds, before the length policy.
        Answers: a LinePatch, or None. Later rules see the values of earlier rules and may replace them. A patch with
        another kind (`ItemKind.MATERIAL` or `OTHER_CHARGE`) starts with empty fields.

        Example:
            @hookimpl
            def map_line(draft):
                if draft.kind is ItemKind.MATERIAL:
                    return LinePatch(fields=(FieldPatch("Warehouse_Code", "TRUCK1", "taken from the truck"),))
        """

    @hookspec
    def classify_error(self, row: AnswerRow) -> Finding | None:
        """Your own finding for an error row from Spectrum.

        Called: once for each row of a refused write, before Jobferry looks in its catalogue of failures.
        Answers: a Finding, or None to use the catalogue.

        Example:
            @hookimpl
            def classify_error(row):
                if "period" in row.text.lower():
                    return finding("PERIOD_CLOSED", "The month is closed; call Dana in accounting.")
        """

    @hookspec
    async def posted_lines(self, query: WorkOrderQuery) -> list[StoredLine] | None:
        """All cost lines that a work order has in Spectrum now, if you can read them there (by SQL, for example).

        Called: for a cost line in doubt, once, when its quiet period (15 minutes) is over. Not if another connection
        posted to the work order.
        Answers: a list of all its material and other charge lines, whoever posted them, never only a part; an empty
        list says that it has none. None says that you cannot tell, for example because you read a copy that is older
        than the call. It may take five seconds and use the network. If it raises, takes longer or returns another
        type, that is logged and counts as None. What the lines do not prove, a person settles. If several plugins of a
        connection answer, a line is settled only if all of them prove the same.

        Example:
            @hookimpl
            async def posted_lines(query):
                rows = await asyncio.to_thread(read_rows, query.connection.company_code, query.work_order_number)
                return [StoredLine(ItemKind.MATERIAL, row["key"], row["fields"], row["stored_at"]) for row in rows]
        """

    @hookspec
    async def send_succeeded(self, news: SendNotification) -> None:
        """A send succeeded: the work order is in Spectrum, and its number is on the job.

        Called: after the end of the send is stored, at most once: not if the process stops in between. Use a webhook
        endpoint for news that must not be missed.
        Answers: nothing. It may take five seconds and use the network. Its result does not change the send.

        Example:
            @hookimpl
            async def send_succeeded(news):
                await asyncio.to_thread(note, f"{news.job_number} is {news.work_order_number}")
        """

    @hookspec
    async def send_failed(self, news: SendNotification) -> None:
        """A send failed, and a person must look at it.

        Called: after the failure is stored, at most once for each failure of a send.
        Answers: nothing, as with send_succeeded.

        Example:
            @hookimpl
            async def send_failed(news):
                await asyncio.to_thread(note, news.findings[0].message)
        """

    @hookspec
    async def connection_broken(self, news: ConnectionNotification) -> None:
        """A connection is held: Spectrum is unreachable or refuses the sign-in, or a plugin keeps failing.

        Called: when the hold begins, after it is stored, at most once.
        Answers: nothing, as with send_succeeded.

        Example:
            @hookimpl
            async def connection_broken(news):
                await asyncio.to_thread(note, f"{news.connection.name}: {news.finding.message}")
        """
