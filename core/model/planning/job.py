"""A ServiceTrade job as read for one connection. Planning sees nothing else of ServiceTrade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.model.mappings.alias import Alias, AliasKey, AliasKind

COMPLETED = frozenset({"completed", "pending_invoice", "sending_invoice", "invoiced", "closed"})
"""The statuses of a completed job, in every state of its invoice."""


_SHORTEST_ID = 10


def looks_like_id(text: str) -> bool:
    """Whether this is more likely a job's id in ServiceTrade than its number, which is shorter."""
    return text.isascii() and text.isdecimal() and len(text) >= _SHORTEST_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The job's customer, location or contract in ServiceTrade, with its code in the connection's Spectrum company."""

    id: str
    """ServiceTrade's id. Never empty."""
    name: str
    """As in ServiceTrade; '' if it has none."""
    external_id: str | None = None
    """The external id under the connection's system name, not trimmed. None: none is set. Blank: set, but empty."""
    alias: Alias | None = None
    """The connection's own code for this record, which is used instead of the external id. None: none is set."""

    @property
    def code(self) -> str:
        """The alias's code, since it was set for this connection on purpose; else the external id; '' for neither."""
        return self.alias.code if self.alias else (self.external_id or "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSnapshot:
    """The job, with ids as strings and text as in ServiceTrade (not trimmed, not cut). Rules see it composed (NFC)."""

    id: str
    """ServiceTrade's id, 16 digits at present. Never empty."""
    number: str | None
    """The job number that people know. None: ServiceTrade has given none; then the work order has no number."""
    status: str
    """Such as `scheduled`, `completed`, `pending_invoice` or `invoiced`. See `completed`."""
    type: str = ""
    """ServiceTrade's job type in its own spelling, such as `repair` or `inspection`. '' if it has none."""
    name: str = ""
    """The job's title. '' if it has none."""
    description: str = ""
    """What is to be done. May have several lines and any length; Spectrum takes 250 characters. '' if it has none."""
    customer_po: str = ""
    """The customer's purchase order. '' if it has none."""
    customer: Party | None = None
    """Who pays. None if ServiceTrade sends none."""
    location: Party | None = None
    """The site. None if ServiceTrade sends none."""
    contract: Party | None = None
    """The service contract. None: the job has none, which is usual."""
    external_id: str | None = None
    """The work order number that is written on the job under the connection's system name. None: never sent."""
    office: str | None = None
    """The name of the assigned office, else of the first one. None if the job has none."""
    service_line: str | None = None
    """The name of the job's service line. None if it has none."""
    tags: tuple[str, ...] = ()
    """The names of its tags in ServiceTrade's order. Empty if it has none."""
    completed_on: datetime | None = None
    """The moment of this completion, in UTC. None: not completed, or ServiceTrade does not say when."""
    updated: datetime | None = None
    """When ServiceTrade last changed the job, in UTC. None: it does not say."""

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a job snapshot needs an id")

    @property
    def completed(self) -> bool:
        """Whether the work is done, in every state of its invoice. Items are sent only then."""
        return self.status.strip().lower() in COMPLETED

    def party(self, kind: AliasKind) -> Party | None:
        """The job's customer, location or contract; None for an item, of which a job may have many."""
        roles = {AliasKind.CUSTOMER: self.customer, AliasKind.SITE: self.location, AliasKind.CONTRACT: self.contract}
        return roles.get(kind)

    @property
    def parties(self) -> Mapping[AliasKey, Party]:
        """The job's records that may have an alias."""
        return {(kind, party.id): party for kind in AliasKind if (party := self.party(kind))}

    def with_aliases(self, aliases: Iterable[Alias]) -> JobSnapshot:
        there = {alias.key: alias for alias in aliases}

        def mapped(kind: AliasKind, party: Party | None) -> Party | None:
            return replace(party, alias=there.get((kind, party.id))) if party else None

        return replace(
            self,
            customer=mapped(AliasKind.CUSTOMER, self.customer),
            location=mapped(AliasKind.SITE, self.location),
            contract=mapped(AliasKind.CONTRACT, self.contract),
        )


@dataclass(frozen=True, slots=True)
class CompletedJob:
    """A job that ServiceTrade lists as completed. `completed_on` identifies this completion (None: not given)."""

    id: str
    completed_on: datetime | None


@dataclass(frozen=True, slots=True)
class ChangedJob:
    """A job that ServiceTrade lists as changed. `completion` is None while it is open.

    `unreadable` says what is wrong with a record of which at most the id could be read; `id` is '' if it has none.
    """

    id: str
    completion: CompletedJob | None = None
    unreadable: str = ""
