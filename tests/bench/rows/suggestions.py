"""How many suggested codes are right, how many answers are found, and how long a large search takes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from adapters.outbound.matching.rapidfuzz_matcher import RapidFuzzMatcher
from tests.bench.row import Measure, Row, Sides, ratio
from tests.labelled.large import large_set
from tests.labelled.maker import LabelledSet
from tests.labelled.measure import Count, counted, held_out_set, measured_set, suggested

_SETS: Mapping[str, Callable[[], LabelledSet]] = {"measured rules": measured_set, "held-out rules": held_out_set}
_CUSTOMERS, _COMPANIES, _BY_NAME = 50_000, 5_000, 10
_SCORES: Mapping[str, Callable[[Count], float]] = {"precision": lambda of: of.precision, "recall": lambda of: of.recall}


@asynccontextmanager
async def opened_sets(_: int) -> AsyncIterator[dict[str, Sides]]:
    """Print the figures by kind and by rule, and yield those of each set."""
    sides = {}
    for name, make in _SETS.items():
        labelled = make()
        counts = counted(labelled, suggested(RapidFuzzMatcher(), labelled))
        _print(name, labelled, counts)
        for score, of in _SCORES.items():
            sides[f"{score}, {name}"] = Sides(_always(GOALS[score]), _always(of(counts["all"])))
    yield sides


def _print(name: str, labelled: LabelledSet, counts: Mapping[str, Count]) -> None:
    title = f"{name}: {len(labelled.records)} records, {len(labelled.codes)} codes"
    table = Table("rule", "records", "with an answer", "ticked", "right", "shown", "precision", "recall", title=title)
    for rule, of in sorted(counts.items(), key=lambda one: (":" in one[0], one[0])):
        figures = (of.records, of.answerable, of.ticked, of.right, of.shown)
        recall = f"{of.recall:.2f}" if of.answerable else "-"
        table.add_row(rule, *map(str, figures), f"{of.precision:.3f}" if of.ticked else "-", recall)
    Console(width=140).print(table)


def _always(value: float) -> Measure:
    async def measure() -> float:
        return value

    return measure


@asynccontextmanager
async def opened_large(_: int) -> AsyncIterator[dict[str, Sides]]:
    labelled = large_set(_CUSTOMERS, _COMPANIES)

    async def by_name_only() -> float:
        """Seconds of CPU for all companies, measured with some of them."""
        names = [code.name for code in labelled.codes]
        started = time.process_time()
        for record in labelled.records[:_BY_NAME]:
            process.extractOne(record.name.upper(), names, scorer=fuzz.token_sort_ratio)
        return (time.process_time() - started) * _COMPANIES / _BY_NAME

    async def ours() -> float:
        started = time.process_time()
        found = suggested(RapidFuzzMatcher(), labelled)
        taken = time.process_time() - started
        if (right := counted(labelled, found)["all"].precision) < GOALS["precision"]:
            raise RuntimeError(f"only {right:.3f} of the ticked suggestions are right")
        return taken

    yield {"": Sides(by_name_only, ours)}


GOALS = {"precision": 0.99, "recall": 0.8}
LABELLED = Row(
    name="suggestions",
    what="suggested codes on labelled sets: what is ticked is right, and answers are ticked",
    floor="the goal: 0.99 of the ticked ones are right, 0.8 of the answers are ticked",
    unit="of 1",
    open=opened_sets,
    compare=ratio,
    goal=1,
    at_most=False,
    shown="{:.3f}",
    rounds=1,
    note="By kind and rule: `make bench ARGS=suggestions` prints them. The held-out rules were not fitted to.",
)
LARGE = Row(
    name="suggestions-large",
    what=f"{_COMPANIES:,} companies against {_CUSTOMERS:,} customers, by name, address and phone",
    floor="RapidFuzz alone, each name against all names",
    unit="s of CPU",
    open=opened_large,
    compare=ratio,
    goal=0.5,
    at_most=True,
    rounds=2,
)
ROWS = (LABELLED, LARGE)
