"""Which of Spectrum's codes a ServiceTrade record probably means, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.mappings.alias import AliasKey, AliasKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordToMap:
    """A company, location, contract or library item of ServiceTrade; texts as there, '' where it has none.

    `customer_id` is the company of a location or of a contract, `location_ids` are the locations of a contract.
    `own_code` is a library item's own code, `number` a contract's own number.
    """

    kind: AliasKind
    id: str
    name: str
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    phone: str = ""
    customer_id: str = ""
    location_ids: tuple[str, ...] = ()
    own_code: str = ""
    number: str = ""
    active: bool = True

    @property
    def key(self) -> AliasKey:
        return self.kind, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A candidate for a record. `score` is from 0 to 100. `reasons` are for people, the strongest first, such as "same
    name, same street". `clear`: nothing speaks against it and no other candidate is near, so it is ticked by default;
    at least 99 of 100 of these are right. Nothing is ever set without a person."""

    code: str
    name: str
    score: int
    reasons: tuple[str, ...]
    clear: bool = False


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """What else speaks for a code: `codes` of mapped records by key (a location's company, a sister location), and how
    often Spectrum accepted each code for records of a kind."""

    codes: Mapping[AliasKey, str] = field(default_factory=dict)
    accepted: Mapping[tuple[AliasKind, str], int] = field(default_factory=dict)
