"""Built-in rule: the work order number is the connection's leading letter or digit and the job number."""

from __future__ import annotations

from core.model.planning.draft import Draft, NumberPatch
from plugins.hookspecs import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("leading_character", "1", "Numbers work orders: leading character and job number.")


@hookimpl
def work_order_number(draft: Draft) -> NumberPatch | None:
    number = (draft.job.number or "").strip()
    if not number:
        return None
    leading = draft.connection.leading_character
    reason = f"leading character {leading} and the job number" if leading else "the job number"
    return NumberPatch(leading + number, reason, "job.number")
