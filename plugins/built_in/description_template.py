"""Optional rule: builds the summary description from several fields of the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.model.planning.draft import Draft, FieldPatch, HeaderPatch
from core.model.planning.job import JobSnapshot
from core.model.work_orders.work_order import DESCRIPTION
from plugins.hookspecs import PluginInfo, hookimpl

_FIELDS: Mapping[str, Callable[[JobSnapshot], str]] = {
    "job_number": lambda job: job.number or "",
    "job_name": lambda job: job.name,
    "job_type": lambda job: job.type,
    "description": lambda job: job.description,
    "customer_po": lambda job: job.customer_po,
    "customer": lambda job: job.customer.name if job.customer else "",
    "location": lambda job: job.location.name if job.location else "",
    "contract": lambda job: job.contract.name if job.contract else "",
    "office": lambda job: job.office or "",
    "service_line": lambda job: job.service_line or "",
    "tags": lambda job: ", ".join(job.tags),
}


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    template: str = Field(
        min_length=1,
        max_length=500,
        description=f"Text with placeholders: {', '.join('{' + name + '}' for name in _FIELDS)}.",
    )

    @field_validator("template")
    @classmethod
    def _only_known(cls, template: str) -> str:
        try:
            parts = list(Formatter().parse(template))
        except ValueError as error:
            raise ValueError(f"an unmatched brace ({error}); for a literal brace write {{{{ or }}}}") from None
        for _, name, shape, conversion in parts:
            if name is not None and (name not in _FIELDS or shape or conversion):
                raise ValueError(f"{{{name}}} is not a placeholder; use one of {', '.join(_FIELDS)}")
        return template


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("description_template", "1", "Builds the summary description from several fields.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch | None:
    settings: Settings = draft.config
    values = {name: read(draft.job) for name, read in _FIELDS.items()}
    text = " ".join(settings.template.format_map(values).split())
    return HeaderPatch((FieldPatch(DESCRIPTION, text, "the connection's template"),)) if text else None
