"""The audit: who did what, when and to which record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from core.model.shared.csv_cells import csv_text


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`actor` did `action` (for example `doubt.settled`) to the record with the id `subject`.

    `detail` holds plain values, no secrets. `actor_name` is the name that the person with the address `actor` had
    then: it is set when the entry is stored, and '' for programs.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
    actor_name: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """A filter of audit entries; None matches all. `action` is a whole action or its first word (`person` matches
    `person.added`), `subject` the id of a record. `since` is inclusive, `until` is exclusive."""

    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None

    def fits(self, entry: AuditEntry) -> bool:
        return (
            self.actor in (None, entry.actor)
            and (self.action is None or f"{entry.action}.".startswith(f"{self.action}."))
            and self.subject in (None, entry.subject)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


EVERYTHING = AuditFilter()
COLUMNS = ("at", "actor", "actor_name", "action", "subject", "detail")


def audit_csv(entries: Iterable[AuditEntry], zone: tzinfo = UTC) -> str:
    """The entries as CSV. Times are in the zone and tell its difference to UTC; all details of an entry are in one
    cell, one on each line."""
    return csv_text(
        COLUMNS,
        (
            (
                one.at.astimezone(zone).isoformat(timespec="seconds"),
                one.actor,
                one.actor_name,
                one.action,
                one.subject,
                "\n".join(f"{name}: {value}" for name, value in one.detail.items()),
            )
            for one in entries
        ),
    )
