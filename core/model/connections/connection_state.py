"""What a connection does now, in one word that every page, answer and command uses; and what was last seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.shared.check_step import CheckState, CheckStep


class ConnectionState(StrEnum):
    """Working means proven: Spectrum has accepted a write with the present address, company and secrets."""

    NOT_PROVEN = "not_proven"
    """Spectrum has not accepted a write yet, or not since address, company or secrets changed"""
    WORKING = "working"
    """Spectrum has accepted a write"""
    NO_ITEMS = "no_items"
    """Work orders are sent, but items and all else that adds to Spectrum wait (`items_hold`)"""
    WAITING = "waiting"
    """Jobferry tries again by itself."""
    HELD = "held"
    """A person has to fix the cause and resume it."""
    PAUSED = "paused"
    """Somebody has paused it"""


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """A test that ran to its end. `target_version` is the connection's when it began: after a change of address,
    company or secrets the result says nothing about the present ones."""

    at: datetime
    by: str
    target_version: int
    steps: tuple[CheckStep, ...]

    @property
    def ok(self) -> bool:
        """Whether no step failed. What cannot be known without writing is no failure."""
        return not failed_steps(self.steps)


@dataclass(frozen=True, slots=True)
class CodesMissing:
    """Of `records` customers and sites of upcoming jobs, `missing` had no Spectrum code when they were last read, or
    one that a list of Spectrum's showed to be wrong."""

    at: datetime
    missing: int
    records: int


def failed_steps(steps: Sequence[CheckStep]) -> Sequence[CheckStep]:
    return [step for step in steps if step.state is CheckState.FAILED]
