"""Previews: every field that a send would write, where it comes from, and what blocks the send."""

from __future__ import annotations

from typing import Any, Self

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Input, Items, Output, Text
from adapters.inbound.schema.sending.lines import ChoiceOut, LeftOutOut, PlannedLineOut
from core.model.planning.plan import RuleUsed, SendPlan
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.prepare_send import SendPreview


class PreviewIn(Input):
    """`completing` previews a send that completes the job first."""

    connection: Text
    items: Items = ItemsMode.NONE
    adopt: bool = False
    completing: bool = False


class HeaderValueOut(Output):
    """`value` '' does not change the field in Spectrum. `previous` is the value of the last send."""

    field: str
    value: str
    origin: OriginOut
    previous: str | None
    changes: bool


class RuleOut(Output):
    """A rule that took part. `config_hash` identifies its configuration; null if it had none."""

    name: str
    version: str
    config_hash: str | None

    @classmethod
    def of(cls, rule: RuleUsed) -> Self:
        return super().of(rule, config_hash=rule.config_hash or None)


class PlanOut(Output):
    """`lines` are posted in this order. `left_out` are the items that are not posted, if items were requested.
    `items_held` says why no item may be posted now although the header is sent; null if nothing holds them."""

    job_id: str
    plan_hash: str
    sendable: bool
    work_order_number: str | None
    creates: bool
    adopt: bool
    header: list[HeaderValueOut]
    items: ItemsMode
    lines: list[PlannedLineOut]
    left_out: list[LeftOutOut]
    items_held: FindingOut | None
    findings: list[FindingOut]
    rules: list[RuleOut]

    @classmethod
    def of(cls, plan: SendPlan, **given: Any) -> Self:
        return super().of(
            plan,
            work_order_number=plan.number or None,
            lines=[PlannedLineOut.of(line) for line in plan.lines],
            rules=[RuleOut.of(rule) for rule in plan.rules],
            **given,
        )


class PreviewOut(PlanOut):
    """`choices`: what each choice of items would post now; empty if no items were requested."""

    choices: dict[ItemsMode, ChoiceOut]

    @classmethod
    def of_preview(cls, preview: SendPreview) -> Self:
        return cls.of(preview.plan, choices={mode: ChoiceOut.of(plan) for mode, plan in preview.choices.items()})
