"""A code that a Spectrum company has, as its own lists tell it: read from Spectrum, imported, or learned."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.model.mappings.alias import LONGEST_CODE, AliasKind
from core.model.mappings.code_words import folded
from core.model.shared.text import composed, hidden_in, without

FRESH_FOR = timedelta(hours=48)
"""A list is read every day. One that could not be read for so long is stale: what it lacks may be new."""


RARELY = timedelta(days=7)
"""A list that the Authorization ID may not read, or that this Spectrum does not have, is tried so often by itself."""
LONGEST_TEXT = 200
"""Of a name, a street and so on; what is longer is cut."""
MOST_ROWS = 200_000
"""Of one list. A longer one is cut, and says so."""


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
    site of a contract. `unit` is an item's unit of measure. `refused_at`: Spectrum refused it then, although a list has
    it; a later list without that mark ends it.
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
    refused_at: datetime | None = None

    @property
    def key(self) -> tuple[AliasKind, str]:
        """Its identity on a connection: codes that differ only in upper and lower case are one."""
        return self.kind, folded(self.code)

    def replaces(self, present: ListedCode) -> bool:
        """Whether it is stored in the place of the present one: what was only learned says less than a list."""
        return self.listed_from is not ListedFrom.ACCEPTED or present.listed_from is ListedFrom.ACCEPTED


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
    EMPTY = "empty"
    """Spectrum answered with a list without any code, which does not show that there is none"""
    UNREADABLE = "unreadable"
    """Spectrum was away, or its answer was cut or unclear"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """What is known of a connection's list of one kind. `read_at` is the last complete or cut reading, None for none.

    `complete`: that reading had every row, also inactive ones. Only such a list shows that a code does not exist.
    `trouble` tells of the last attempt, None if it worked; `detail` says it in words; `tried_at` is when it was made.
    `rows` counts all listed codes of the kind, wherever they are from. While it is being read, `begun_at` says since
    when, and `rows_so_far` how many rows have come.
    """

    kind: AliasKind
    rows: int = 0
    read_at: datetime | None = None
    complete: bool = False
    trouble: ListTrouble | None = ListTrouble.NEVER_READ
    detail: str = ""
    tried_at: datetime | None = None
    begun_at: datetime | None = None
    rows_so_far: int = 0

    def shows_missing(self, now: datetime) -> bool:
        """Whether a code that the list lacks surely does not exist in Spectrum."""
        return self.complete and self.fresh(now)

    def reads_by_itself(self, now: datetime) -> bool:
        """Whether the nightly reading asks for this list: each night, but rarely where it would be refused again."""
        refused = self.trouble in (ListTrouble.NOT_ALLOWED, ListTrouble.NO_SERVICE)
        return not (refused and self.tried_at is not None and now - self.tried_at < RARELY)

    def fresh(self, now: datetime) -> bool:
        return self.read_at is not None and now - self.read_at <= FRESH_FOR


_NO_TEXTS = ("kind", "code", "active", "listed_from", "refused_at")
_TEXTS = tuple(one.name for one in fields(ListedCode) if one.name not in _NO_TEXTS)


def tidy(listed: ListedCode) -> ListedCode | None:
    """The code as it is stored: every text on one line, trimmed, and cut to LONGEST_TEXT. None if nobody can use it: it
    is blank, or longer than Spectrum's field."""
    tidied: dict[str, Any] = {name: _one_line(text) for name in _TEXTS if (text := getattr(listed, name))}
    code = listed.code.strip()
    if not code or len(code) > LONGEST_CODE[listed.kind] or not code.isprintable():
        return None
    return replace(listed, code=code, **tidied)


def _one_line(text: str) -> str:
    return " ".join(without(hidden_in(text), composed(text)).split())[:LONGEST_TEXT].rstrip()
