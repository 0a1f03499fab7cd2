"""Previews: every field a send would write, where it comes from, and what stands in the way."""

from __future__ import annotations

from adapters.inbound.http.models.findings import FindingOut
from adapters.inbound.http.models.wire import Input, Items, Output, Text
from core.model.origin import Origin
from core.model.plan import HeaderValue, SendPlan


class PreviewIn(Input):
    connection: Text
    items: Items = "none"
    adopt: bool = False


class OriginOut(Output):
    source: str
    rule: str
    version: str
    reason: str

    @classmethod
    def of(cls, origin: Origin) -> OriginOut:
        return cls(source=origin.source, rule=origin.rule, version=origin.version, reason=origin.reason)


class HeaderValueOut(Output):
    """`value` '' leaves the field as it stands in Spectrum; `previous` is the last send's."""

    field: str
    value: str
    origin: OriginOut
    previous: str | None
    changes: bool

    @classmethod
    def of(cls, header: HeaderValue) -> HeaderValueOut:
        return cls(
            field=header.field,
            value=header.value,
            origin=OriginOut.of(header.origin),
            previous=header.previous,
            changes=header.changes,
        )


class PlanOut(Output):
    """`lines` and `left_out` stay empty as long as only work orders without items are sent."""

    job_id: str
    plan_hash: str
    sendable: bool
    work_order_number: str | None
    creates: bool
    adopt: bool
    header: list[HeaderValueOut]
    lines: tuple[()] = ()
    left_out: tuple[()] = ()
    findings: list[FindingOut]
    rules: list[str]

    @classmethod
    def of(cls, plan: SendPlan) -> PlanOut:
        return cls(
            job_id=plan.job_id,
            plan_hash=plan.plan_hash,
            sendable=plan.sendable,
            work_order_number=plan.number or None,
            creates=plan.creates,
            adopt=plan.adopt,
            header=[HeaderValueOut.of(value) for value in plan.header],
            findings=[FindingOut.of(found) for found in plan.findings],
            rules=list(plan.rules),
        )
