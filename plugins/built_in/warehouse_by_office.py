"""Optional rule: takes materials from the warehouse of the job's office."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.model.planning.draft import FieldPatch, LineDraft, LinePatch
from core.model.work_orders.cost_line import ITEM_CODE, LINE_LENGTHS, NON_STOCK, WAREHOUSE
from core.model.work_orders.item import ItemKind
from plugins.built_in.names import looked_up
from plugins.hookspecs import PluginInfo, hookimpl

_LONGEST = LINE_LENGTHS[ItemKind.MATERIAL][WAREHOUSE]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    warehouses: dict[str, Annotated[str, Field(min_length=1, max_length=_LONGEST)]] = Field(
        min_length=1, description="Office, as ServiceTrade names it, to a warehouse code of Spectrum."
    )


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("warehouse_by_office", "1", "Takes materials from the warehouse of the job's office.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_line(draft: LineDraft) -> LinePatch | None:
    settings: Settings = draft.config
    warehouse = looked_up(settings.warehouses, draft.job.office)
    # A non-stock item comes from no warehouse.
    if draft.kind is not ItemKind.MATERIAL or draft.value(ITEM_CODE).startswith(NON_STOCK) or warehouse is None:
        return None
    return LinePatch(fields=(FieldPatch(WAREHOUSE, warehouse, f"the warehouse of the office {draft.job.office}"),))
