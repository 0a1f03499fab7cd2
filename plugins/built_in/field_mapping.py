"""Built-in rule: fills the header fields from the job, its mappings and the connection's settings."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.catalogue import finding
from core.model.planning.draft import Draft, FieldPatch, HeaderPatch
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.work_order import (
    CONTRACT,
    CUSTOMER,
    CUSTOMER_PO,
    DESCRIPTION,
    LEAD_SOURCE,
    SITE,
    WORK_ORDER_TYPE,
)
from plugins.hookspecs import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("field_mapping", "1", "Maps customer, site, contract, description and PO onto the work order.")


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch:
    return HeaderPatch(tuple(_fields(draft)), tuple(_findings(draft)))


def _fields(draft: Draft) -> Iterator[FieldPatch]:
    job, settings = draft.job, draft.connection
    for field, party, role in (
        (SITE, job.location, "site"),
        (CUSTOMER, job.customer, "customer"),
        (CONTRACT, job.contract, "contract"),
    ):
        if party and party.alias:
            yield FieldPatch(field, party.code, party.alias.reason, f"alias.{role}")
        elif party and party.code:
            yield FieldPatch(field, party.code, f"the {role} mapped to {party.name}", f"mapping.{role}")
    if work_order_type := settings.default_work_order_type:
        reason = "the connection's default"
        yield FieldPatch(WORK_ORDER_TYPE, work_order_type, reason, "setting.default_work_order_type")
    if settings.lead_source:
        yield FieldPatch(LEAD_SOURCE, settings.lead_source, "the connection's default", "setting.lead_source")
    if job.customer_po.strip():
        yield FieldPatch(CUSTOMER_PO, job.customer_po, "the job's customer PO", "job.customerPo")
    if job.description.strip():
        yield FieldPatch(DESCRIPTION, job.description, "the job's description", "job.description")


def _findings(draft: Draft) -> Iterator[Finding]:
    job, system = draft.job, draft.connection.external_system
    for field, party, role, noun, code in (
        (CUSTOMER, job.customer, "customer", "company", "CUSTOMER"),
        (SITE, job.location, "location", "location", "SITE"),
    ):
        if party is None:
            yield finding(f"{code}_MISSING", f"The job has no {role} in ServiceTrade.", field=field)
        elif party.code:
            continue
        elif party.external_id is None:
            message = (
                f"The {role} {party.name} (ServiceTrade id {party.id}) has no external ID under {system} on its {noun} "
                "in ServiceTrade, and no alias."
            )
            yield finding(f"MAP_{code}_MISSING", message, field=field)
        else:
            message = f"The external ID of the {role} {party.name} under {system} is empty."
            yield finding("MAP_EMPTY_VALUE", message, field=field)
    if job.contract and not job.contract.code:
        message = f"The contract {job.contract.name} has no external ID under {system}. The work order has no contract."
        yield finding("CONTRACT_NOT_MAPPED", message, severity=Severity.INFO, field=CONTRACT)
