"""What people are shown of a job, whatever connection it goes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.model.mappings.readiness import NamedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDescription:
    """`scheduled` is None if ServiceTrade does not say. `systems` are the external systems under which the job has an
    id: it was sent to them before."""

    id: str
    number: str | None
    name: str
    status: str
    scheduled: datetime | None
    customer: NamedRecord | None
    location: NamedRecord | None
    systems: frozenset[str] = frozenset()
