"""One step of a test: of a connection, or of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """The result of one step of a test."""

    OK = "ok"
    """It works"""
    FAILED = "failed"
    """It does not work"""
    UNKNOWN = "unknown"
    """It cannot be known yet"""
    SKIPPED = "skipped"
    """Not tested, because an earlier step failed or it does not apply"""


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of `connections test` or `doctor`: what was checked, the result, and the fix if it failed."""

    name: str
    state: CheckState
    detail: str
    code: str | None = None
    fix: tuple[str, ...] = ()
