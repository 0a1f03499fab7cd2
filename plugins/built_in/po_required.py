"""Optional rule: every work order needs a customer PO."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.model.catalogue import finding
from core.model.planning.draft import Draft
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.work_order import CUSTOMER_PO
from plugins.built_in.names import plain_name
from plugins.hookspecs import PluginInfo, hookimpl


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customers: list[str] = Field(
        default_factory=list, description="Spectrum customer codes that need a PO; empty: all of them."
    )
    job_types: list[str] = Field(default_factory=list, description="Job types that need a PO; empty: all of them.")
    except_tags: list[str] = Field(default_factory=list, description="Jobs with one of these tags need no PO.")
    warn_only: bool = Field(False, description="Send the job with a warning.")


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("po_required", "1", "Refuses jobs without a customer PO.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def validate_work_order(draft: Draft) -> list[Finding] | None:
    settings: Settings = draft.config
    job = draft.job
    code = job.customer.code if job.customer else ""
    if (
        draft.value(CUSTOMER_PO).strip()
        or not _among(code, settings.customers)
        or not _among(job.type, settings.job_types)
        or {plain_name(tag) for tag in job.tags} & {plain_name(tag) for tag in settings.except_tags}
    ):
        return None
    who = f"The customer {job.customer.name}" if settings.customers and job.customer else "This connection"
    message = f"{who} requires a customer PO on every work order, and the job has none."
    severity = Severity.WARNING if settings.warn_only else Severity.BLOCKER
    return [finding("PO_REQUIRED", message, severity=severity, field=CUSTOMER_PO, origin="po_required")]


def _among(name: str, names: list[str]) -> bool:
    return not names or plain_name(name) in {plain_name(one) for one in names}
