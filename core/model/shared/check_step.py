"""One step of a test: of a connection, or of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of `connections test` or `doctor`: what was checked, the result, and the fix if it failed."""

    name: str
    state: CheckState
    detail: str
    code: str | None = None
    fix: tuple[str, ...] = ()
