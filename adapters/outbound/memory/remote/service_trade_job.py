"""A job of the in-memory ServiceTrade, with its items, comments and completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import NamedRecord, UpcomingJob
from core.model.planning.job import CompletedJob, JobSnapshot, Party
from core.model.planning.job_description import JobDescription
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from core.model.work_orders.paperwork import Attachment

_ROLES = {AliasKind.CUSTOMER: "customer", AliasKind.SITE: "location", AliasKind.CONTRACT: "contract"}


@dataclass(slots=True)
class MemoryItem:
    """`codes` are the library item's external ids by system."""

    item: JobItem
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryJob:
    """A stored job. `external_ids` are its own by system, `codes` those of its parties by kind and system.

    `refusal`: the message that refuses its completion, '' to allow it.
    """

    snapshot: JobSnapshot
    external_ids: dict[str, str] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    items: dict[str, MemoryItem] = field(default_factory=dict)
    services: dict[str, JobService] = field(default_factory=dict)
    attachments: dict[str, tuple[Attachment, bytes]] = field(default_factory=dict)
    refusal: str = ""
    scheduled: datetime | None = None
    _completed_last: datetime | None = None

    def put_item(self, item: JobItem, system: str) -> None:
        """Store an item. An item with the same id keeps its place and its external ids under other systems."""
        stored = self.items.setdefault(item.id, MemoryItem(item))
        stored.item = item
        stored.codes.pop(system, None)
        if item.external_id is not None:
            stored.codes[system] = item.external_id

    def items_under(self, system: str) -> Sequence[JobItem]:
        return [replace(one.item, external_id=one.codes.get(system)) for one in self.items.values()]

    def codes_of(self, kind: AliasKind, system: str) -> Mapping[str, str | None]:
        """The external ids of the job's records of this kind, by their ids."""
        if kind is AliasKind.ITEM:
            return {one.item.library_id: one.codes.get(system) for one in self.items.values() if one.item.library_id}
        party = self.snapshot.party(kind)
        return {party.id: self.codes.get((_ROLES[kind], system))} if party else {}

    def set_code(self, kind: AliasKind, record_id: str, system: str, value: str) -> None:
        if kind is AliasKind.ITEM:
            for one in self.items.values():
                if one.item.library_id == record_id:
                    one.codes[system] = value
        else:
            self.codes[_ROLES[kind], system] = value

    @property
    def description(self) -> JobDescription:
        job, upcoming = self.snapshot, self.upcoming
        return JobDescription(
            id=job.id,
            number=job.number,
            name=job.name,
            status=job.status,
            scheduled=self.scheduled,
            customer=upcoming.customer,
            location=upcoming.location,
            numbers={system: value for system, value in self.external_ids.items() if value.strip()},
        )

    @property
    def upcoming(self) -> UpcomingJob:
        job = self.snapshot
        return UpcomingJob(
            id=job.id,
            number=job.number,
            date=self.scheduled,
            customer=_named(job.customer),
            location=_named(job.location),
            contract=_named(job.contract),
        )

    @property
    def completion(self) -> CompletedJob | None:
        return CompletedJob(self.snapshot.id, self.snapshot.completed_on) if self.snapshot.completed else None

    def complete(self) -> CompletedJob:
        """Complete the job. Each completion has its own time in whole seconds, later than the one before."""
        if not self.snapshot.completed:
            now = datetime.now(UTC).replace(microsecond=0)
            if self._completed_last and now <= self._completed_last:
                now = self._completed_last + timedelta(seconds=1)
            self.snapshot = replace(self.snapshot, status="completed", completed_on=now, updated=now)
        return CompletedJob(self.snapshot.id, self.snapshot.completed_on)

    def reopen(self) -> None:
        self._completed_last = self.snapshot.completed_on or self._completed_last
        now = datetime.now(UTC).replace(microsecond=0)
        self.snapshot = replace(self.snapshot, status="scheduled", completed_on=None, updated=now)


def _named(party: Party | None) -> NamedRecord | None:
    return NamedRecord(party.id, party.name) if party else None
