"""The bars of the last days: where each stands and how high it is, for a drawing in the page itself (SVG)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log10

from core.model.operations.job_counts import Outcome
from core.services.operations.show_home import Day

_STEP, _BAR, _LEFT, _TOP, _HEIGHT = 24, 16, 34, 8, 96
WIDTH, TOTAL_HEIGHT = _LEFT + 14 * _STEP + 4, _TOP + _HEIGHT + 20
_ORDER = (Outcome.SENT, Outcome.FAILED, Outcome.IN_DOUBT)
"""From the bottom up."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar."""

    outcome: Outcome
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    date: date
    x: int
    middle: int
    pieces: Sequence[Piece]
    jobs: Sequence[int]
    """In the order of the table's columns: sent, failed, to check in Spectrum."""

    @property
    def words(self) -> str:
        return (
            f"{day_words(self.date)}: {self.jobs[0]} sent, {self.jobs[1]} failed, {self.jobs[2]} to check in Spectrum"
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is the number at the upper line. `width`, `height` and `base` are in the drawing's own units."""

    bars: Sequence[Bar]
    top: int
    width: int = WIDTH
    height: int = TOTAL_HEIGHT
    left: int = _LEFT
    upper: int = _TOP
    base: int = _TOP + _HEIGHT

    @property
    def empty(self) -> bool:
        return not any(sum(bar.jobs) for bar in self.bars)


def chart_of(days: Sequence[Day]) -> Chart:
    top = _round_up(max((sum(day.jobs.values()) for day in days), default=0))
    return Chart([_bar(day, number, top) for number, day in enumerate(days)], top)


def day_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _bar(day: Day, number: int, top: int) -> Bar:
    x, jobs = _LEFT + number * _STEP + (_STEP - _BAR) // 2, [day.jobs.get(one, 0) for one in _ORDER]
    pieces, y = [], float(_TOP + _HEIGHT)
    for outcome, count in zip(_ORDER, jobs, strict=True):
        if count:
            # One failed job among a thousand must be seen, too.
            height = max(2.0, round(_HEIGHT * count / top, 1))
            y = round(y - height, 1)
            pieces.append(Piece(outcome, y, height))
    return Bar(day.date, x, x + _BAR // 2, pieces, jobs)


def _round_up(most: int) -> int:
    """The next number with one digit other than 0, at least 4: 7 stays, 38 becomes 40, 1,204 becomes 2,000."""
    if most <= 4:
        return 4
    unit: int = 10 ** int(log10(most))
    return ceil(most / unit) * unit
