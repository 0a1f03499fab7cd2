"""What all connections and tenants have on a work order of Spectrum, as hashes that never tell whose it is."""

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
        """What anybody but this connection has there; what a removed connection posted is among it.

        With `lock`, nobody else enters anything on these accounts until the transaction ends. They are locked in the
        order given, which `account_keys` makes the same for everybody.
        """
        ...

    @abstractmethod
    async def enter(self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]) -> None:
        """Line id to (hash of its item, what others are to see). A line that this connection has on the account already
        gets its new state; one of another connection stays as it is."""
        ...

    @abstractmethod
    async def leave(self, line_ids: Collection[str]) -> None:
        """These lines are on no account any more."""
        ...

    @abstractmethod
    async def posted_by_former(self, keys: Collection[bytes]) -> Sequence[bytes]:
        """Those of `keys` (see `posted_before`) that connections had posted when they were removed, before accounts
        were kept."""
        ...
