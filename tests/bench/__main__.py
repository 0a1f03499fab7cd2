"""The benchmark: without names it measures all rows and writes docs/benchmarks.md; with names only those rows."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.bootstrap.log import configure_log
from tests.bench.row import ROUNDS, Figures, run
from tests.bench.rows import (
    api,
    behind,
    code_lists,
    command_line,
    cost_lines,
    history,
    memory,
    preview,
    rules,
    sends,
    silent,
    soap_call,
    stored_sends,
    suggestions,
    waiting,
    workers,
)

ROWS = (
    *soap_call.ROWS,
    *sends.ROWS,
    *workers.ROWS,
    *memory.ROWS,
    *silent.ROWS,
    *behind.ROWS,
    *cost_lines.ROWS,
    *preview.ROWS,
    *rules.ROWS,
    *api.ROWS,
    *waiting.ROWS,
    *history.ROWS,
    *code_lists.ROWS,
    *stored_sends.ROWS,
    *suggestions.ROWS,
    *command_line.ROWS,
)
HEADINGS = ("what", "floor", "Jobferry", "figure", "goal")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


async def main(names: Sequence[str], rounds: int | None) -> None:
    configure_log("error")
    gc.freeze()  # as `serve` and `worker` do once all is imported
    load = os.getloadavg()[0]
    chosen = [row for row in ROWS if not names or row.name in names]
    figures = []
    for row in chosen:
        found = await run(row, rounds)
        figures += found
        show(found)
    if not names:
        PAGE.write_text(page(figures, load))


def show(figures: Sequence[Figures]) -> None:
    table = Table(*HEADINGS, title=figures[0].row.name, caption=f"floor: {figures[0].row.floor}")
    for one in figures:
        table.add_row(*one.cells())
    Console().print(table)


def page(figures: Sequence[Figures], load: float) -> str:
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make bench`, in one run: {os.cpu_count()} processors"
        f" ({platform.machine()}), Python {platform.python_version()}, load average {load:.1f} before. The",
        "database, both sandboxes and the measured processes share these processors. Each figure is the median of its",
        "rounds, and in each round both sides were measured one after the other. One row: `make bench ARGS=NAME`.",
        "",
        "| row | what | floor | Jobferry | figure | goal | rounds |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [f"| `{one.row.name}` | {' | '.join(one.cells())} | {len(one.pairs)} |" for one in figures]
    lines += ["", "What the floors are, and what stands behind the figures:", ""]
    lines += [f"- `{row.name}`: {row.floor}. {row.note}".rstrip() for row in dict.fromkeys(one.row for one in figures)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("rows", nargs="*", help=f"any of: {', '.join(row.name for row in ROWS)}")
    arguments.add_argument("--rounds", type=int, help=f"counted rounds (default: the row's own, or {ROUNDS})")
    given = arguments.parse_args()
    if unknown := set(given.rows) - {row.name for row in ROWS}:
        sys.exit(f"There is no row {', '.join(sorted(unknown))}. Rows: {', '.join(row.name for row in ROWS)}")
    asyncio.run(main(given.rows, given.rounds))
