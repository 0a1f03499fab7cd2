"""The account of a work order: what is known of its cost lines, whoever posted them.

It belongs to Spectrum, not to a connection: an account is (endpoint and company, work order number), an entry one item
of it. What other connections and tenants entered is seen as hashes only, which never tell whose they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model.connection import Connection
from core.model.cost_line import LedgerLine, LineState


class EntryState(StrEnum):
    """What others see of a line."""

    OPEN = "open"
    """Planned, being posted, or in doubt: nobody else may plan beside it before that is known."""
    STANDS = "stands"
    """Posted, or entered by hand."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """A line of somebody else on an account. `item` is its hash within that account."""

    item: bytes
    state: EntryState


@dataclass(frozen=True, slots=True)
class Account:
    """What a plan is held against.

    `lines` are our own rows that take their place: of the job, and of its work order number. `elsewhere` are the items
    that another connection or tenant posted to this work order, or that a connection which is gone did: how much of
    them nobody here knows. `entries` are all that others have on it, `strays` how many of what they posted are of items
    that are not on the job.
    """

    job_id: str
    lines: Sequence[LedgerLine] = ()
    elsewhere: Set[str] = frozenset()
    entries: Sequence[AccountEntry] = ()
    strays: int = 0

    @property
    def snapshot(self) -> frozenset[tuple[str, str, str]]:
        """Equal as long as nothing changed that a plan depends on."""
        rows = {(line.id, line.state.value, line.attempt_id or "") for line in self.lines}
        standing = {("", entry.item.hex(), "") for entry in self.entries if entry.state is EntryState.STANDS}
        return frozenset(rows | standing)

    @property
    def open_elsewhere(self) -> bool:
        """Whether somebody else is about to post to this work order."""
        return any(entry.state is EntryState.OPEN for entry in self.entries)

    def without(self, send_id: str) -> Account:
        """As it is without what one send has planned and not begun, which that send may plan anew."""
        kept = [line for line in self.lines if line.send_id != send_id or not line.state.open]
        return replace(self, lines=kept)


def state_of(line: LedgerLine) -> EntryState:
    return EntryState.STANDS if line.state is LineState.POSTED else EntryState.OPEN


def account_key(connection: Connection, number: str) -> bytes:
    """One work order in one Spectrum company, wherever the connection to it stands here."""
    endpoint = connection.endpoint
    return _digest("account", endpoint.host, str(endpoint.port), connection.company_code.upper(), number.upper())


def entry_key(account: bytes, item_id: str) -> bytes:
    """One ServiceTrade item on that work order."""
    return _digest("entry", account.hex(), item_id)


def items_among(account: bytes, item_ids: Iterable[str], entries: Collection[AccountEntry]) -> frozenset[str]:
    """Those of `item_ids` that somebody else has posted to this account, or may have."""
    standing = {entry.item for entry in entries if entry.state is EntryState.STANDS}
    return frozenset(item_id for item_id in item_ids if entry_key(account, item_id) in standing)


def strays_among(account: bytes, item_ids: Iterable[str], entries: Collection[AccountEntry]) -> int:
    """How many lines of somebody else stand on this account for items that are none of `item_ids`."""
    known = {entry_key(account, item_id) for item_id in item_ids}
    return sum(entry.state is EntryState.STANDS and entry.item not in known for entry in entries)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()
