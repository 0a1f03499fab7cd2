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
    """The job's customer, location or contract. `external_id` is its code in the connection's Spectrum company.

    None: none is set under the connection's system name. Blank: it is set but empty. `alias` is the connection's.
    """

    id: str
    name: str
    external_id: str | None = None
    alias: Alias | None = None

    @property
    def code(self) -> str:
        """The alias's code, since it was set for this connection on purpose; else the external id; '' for neither."""
        return self.alias.code if self.alias else (self.external_id or "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSnapshot:
    """The job, with ids as strings and text as in ServiceTrade (not trimmed, not cut). Rules see it composed (NFC)."""

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

    @property
    def parties(self) -> Mapping[AliasKey, Party]:
        """The job's records that may have an alias."""
        roles = (
            (AliasKind.CUSTOMER, self.customer),
            (AliasKind.SITE, self.location),
            (AliasKind.CONTRACT, self.contract),
        )
        return {(kind, party.id): party for kind, party in roles if party}

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
