"""What all connections and tenants have on a work order of Spectrum, as hashes that never tell whose it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from core.model.account import AccountEntry, EntryState


class Accounts(Protocol):
    @abstractmethod
    async def others(self, account: bytes, connection_id: str, *, lock: bool = False) -> Sequence[AccountEntry]:
        """What anybody but this connection has there; what a removed connection posted is among it.

        With `lock`, nobody else enters anything on this account until the transaction ends.
        """
        ...

    @abstractmethod
    async def enter(
        self, account: bytes, connection_id: str, lines: Mapping[str, tuple[bytes, EntryState]]
    ) -> None:
        """Line id to (hash of its item, what others are to see). A line that this connection has on an account already
        moves to this one and gets its new state; one of another connection stays as it is."""
        ...

    @abstractmethod
    async def leave(self, line_ids: Collection[str]) -> None:
        """These lines are not on any account any more."""
        ...

    @abstractmethod
    async def posted_by_former(self, keys: Collection[bytes]) -> Sequence[bytes]:
        """Those of `keys` (see `posted_before`) that connections had posted when they were removed, before accounts
        were kept."""
        ...
