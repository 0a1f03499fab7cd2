"""What the lists of a Spectrum company say of codes that are about to be sent: whether Spectrum will refuse them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from core.model.catalogue import finding
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_words import folded
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import ListedCode, ListedFrom, ListState
from core.model.shared.finding import Finding, Severity
from core.model.shared.moments import moment_words

Code = tuple[AliasKind, str]
"""A code and what it is."""

REFUSED_FOR: Mapping[AliasKind, str] = MappingProxyType(
    {
        AliasKind.CUSTOMER: "ERP_CUSTOMER_UNKNOWN",
        AliasKind.SITE: "ERP_SITE_UNKNOWN_OR_INACTIVE",
        AliasKind.CONTRACT: "ERP_CONTRACT_INVALID",
        AliasKind.ITEM: "ITEM_CODE_UNKNOWN",
    }
)
"""The failure that Spectrum would answer with."""
_SENT_ALL_THE_SAME = "So it is sent all the same, and Spectrum decides."


@dataclass(frozen=True, slots=True)
class ListedCodes:
    """What is known of some codes, all as of one moment. A kind without a state was never read. Unless it is `strict`,
    nothing is taken for certain."""

    states: Mapping[AliasKind, ListState] = field(default_factory=dict)
    listed: Mapping[Code, ListedCode] = field(default_factory=dict)
    """By kind and folded code."""
    strict: bool = True

    @classmethod
    def of(cls, states: Sequence[ListState], codes: Sequence[ListedCode]) -> ListedCodes:
        return cls({one.kind: one for one in states}, {one.key: one for one in codes})

    def heeded(self, *, strictly: bool) -> ListedCodes:
        """The same, as strict as the connection's setting is."""
        return replace(self, strict=strictly)

    def lacks(self, code: Code, now: datetime) -> bool:
        """Whether the company surely does not have the code."""
        state = self.states.get(code[0])
        return self.strict and state is not None and state.shows_missing(now) and self._found(code) is None

    def surely_refused(self, code: Code, now: datetime) -> bool:
        """Whether a send with the code is stopped before Spectrum is asked."""
        found = self.about(code, now)
        return found is not None and found.blocks

    def about(self, code: Code, now: datetime, *, field: str | None = None) -> Finding | None:
        """What a person should know of the code before it is sent; None if nothing speaks against it.

        It blocks where the list is fresh and shows that Spectrum does not have the code, or has the customer, site or
        contract as inactive. Nobody knows whether Spectrum takes a discontinued item, so that only warns.
        """
        kind, text = code
        state = self.states.get(kind)
        if state is None or state.read_at is None:
            return None
        listed = self._found(code)
        if listed is None:
            whose = "Spectrum's list" if kind in LIST_SERVICES else "The imported list"
            blocks, told = state.shows_missing(now), f"{whose} of {kind}s has no {text}"
        elif listed.active is False and listed.listed_from is not ListedFrom.ACCEPTED:
            blocks = state.fresh(now) and kind is not AliasKind.ITEM
            what = "discontinued" if kind is AliasKind.ITEM else "inactive"
            told = f"In Spectrum's list of {kind}s, {text} is {what}"
        else:
            return None
        message = f"{told} (list of {moment_words(state.read_at)})."
        if blocks and self.strict:
            return finding(REFUSED_FOR[kind], message, field=field)
        doubt = _doubt(state, now, missing=listed is None)
        return finding(
            REFUSED_FOR[kind], f"{message}{doubt} {_SENT_ALL_THE_SAME}", severity=Severity.WARNING, field=field
        )

    def _found(self, code: Code) -> ListedCode | None:
        kind, text = code
        return self.listed.get((kind, folded(text)))


def _doubt(state: ListState, now: datetime, *, missing: bool) -> str:
    """Why that is not certain."""
    if not state.fresh(now):
        return " The list is old."
    return " The list is not complete." if missing and not state.complete else ""
