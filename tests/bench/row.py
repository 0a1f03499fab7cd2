"""A row of the benchmark: one figure of Jobferry beside its floor, both measured in turn in one run."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property

ROUNDS = 5
"""Counted rounds of a row that does not state its own number."""
Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of a row, ready to be measured. Each call of one measures it once and returns its figure."""

    floor: Measure
    ours: Measure


Opens = Callable[[int], AbstractAsyncContextManager[dict[str, Sides]]]
"""Called with the number of rounds, the first one included. Yields the sides by the name of the variant."""


@dataclass(frozen=True, slots=True)
class Row:
    """`open` yields the sides: one pair, or several by the name of the variant. `compare` makes the row's value of a
    pair (floor, ours): their ratio, or what ours adds. `goal` is in the same unit, and `at_most` tells on which side of
    it the value has to be. `rounds` is the row's own number of them, None for the benchmark's. `note` tells readers of
    the page what stands behind the figure."""

    name: str
    what: str
    floor: str
    unit: str
    open: Opens
    compare: Callable[[float, float], float]
    goal: float
    at_most: bool
    shown: str = "{:.2f}"
    rounds: int | None = None
    note: str = ""


def ratio(floor: float, ours: float) -> float:
    return ours / floor


def added(floor: float, ours: float) -> float:
    return ours - floor


@dataclass(frozen=True)
class Figures:
    """What the rounds of one variant of a row gave."""

    row: Row
    variant: str
    pairs: Sequence[tuple[float, float]]

    @cached_property
    def value(self) -> float:
        """The median of the rounds' values, not the value of the medians: both sides of a round met the same moment."""
        return statistics.median(self.row.compare(floor, ours) for floor, ours in self.pairs)

    @property
    def reached(self) -> bool:
        return self.value <= self.row.goal if self.row.at_most else self.value >= self.row.goal

    def median(self, side: int) -> float:
        return statistics.median(pair[side] for pair in self.pairs)

    def cells(self) -> tuple[str, ...]:
        """What, floor, ours, value, goal."""
        row = self.row
        goal = f"at {'most' if row.at_most else 'least'} {row.shown.format(row.goal)}"
        sides = (f"{self.median(side):.4g} {row.unit}" for side in (0, 1))
        mark = "" if self.reached else " (not reached)"
        return (f"{row.what}{self.variant and ', ' + self.variant}", *sides, row.shown.format(self.value) + mark, goal)


async def run(row: Row, rounds: int | None) -> list[Figures]:
    """Measure a row, in its own number of rounds if `rounds` is None. The first round warms up and is not counted."""
    rounds = rounds or row.rounds or ROUNDS
    async with row.open(rounds + 1) as variants:
        pairs: dict[str, list[tuple[float, float]]] = {variant: [] for variant in variants}
        for number in range(rounds + 1):
            for variant, sides in variants.items():
                pair = await sides.floor(), await sides.ours()
                if number:
                    pairs[variant].append(pair)
    return [Figures(row, variant, taken) for variant, taken in pairs.items()]
