"""The account of a work order: what is known of its cost lines, from every connection that posted them.

An account belongs to a work order in Spectrum (endpoint, company, number), not to a connection. Each entry is one item.
Entries of other connections and tenants are visible only as hashes, which do not show the owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.same_company import digest_of
from core.model.work_orders.cost_line import LedgerLine, LineState


class EntryState(StrEnum):
    """The state of a line that others see."""

    OPEN = "open"
    """Planned, being posted, or in doubt. Nobody else may plan for this work order until that ends."""
    STANDS = "stands"
    """Posted, or entered by hand."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """Another connection's line on an account. `item` is the hash of its item within that account."""

    account: bytes
    item: bytes
    state: EntryState


@dataclass(frozen=True, slots=True)
class Account:
    """What a plan is compared with.

    `lines` are our own rows that take their place, of the job and of its work order number. `elsewhere` are the items
    that another connection or tenant, or a removed connection, posted to this work order; their quantities are unknown.
    `entries` are all entries of others; `strays` counts their posted lines for items that are not on the job.
    """

    job_id: str
    lines: Sequence[LedgerLine] = ()
    elsewhere: Set[str] = frozenset()
    entries: Sequence[AccountEntry] = ()
    strays: int = 0

    @property
    def snapshot(self) -> frozenset[tuple[str, str, str]]:
        """A value that stays equal while nothing changes that a plan depends on."""
        rows = {(line.id, line.state.value, line.attempt_id or "") for line in self.lines}
        standing = {("", entry.item.hex(), "") for entry in self.entries if entry.state is EntryState.STANDS}
        return frozenset(rows | standing)

    @property
    def open_elsewhere(self) -> bool:
        """Whether another connection is about to post to this work order."""
        return any(entry.state is EntryState.OPEN for entry in self.entries)

    def without(self, send_id: str) -> Account:
        """The account without the lines that this send planned and has not begun. It may plan these again."""
        kept = [line for line in self.lines if line.send_id != send_id or not line.state.open]
        return replace(self, lines=kept)


def state_of(line: LedgerLine) -> EntryState:
    return EntryState.STANDS if line.state is LineState.POSTED else EntryState.OPEN


def account_keys(connection: Connection, number: str) -> Sequence[bytes]:
    """Every account on which others may have entries for this work order, including those of former addresses. Sorted,
    because they are locked one after the other, in the same order by everybody."""
    endpoints = (connection.endpoint, *(former.endpoint for former in connection.former_endpoints))
    return sorted({_account_key(connection, endpoint, number) for endpoint in endpoints})


def own_account_keys(connection: Connection, number: str) -> Sequence[bytes]:
    """The accounts on which its own lines are entered, including used former addresses, which others may still use."""
    used = (former.endpoint for former in connection.former_endpoints if former.used)
    return sorted({_account_key(connection, endpoint, number) for endpoint in (connection.endpoint, *used)})


def addition_accounts(connection: Connection, number: str) -> Sequence[bytes]:
    """As `account_keys`, of the documents of the work order and the texts that were added to its notes. They stand on
    accounts of their own: no line is compared with them."""
    endpoints = (connection.endpoint, *(former.endpoint for former in connection.former_endpoints))
    return sorted({_account_key(connection, endpoint, number, "additions") for endpoint in endpoints})


def own_addition_accounts(connection: Connection, number: str) -> Sequence[bytes]:
    """As `own_account_keys`, of documents and added texts."""
    used = (former.endpoint for former in connection.former_endpoints if former.used)
    endpoints = (connection.endpoint, *used)
    return sorted({_account_key(connection, endpoint, number, "additions") for endpoint in endpoints})


def addition_elsewhere(key: str, entries: Collection[AccountEntry]) -> EntryState | None:
    """What another connection or tenant, or a removed connection, says of the addition with this key; None: nothing."""
    found = {entry.state for entry in entries if entry.item == entry_key(entry.account, key)}
    return EntryState.STANDS if EntryState.STANDS in found else next(iter(found), None)


def entry_key(account: bytes, item_id: str) -> bytes:
    """The hash of one ServiceTrade item on that account."""
    return digest_of("entry", account.hex(), item_id)


def items_among(item_ids: Iterable[str], entries: Collection[AccountEntry]) -> frozenset[str]:
    """The `item_ids` that others have posted to one of these accounts."""
    standing = {entry.item for entry in entries if entry.state is EntryState.STANDS}
    accounts = {entry.account for entry in entries}
    return frozenset(
        item_id for item_id in item_ids if any(entry_key(account, item_id) in standing for account in accounts)
    )


def strays_among(item_ids: Iterable[str], entries: Collection[AccountEntry]) -> int:
    """How many posted lines of others on these accounts are for items that are not in `item_ids`. A line may be entered
    on several accounts, so the largest count of one account is returned."""
    accounts = {entry.account for entry in entries}
    known = {entry_key(account, item_id) for item_id in item_ids for account in accounts}
    strays = Counter(e.account for e in entries if e.state is EntryState.STANDS and e.item not in known)
    return max(strays.values(), default=0)


def _account_key(connection: Connection, endpoint: Endpoint, number: str, of: str = "account") -> bytes:
    """The key of one work order in one Spectrum company, the same for every connection to it."""
    return digest_of(of, endpoint.host, str(endpoint.port), connection.company_code.upper(), number.upper())
