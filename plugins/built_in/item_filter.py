"""Optional rule: which items are sent, by their type, code, source or service line."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field

from core.model.planning.draft import LeaveOut, LineDraft
from core.model.work_orders.item import JobItem
from plugins.built_in.names import plain_name
from plugins.hookspecs import PluginInfo, hookimpl


class Items(BaseModel):
    """Items that match any of these patterns. `*` matches any characters, `?` matches one."""

    model_config = ConfigDict(extra="forbid")

    types: list[str] = Field(default_factory=list, description="Item types, such as part or fee.")
    codes: list[str] = Field(
        default_factory=list, description="Codes, external IDs or aliases of library items, such as FRT*."
    )
    sources: list[str] = Field(default_factory=list, description="Where the item came from, such as truck stock.")
    service_lines: list[str] = Field(default_factory=list, description="Service lines, such as sprinkler.")

    @property
    def given(self) -> bool:
        return bool(self.types or self.codes or self.sources or self.service_lines)


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    leave_out: Items = Field(default_factory=Items, description="Items that are never sent.")
    only: Items = Field(default_factory=Items, description="If given, only these items are sent.")


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("item_filter", "1", "Leaves items out by type, code, source or service line.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def include_item(draft: LineDraft) -> LeaveOut | None:
    settings: Settings = draft.config
    for agreed in _agreeing(draft.item, settings.leave_out):
        return LeaveOut(f"items with the {agreed} are left out on this connection")
    if settings.only.given and not any(_agreeing(draft.item, settings.only)):
        return LeaveOut("it is not among the items that this connection sends")
    return None


def _agreeing(item: JobItem, items: Items) -> Iterator[str]:
    """Name each property of the item that matches."""
    for what, wanted, values in (
        ("type", items.types, (item.type,)),
        ("code", items.codes, (item.code, item.external_id, item.alias_code)),
        ("source", items.sources, (item.source,)),
        ("service line", items.service_lines, (item.service_line,)),
    ):
        for value in values:
            if value and any(fnmatchcase(plain_name(value), plain_name(pattern)) for pattern in wanted):
                yield f"{what} {value.strip()}"
