"""A code that a Spectrum company has, as its own lists tell it: read from Spectrum, imported, or learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.mappings.alias import AliasKind

FRESH_FOR = timedelta(hours=48)
"""A list is read every day. One that could not be read for so long is stale: what it lacks may be new."""


class ListedFrom(StrEnum):
    """How we know that the company has the code."""

    SPECTRUM = "spectrum"
    """Read from Spectrum's own list"""
    IMPORTED = "imported"
    """From a file that somebody exported from Spectrum"""
    ACCEPTED = "accepted"
    """Spectrum accepted a work order or a line with it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCode:
    """One code with what its list tells; every text is trimmed, '' where the list has none.

    `active` is None where nobody knows. `customer_code` is the customer of a site or of a contract, `site_code` the
    site of a contract. `unit` is an item's unit of measure.
    """

    kind: AliasKind
    code: str
    name: str = ""
    active: bool | None = True
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    phone: str = ""
    customer_code: str = ""
    site_code: str = ""
    unit: str = ""
    listed_from: ListedFrom = ListedFrom.SPECTRUM


class ListTrouble(StrEnum):
    """Why the list of a kind is not known completely."""

    NEVER_READ = "never_read"
    """It was not read yet"""
    NOT_ALLOWED = "not_allowed"
    """The Authorization ID may not use the service that reads it"""
    NO_SERVICE = "no_service"
    """This Spectrum does not have the service that reads it, or none is documented"""
    ROW_LIMIT = "row_limit"
    """Spectrum's limit of rows cut it, also with narrower questions"""
    UNREADABLE = "unreadable"
    """Spectrum was away, or its answer was cut or unclear"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """What is known of a connection's list of one kind. `read_at` is the last complete or cut reading, None for none.

    `complete`: that reading had every row, also inactive ones. Only such a list shows that a code does not exist.
    `trouble` tells of the last attempt, None if it worked; `detail` says it in words.
    """

    kind: AliasKind
    rows: int = 0
    read_at: datetime | None = None
    complete: bool = False
    trouble: ListTrouble | None = ListTrouble.NEVER_READ
    detail: str = ""

    def shows_missing(self, now: datetime) -> bool:
        """Whether a code that the list lacks surely does not exist in Spectrum."""
        return self.complete and self.fresh(now)

    def fresh(self, now: datetime) -> bool:
        return self.read_at is not None and now - self.read_at <= FRESH_FOR
