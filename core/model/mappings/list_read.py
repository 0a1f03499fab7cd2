"""How a list is asked from Spectrum, and how the reading of it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.work_orders.optional_fields import CUSTOMERS_READ, ITEMS_READ

LIST_SERVICES: Mapping[AliasKind, str] = MappingProxyType(
    {AliasKind.CUSTOMER: CUSTOMERS_READ, AliasKind.ITEM: ITEMS_READ}
)
"""The service that reads the list of a kind. None is documented for sites and for contracts."""
USUAL_ROW_LIMIT = 500
"""Spectrum's documentation speaks of about so many rows for one question."""
_NEAR = 5
BATCH = 500
"""So many codes are handed over at a time."""

TakeCodes = Callable[[Sequence[ListedCode]], Awaitable[None]]
"""Takes at most BATCH codes while the answer is read. No code is in a batch twice, in whatever case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuestion:
    """What a list is asked for; everything, also what is inactive, if nothing narrows it.

    `active_only` is for customers, the others are for items: `status` A (active), D (discontinued) or N, a `category`,
    a `part_number`, and a `description` that may be a pattern of Spectrum's, whose signs are not documented.
    """

    active_only: bool = False
    status: str = ""
    category: str = ""
    description: str = ""
    part_number: str = ""


EVERYTHING = ListQuestion()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """How a reading ended. `trouble` None: every row that was asked for was read. Otherwise the codes that were handed
    over are true, but not all. `detail` says it in words, '' without trouble; no secret is in it.

    `refused` is what Spectrum said instead of a list, in its own words, and `warnings` what it said beside one. `rows`
    counts the different codes that were handed over, `categories` are those of the items.
    """

    rows: int = 0
    trouble: ListTrouble | None = None
    detail: str = ""
    refused: str = ""
    warnings: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        return self.trouble is None


def may_be_cut(rows: int) -> bool:
    """Whether so many rows look like a limit, although no row says so: about the usual one, or a multiple of it."""
    return abs(rows - USUAL_ROW_LIMIT) <= _NEAR or (rows > USUAL_ROW_LIMIT and rows % USUAL_ROW_LIMIT == 0)


def never_listed(kind: AliasKind) -> ListRead | None:
    """The answer for a kind that no documented service lists, None for the others."""
    if kind in LIST_SERVICES:
        return None
    detail = f"Spectrum has no documented service that lists its {kind}s. Import them from a file of Spectrum's."
    return ListRead(trouble=ListTrouble.NO_SERVICE, detail=detail)
