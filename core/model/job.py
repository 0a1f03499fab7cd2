"""A ServiceTrade job as it was read for one connection: the only thing about ServiceTrade that planning sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

COMPLETED = frozenset({"completed", "pending_invoice", "sending_invoice", "invoiced", "closed"})
"""The statuses of a job that is completed, whatever became of its invoice since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The job's customer, location or contract. `external_id` is its code in the connection's Spectrum company.

    None means that no external id is set under the connection's system name; '' or blanks that one is set but empty.
    """

    id: str
    name: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSnapshot:
    """The job, with ids as strings and text as ServiceTrade holds it (not trimmed, not cut)."""

    id: str
    number: str | None
    status: str
    type: str = ""
    name: str = ""
    description: str = ""
    customer_po: str = ""
    customer: Party | None = None
    location: Party | None = None
    contract: Party | None = None
    external_id: str | None = None
    office: str | None = None
    service_line: str | None = None
    tags: tuple[str, ...] = ()
    completed_on: datetime | None = None
    updated: datetime | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a job snapshot needs an id")

    @property
    def completed(self) -> bool:
        return self.status.strip().lower() in COMPLETED


@dataclass(frozen=True, slots=True)
class CompletedJob:
    """A job that ServiceTrade lists as completed; `completed_on` identifies this completion (None: not told)."""

    id: str
    completed_on: datetime | None
