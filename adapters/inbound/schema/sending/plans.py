"""Previews: every field and cost line that a send would write, where each comes from, and what blocks the send. Numbers
are strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Figure, Input, Items, Moment, Output, Tasks
from adapters.inbound.schema.terms import (
    ConnectionNameIn,
    ItemId,
    ItemName,
    JobIdOut,
    LineId,
    PlanHash,
    PluginName,
    PluginVersion,
    WorkOrderNumber,
    eg,
)
from core.model.catalogue import advised
from core.model.planning.line_plan import LinePlan
from core.model.planning.plan import RuleUsed, SendPlan
from core.model.sending.moment import outcome_in_preview
from core.model.shared.advice import Door
from core.model.shared.figures import plain
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LinePurpose, LineState, PlannedLine
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import TasksMode
from core.model.work_orders.line_words import line_words
from core.services.planning.prepare_send import SendPreview


class LineValueOut(Output):
    """One field of a cost line."""

    field: Annotated[str, eg("Item_Code")]
    """Spectrum's name of the field."""
    value: Annotated[str, eg("VALVE-2")]
    """The value as it is written to Spectrum."""
    origin: OriginOut
    """Where the value comes from."""


class PlannedLineOut(Output):
    """A cost line as a send would post it."""

    item_id: ItemId
    item_name: ItemName
    kind: ItemKind
    """What the item becomes in Spectrum."""
    round: Annotated[int, eg(0)]
    """Counts the lines of one item on one work order, from 0."""
    purpose: LinePurpose
    """Why the line is posted."""
    code: Annotated[str, eg("VALVE-2")]
    """The item's or charge's code in Spectrum."""
    quantity: Annotated[Figure, eg("3")] | None
    """How many the line adds, in the item's unit. Null for an other charge, which has none."""
    amount: Annotated[Figure, eg("124.50")] | None
    """The cost that the line adds, in the company's currency. Null: Spectrum takes it from its inventory."""
    fields: list[LineValueOut]
    """All its fields, in Spectrum's order."""

    @classmethod
    def of(cls, line: PlannedLine) -> Self:
        return super().of(line, fields=line.values)


class LeftOutOut(Output):
    """An item that is not posted."""

    item_id: ItemId
    item_name: Annotated[str, eg("Journeyman, regular time")]
    """The item's name in ServiceTrade."""
    item_type: Annotated[str, eg("labor")]
    """The item's type in ServiceTrade."""
    code: Annotated[str, eg("LABOR")]
    """The reason, for programs."""
    reason: Annotated[str, eg("Hours are entered in Spectrum directly.")]
    """The reason, for people."""
    origin: OriginOut
    """The rule that left it out."""


class ChoiceOut(Output):
    """What one choice of items would post now."""

    lines: Annotated[int, eg(1)]
    """How many lines."""
    amount: Annotated[str, Field(examples=["124.50"], json_schema_extra={"format": "decimal"})]
    """The sum of the costs in these lines, in the company's currency. What Spectrum takes from its inventory is not in
    it."""
    words: Annotated[list[str], eg(["3 x VALVE-2 (Check valve 2 in)"])]
    """Each line in words."""
    blocked: bool
    """Whether something blocks these lines."""

    @classmethod
    def of(cls, plan: LinePlan) -> ChoiceOut:
        amounts = (line.amount for line in plan.lines)
        return cls(
            lines=len(plan.lines),
            amount=plain(sum((amount for amount in amounts if amount is not None), Decimal())),
            words=[line_words(line) for line in plan.lines],
            blocked=any(found.blocks for found in plan.findings),
        )


class LedgerLineOut(Output):
    """A cost line in Jobferry's ledger: what was posted, or is to be posted."""

    id: LineId
    item_id: ItemId
    item_name: ItemName
    kind: ItemKind
    """What the item is in Spectrum."""
    round: Annotated[int, eg(0)]
    """Counts the lines of one item on one work order, from 0."""
    purpose: LinePurpose
    """Why the line is posted."""
    words: Annotated[str, eg("3 x VALVE-2 (Check valve 2 in)")]
    """The line in words."""
    work_order_number: WorkOrderNumber
    fields: Annotated[dict[str, str], eg({"Item_Code": "VALVE-2", "Quantity_Used": "3"})]
    """Its fields by Spectrum's names, as they are written."""
    state: LineState
    """Whether it is in Spectrum."""
    sent_at: Moment | None
    """When its call began. Null: it was not sent."""
    system_key: Annotated[str, eg("88121")] | None
    """Spectrum's own key of the line, if it answered with one."""
    findings: Annotated[list[FindingOut], eg([])]
    """Why Spectrum refused it, or what it warned of."""
    settled_by: Annotated[str, eg(None)] | None
    """Who settled a doubt about it. Null: nobody had to."""
    settled_reason: Annotated[str, eg(None)] | None
    """What that person saw in Spectrum."""
    settled_at: Annotated[Moment, eg(None)] | None
    """When the doubt was settled."""

    @classmethod
    def of(cls, line: LedgerLine) -> Self:
        return super().of(line, words=line_words(line))


class PreviewIn(Input):
    """What a send would be asked to do."""

    connection: ConnectionNameIn
    items: Items = ItemsMode.NONE
    """Which items of the job the send would post. Items need a completed job, or `completing`."""
    tasks: Tasks = TasksMode.NEW_ONLY
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with items."""
    adopt: bool = False
    """Continue with the number that the job already has, although another job or system is known to use it."""
    completing: bool = False
    """Preview a send that completes the job first, as `POST .../jobs/{job_id}/complete` does."""


class HeaderValueOut(LineValueOut):
    """One field of the work order."""

    field: Annotated[str, eg("WO_Job_Number")]
    """Spectrum's name of the field."""
    value: Annotated[str, eg("HV0002")]
    """The value as it is written to Spectrum. '': the field does not change there."""
    previous: Annotated[str, eg(None)] | None
    """The value of the job's last send. Null: it was not sent before."""
    changes: Annotated[bool, eg(True)]
    """Whether the value differs from that of the last send."""


class AnnotationOut(Output):
    """A note, a marker or a document that a send writes about the work order, after the items."""

    kind: AnnotationKind
    """What it is."""
    place: Annotated[str, eg("JOBFERRY")]
    """The note topic, the user-defined field, or the id of the attachment in ServiceTrade."""
    text: Annotated[str, eg("Replace the check valve on riser 2, flush the line, and retest all zones.")]
    """The text, or the document's name. With `names_send`, the end of the send's id follows it."""
    names_send: Annotated[bool, eg(False)]
    """Whether the last 8 characters of the send's id follow the text, which are known once there is a send."""
    appends: Annotated[bool, eg(False)]
    """Whether it is added to what is there. False: it replaces that."""
    due: Annotated[bool, eg(True)]
    """Whether this send writes it. False: it is there already, or cannot be written, as `findings` tells."""
    previous: Annotated[str, eg(None)] | None
    """The text that was written there last. Null: none."""
    changes: Annotated[bool, eg(True)]
    """Whether another text is written than the last one."""
    origin: OriginOut
    """Where the text comes from."""


class RuleOut(Output):
    """A rule that took part in a plan."""

    name: PluginName
    version: PluginVersion
    config_hash: Annotated[str, eg(None)] | None
    """Fingerprint of its settings. Null: it had none."""

    @classmethod
    def of(cls, rule: RuleUsed) -> Self:
        return super().of(rule, config_hash=rule.config_hash or None)


class PlanOut(Output):
    """Every value that a send would write, where each comes from, and what blocks the send."""

    job_id: JobIdOut
    plan_hash: PlanHash
    sendable: Annotated[bool, eg(True)]
    """Whether nothing blocks the send."""
    work_order_number: WorkOrderNumber | None
    """Spectrum's number of the work order. Null: it cannot be told yet."""
    creates: Annotated[bool, eg(True)]
    """Whether the work order is new. False: an existing one is updated."""
    adopt: bool
    """Whether it continues with a number that another job or system is known to use."""
    header: list[HeaderValueOut]
    """The fields of the work order, in Spectrum's order."""
    annotations: Annotated[list[AnnotationOut], eg([])]
    """The note, the marker and the documents. Empty unless the connection switches them on."""
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    lines: Annotated[list[PlannedLineOut], eg([])]
    """The cost lines, then the work order tasks, in the order in which they are posted. Empty if no items were asked
    for."""
    left_out: Annotated[list[LeftOutOut], eg([])]
    """Items and services that are not posted, and why. Empty if no items were asked for."""
    items_held: Annotated[FindingOut, eg(None)] | None
    """Why no item may be posted now although the header is sent. Null: nothing holds them."""
    findings: Annotated[list[FindingOut], eg([])]
    """What blocks the send, and what to know about it."""
    rules: list[RuleOut]
    """The rules that took part, in the order of their calls."""

    @classmethod
    def of(cls, plan: SendPlan, **given: Any) -> Self:
        return super().of(
            plan,
            work_order_number=plan.number or None,
            lines=[PlannedLineOut.of(line) for line in plan.lines],
            rules=[RuleOut.of(rule) for rule in plan.rules],
            findings=[advised(found, outcome_in_preview(found), Door.API) for found in plan.findings],
            **given,
        )


class PreviewOut(PlanOut):
    """What a send would write now."""

    choices: Annotated[dict[ItemsMode, ChoiceOut], eg({})]
    """What each choice of items would post now. Empty if no items were asked for."""

    @classmethod
    def of_preview(cls, preview: SendPreview) -> Self:
        return cls.of(preview.plan, choices={mode: ChoiceOut.of(plan) for mode, plan in preview.choices.items()})
