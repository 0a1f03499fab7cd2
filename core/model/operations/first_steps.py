"""The first steps of a new tenant, each done or not by what is stored now; nothing is ticked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.connections.connection import Connection


class FirstStep(StrEnum):
    SIGN_IN = "sign_in"
    CONNECT = "connect"
    TEST = "test"
    CODES = "codes"
    SEND = "send"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class FirstStepState:
    """`count` of `total`, if the step counts something; `total` None if nothing was counted yet. `at` is when. `target`
    is the connection that the step's button is about."""

    step: FirstStep
    done: bool
    count: int = 0
    total: int | None = None
    at: datetime | None = None
    target: Connection | None = None


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """`hidden`: an administrator does not want to see them any more."""

    steps: Sequence[FirstStepState]
    hidden: bool = False

    @property
    def done(self) -> int:
        return sum(one.done for one in self.steps)

    @property
    def shown(self) -> bool:
        return not self.hidden and self.done < len(self.steps)

    @property
    def counts_codes(self) -> bool:
        """Whether codes are still to be counted, and can be."""
        return any(one.step is FirstStep.CODES and not one.done and one.target for one in self.steps)


def first_steps(
    connections: Sequence[Connection], *, signed_in_at: datetime | None, sent: bool, people: int, hidden: bool
) -> FirstSteps:
    """`connections` are all of the tenant, `sent` says whether a job was ever sent, `people` counts those who may enter
    the console, and `signed_in_at` is when ServiceTrade last accepted the tenant's login in a test."""
    return FirstSteps(
        (
            FirstStepState(FirstStep.SIGN_IN, signed_in_at is not None, at=signed_in_at),
            FirstStepState(FirstStep.CONNECT, bool(connections), len(connections)),
            _tested(connections),
            _codes(connections, sent),
            FirstStepState(FirstStep.SEND, sent),
            FirstStepState(FirstStep.PEOPLE, people > 1, people),
        ),
        hidden,
    )


def _tested(connections: Sequence[Connection]) -> FirstStepState:
    """A write that Spectrum accepted shows more than a test."""
    open_ones = [one for one in connections if not (one.proven or _passed_its_test(one))]
    good = len(connections) - len(open_ones)
    target = next(iter(open_ones), None)
    return FirstStepState(FirstStep.TEST, bool(connections) and not open_ones, good, len(connections), target=target)


def _passed_its_test(connection: Connection) -> bool:
    return connection.last_test is not None and connection.last_test.ok and not connection.test_is_stale


def _codes(connections: Sequence[Connection], sent: bool) -> FirstStepState:
    """Done once no upcoming job lacks a code, or a job was sent: what is missing later belongs to the daily work."""
    counts = [one.codes_missing for one in connections if one.codes_missing]
    missing, total = sum(one.missing for one in counts), sum(one.records for one in counts)
    complete = bool(connections) and len(counts) == len(connections)
    uncounted = (one for one in connections if one.codes_missing is None or one.codes_missing.missing)
    return FirstStepState(
        FirstStep.CODES,
        sent or (complete and missing == 0),
        missing,
        total if counts else None,
        min((one.at for one in counts), default=None),
        next(uncounted, None),
    )
