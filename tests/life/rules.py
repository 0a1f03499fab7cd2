"""The plugins that a connection of a life may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.model.connections.settings import PluginUse
from core.model.planning.draft import FieldPatch, LeaveOut, LineDraft, LinePatch
from plugins.hookspecs import PluginInfo, StoredLine, WorkOrderQuery, hookimpl
from tests.life.books import BookLine


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


class BookReader:
    """Reads what stands in the stage's Spectrum. Only lives that are told act by act use it."""

    def __init__(self, books: Callable[[], Sequence[BookLine]]) -> None:
        self._books = books

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("life-reader", "1", "Reads the books.")

    @hookimpl
    async def posted_lines(self, query: WorkOrderQuery) -> list[StoredLine]:
        there = [line for line in self._books() if line.number == query.work_order_number]
        return [StoredLine(line.kind, str(place), dict(line.fields)) for place, line in enumerate(there)]


READER = (PluginUse("life-reader"),)
USES = {
    "none": (),
    "phase": (PluginUse("life-phase"),),
    "no_fees": (PluginUse("life-no-fees"),),
}
