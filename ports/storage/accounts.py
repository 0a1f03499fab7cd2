"""The entries of all connections and tenants on Spectrum's work orders, as hashes that do not show the owner."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from core.model.planning.account import AccountEntry, EntryState


class Accounts(Protocol):
    @abstractmethod
    async def others(
        self, accounts: Sequence[bytes], connection_id: str, *, lock: bool = False
    ) -> Sequence[AccountEntry]:
        """The entries of all other connections on these accounts, including removed ones.

        With `lock`, nobody else can enter anything on these accounts until the transaction ends. They are locked in the
        given order; `account_keys` gives everybody the same order.
        """
        ...

    @abstractmethod
    async def enter(self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]) -> None:
        """Enter `lines` (line id to the hash of its item and the state that others see). A line of this connection that
        is on the account already gets its new state; a line of another connection does not change."""
        ...

    @abstractmethod
    async def leave(self, line_ids: Collection[str]) -> None:
        """Remove these lines from all accounts."""
        ...
