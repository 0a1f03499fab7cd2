"""Failures on demand for a fake system: which call fails next, and whether it still has its effect."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.shared.errors import JobferryError


@dataclass(frozen=True, slots=True)
class _Failure:
    error: JobferryError
    call: str
    applied: bool


class FailuresDue:
    """The planned failures, in the order in which they were added."""

    def __init__(self) -> None:
        self._failures: list[_Failure] = []

    def add(self, errors: tuple[JobferryError, ...], call: str, *, applied: bool) -> None:
        self._failures += [_Failure(error, call, applied) for error in errors]

    def begin(self, call: str) -> JobferryError | None:
        """Raise the error that is due before the call. Return the error that is due after it."""
        due = next((failure for failure in self._failures if failure.call in ("", call)), None)
        if due is None:
            return None
        self._failures.remove(due)
        if not due.applied:
            raise due.error
        return due.error
