"""An alias: the Spectrum code of a ServiceTrade record on one connection. It overrides the record's external id.

ServiceTrade accepts an external id only once. Aliases have no such rule: two companies can be one Spectrum customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.model.shared.errors import BadInput, FieldError
from core.model.shared.moments import moment_words
from core.model.work_orders.cost_line import ITEM_CODE, LINE_LENGTHS
from core.model.work_orders.field_check import bad_signs
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, LENGTHS, SITE


class AliasKind(StrEnum):
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""

    CUSTOMER = "customer"
    """A company in ServiceTrade"""
    SITE = "site"
    """A location in ServiceTrade"""
    CONTRACT = "contract"
    """A contract in ServiceTrade"""
    ITEM = "item"
    """A library item in ServiceTrade"""


LONGEST_CODE: Mapping[AliasKind, int] = MappingProxyType(
    {
        AliasKind.CUSTOMER: LENGTHS[CUSTOMER],
        AliasKind.SITE: LENGTHS[SITE],
        AliasKind.CONTRACT: LENGTHS[CONTRACT],
        AliasKind.ITEM: LINE_LENGTHS[ItemKind.MATERIAL][ITEM_CODE],
    }
)
LONGEST_NAME = 200
_SERVICETRADE_ID = re.compile(r"^[1-9][0-9]{0,15}\Z", re.ASCII)

AliasKey = tuple[AliasKind, str]
"""The record in ServiceTrade: its kind and its id. It has at most one alias on each connection."""


@dataclass(frozen=True, slots=True)
class AliasEntry:
    """A record and its wanted code. Raises BadInput (ALIAS_INVALID) that names every wrong field.

    `name` is the record's name for people; it has no effect.
    """

    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str

    def __post_init__(self) -> None:
        errors = list(entry_errors(self.kind, self.servicetrade_id, self.name, self.code))
        if errors:
            fix = "Correct the named fields and save again."
            raise BadInput.of("The alias is not valid", errors, code="ALIAS_INVALID", fix=fix)

    @property
    def key(self) -> AliasKey:
        return self.kind, self.servicetrade_id


class CodeSource(StrEnum):
    """Where a stored code is from. An alias exists here only; the other is a copy of an external id, as it was when
    Jobferry last read or wrote it in ServiceTrade. A copy is only shown and suggested: sends read ServiceTrade."""

    ALIAS = "alias"
    """Kept here only"""
    SERVICETRADE = "servicetrade"
    """An external id in ServiceTrade"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A stored code, nearly always an alias. `seq` is its place in lists and does not change with the code.
    `set_by` is '' for an external id that was only read."""

    id: str
    connection_id: str
    entry: AliasEntry
    set_at: datetime
    set_by: str
    seq: int = 0
    source: CodeSource = CodeSource.ALIAS

    @property
    def key(self) -> AliasKey:
        return self.entry.key

    @property
    def code(self) -> str:
        return self.entry.code

    @property
    def reason(self) -> str:
        """The reason in the value's origin: it is an alias, when it was set, and by whom."""
        of = f" of {self.entry.name}" if self.entry.name else ""
        return f"the alias{of}, set {moment_words(self.set_at)} by {self.set_by}"


class AliasEnd(StrEnum):
    """How a code ended."""

    REPLACED = "replaced"
    """Another code took its place"""
    REMOVED = "removed"
    """The alias was removed"""


@dataclass(frozen=True, slots=True)
class FormerAlias:
    """A former alias, and when and by whom it was ended."""

    alias: Alias
    end: AliasEnd
    ended_at: datetime
    ended_by: str


def entry_errors(kind: str, servicetrade_id: str, name: str, code: str) -> Iterator[FieldError]:
    """All errors of an entry, by field."""
    if kind not in set(AliasKind):
        yield FieldError("/kind", "must be one of " + ", ".join(AliasKind))
    if not _SERVICETRADE_ID.match(servicetrade_id):
        detail = "must be the record's id in ServiceTrade: 1 to 16 digits as in the address of its page, not rounded"
        yield FieldError("/servicetrade_id", detail)
    if len(name) > LONGEST_NAME or not name.isprintable():
        yield FieldError("/name", f"at most {LONGEST_NAME} characters on one line")
    if problem := _code_problem(kind, code):
        yield FieldError("/code", problem)


def _code_problem(kind: str, code: str) -> str:
    if not code.strip():
        return "give the code as in Spectrum; to end an alias, remove it"
    if code != code.strip():
        return "must not begin or end with a space"
    if bad := bad_signs(code, free=False):
        return f"holds characters that Spectrum's web service does not accept: {bad}"
    longest = LONGEST_CODE[AliasKind(kind)] if kind in set(AliasKind) else max(LONGEST_CODE.values())
    return f"has {len(code)} characters; Spectrum takes at most {longest}" if len(code) > longest else ""


@dataclass(frozen=True, slots=True)
class WrongCell:
    """An invalid cell of a CSV file. `line` counts from 1 (the header); `column` is '' for a whole row."""

    line: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChangedAlias:
    former: Alias
    entry: AliasEntry


@dataclass(frozen=True, slots=True)
class AliasChanges:
    """`wrong` is empty if anything was stored: a file is imported completely or not at all."""

    added: Sequence[AliasEntry] = ()
    changed: Sequence[ChangedAlias] = ()
    unchanged: int = 0
    wrong: Sequence[WrongCell] = ()


def compare(entries: Iterable[AliasEntry], present: Iterable[Alias]) -> AliasChanges:
    """Compare entries with the present aliases. An unchanged alias keeps its time and author."""
    there = {alias.key: alias for alias in present}
    added, changed, unchanged = [], [], 0
    for entry in entries:
        former = there.get(entry.key)
        if former is None:
            added.append(entry)
        elif former.entry == entry:
            unchanged += 1
        else:
            changed.append(ChangedAlias(former, entry))
    return AliasChanges(added, changed, unchanged)
