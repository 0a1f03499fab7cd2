"""The account of a work order: what is known of its cost lines, whoever posted them.

It belongs to Spectrum, not to a connection: an account is (endpoint and company, work order number), an entry one item
of it. What other connections and tenants entered is seen as hashes only, which never tell whose they are.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.work_orders.cost_line import LedgerLine, LineState


class EntryState(StrEnum):
    """What others see of a line."""

    OPEN = "open"
    """Planned, being posted, or in doubt: nobody else may plan beside it before that is known."""
    STANDS = "stands"
    """Posted, or entered by hand."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """A line of somebody else on an account. `item` is its hash within that account."""

    account: bytes
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
    return _account_key(connection, connection.endpoint, number)


def account_keys(connection: Connection, number: str) -> Sequence[bytes]:
    """Every account on which others may have entered something for this work order: also under the addresses that its
    Spectrum had before. In an order that is the same for everybody, since they are locked one after the other."""
    endpoints = (connection.endpoint, *(former.endpoint for former in connection.former_endpoints))
    return sorted({_account_key(connection, endpoint, number) for endpoint in endpoints})


def own_account_keys(connection: Connection, number: str) -> Sequence[bytes]:
    """The accounts on which its own lines are entered: also under former addresses, which others may still use."""
    used = (former.endpoint for former in connection.former_endpoints if former.used)
    return sorted({_account_key(connection, endpoint, number) for endpoint in (connection.endpoint, *used)})


def entry_key(account: bytes, item_id: str) -> bytes:
    """One ServiceTrade item on that work order."""
    return _digest("entry", account.hex(), item_id)


def items_among(item_ids: Iterable[str], entries: Collection[AccountEntry]) -> frozenset[str]:
    """Those of `item_ids` that somebody else has posted to one of these accounts."""
    standing = {entry.item for entry in entries if entry.state is EntryState.STANDS}
    accounts = {entry.account for entry in entries}
    return frozenset(
        item_id for item_id in item_ids if any(entry_key(account, item_id) in standing for account in accounts)
    )


def strays_among(item_ids: Iterable[str], entries: Collection[AccountEntry]) -> int:
    """How many lines of somebody else stand on these accounts for items that are none of `item_ids`. A line may be
    entered on several of them, so it is the largest number that counts."""
    accounts = {entry.account for entry in entries}
    known = {entry_key(account, item_id) for item_id in item_ids for account in accounts}
    strays = Counter(e.account for e in entries if e.state is EntryState.STANDS and e.item not in known)
    return max(strays.values(), default=0)


def _account_key(connection: Connection, endpoint: Endpoint, number: str) -> bytes:
    return _digest("account", endpoint.host, str(endpoint.port), connection.company_code.upper(), number.upper())


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()
