"""The rules that come with Jobferry, written as plugins. Four always run, the others if a connection names them."""

from __future__ import annotations

from plugins.built_in import (
    description_template,
    field_mapping,
    item_filter,
    item_kinds,
    leading_character,
    leading_character_by,
    length_policy,
    po_required,
    warehouse_by_office,
    work_order_type_by_job_type,
)
from plugins.hookspecs import PluginInfo

ALWAYS_FIRST = (leading_character, field_mapping, item_kinds)
ALWAYS_LAST = (length_policy,)
OFFERED = (
    description_template,
    item_filter,
    leading_character_by,
    po_required,
    warehouse_by_office,
    work_order_type_by_job_type,
)
"""Those that a connection may name."""


def _name(plugin: object) -> str:
    info: PluginInfo = plugin.plugin_info()  # type: ignore[attr-defined]
    return info.name


NAMES = tuple(_name(plugin) for plugin in (*ALWAYS_FIRST, *ALWAYS_LAST, *OFFERED))
"""Names that no other plugin may have."""
