"""Optional rule: sets Spectrum's work order type by ServiceTrade's job type."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.model.planning.draft import Draft, FieldPatch, HeaderPatch
from core.model.work_orders.work_order import LENGTHS, WORK_ORDER_TYPE
from plugins.built_in.names import looked_up
from plugins.hookspecs import PluginInfo, hookimpl


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    types: dict[str, Annotated[str, Field(min_length=1, max_length=LENGTHS[WORK_ORDER_TYPE])]] = Field(
        min_length=1, description="Job type, as ServiceTrade names it, to a work order type of Spectrum."
    )


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("work_order_type_by_job_type", "1", "Work order type by the type of the job.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch | None:
    settings: Settings = draft.config
    code = looked_up(settings.types, draft.job.type)
    if code is None:
        return None
    return HeaderPatch((FieldPatch(WORK_ORDER_TYPE, code, f"jobs of the type {draft.job.type}"),))
