"""The rules that a connection of a life may use."""

from __future__ import annotations

from core.model.connections.settings import PluginUse
from core.model.planning.draft import FieldPatch
from core.model.planning.line_draft import LeaveOut, LineDraft, LinePatch
from plugins.hookspecs import PluginInfo, hookimpl


class Phase:
    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("life-phase", "1", "Every line in phase 10.")

    @hookimpl
    def map_line(self, draft: LineDraft) -> LinePatch:
        return LinePatch(fields=(FieldPatch("Phase_Code", "10", "as it should be"),))


class NoFees:
    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("life-no-fees", "1", "Fees stay behind.")

    @hookimpl
    def include_item(self, draft: LineDraft) -> LeaveOut | None:
        return LeaveOut("fees are billed apart", "no_fees") if draft.item.type == "fee" else None


USES = {
    "none": (),
    "phase": (PluginUse("life-phase"),),
    "no_fees": (PluginUse("life-no-fees"),),
}
