"""What people are shown of a job, whatever connection it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model.mappings.readiness import NamedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDescription:
    """`scheduled` is None if ServiceTrade does not say. `numbers` are its external ids by system, those that are not
    blank: `systems` are where it was sent before."""

    id: str
    number: str | None
    name: str
    status: str
    scheduled: datetime | None
    customer: NamedRecord | None
    location: NamedRecord | None
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def systems(self) -> frozenset[str]:
        return frozenset(self.numbers)
