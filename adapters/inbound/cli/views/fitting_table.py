"""A table that becomes one record below the other where the terminal is too narrow to read its columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

_READABLE = 12
"""Cells that a column needs for its words, if it has as many."""
_GAP = 2


class FittingTable(Table):
    """Long values wrap and are never cut."""

    def __init__(self) -> None:
        super().__init__(box=box.SIMPLE_HEAD, pad_edge=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if sum(_needed(one) + _GAP for one in self.columns) <= options.max_width:
            yield from super().__rich_console__(console, options)
        else:
            yield from self._records()

    def _records(self) -> Iterator[Text]:
        names = [str(one.header) for one in self.columns]
        longest = max(map(cell_len, names))
        for cells in zip(*(one.cells for one in self.columns), strict=True):
            yield Text()
            for name, cell in zip(names, cells, strict=True):
                if isinstance(cell, Text) and cell.plain:
                    label = f"{name}:" if name else ""
                    yield Text.assemble((f"{label:{longest + 1}} ", "dim"), cell)
        yield Text()


def _needed(column: Column) -> int:
    """The width that its values need, in cells: all of it, or as much as makes words readable."""
    widest = max((cell_len(line) for cell in column.cells for line in str(cell).split("\n")), default=0)
    return max(widest if column.no_wrap else min(widest, _READABLE), cell_len(str(column.header)))
