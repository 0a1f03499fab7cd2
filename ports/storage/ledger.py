"""The ledger of cost lines of the transaction's tenant: one row for each line, with its known state.

The accounts hold the entries of all connections and tenants on Spectrum's work orders, as hashes that do not show the
owner.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from core.model.planning.account import AccountEntry, EntryState
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine


class Ledger(Protocol):
    """A row belongs to the send that planned it. Only that send can give it back."""

    @abstractmethod
    async def on_account(self, connection_id: str, job_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        """The lines with a place on this work order or planned for this job, by item and round."""
        ...

    @abstractmethod
    async def placed(self, connection_id: str) -> Sequence[LedgerLine]:
        """Every line of the connection that takes a place, by work order."""
        ...

    @abstractmethod
    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        """The send's own lines in the order of posting, including those that it gave back."""
        ...

    @abstractmethod
    async def of_sends(self, send_ids: Collection[str]) -> Sequence[LedgerLine]:
        """The own lines of all these sends, like `of_send`, in no particular order."""
        ...

    @abstractmethod
    async def holder(self, connection_id: str, work_order_number: str, *, beside: str) -> str | None:
        """A send other than `beside` that still owes lines to this work order: it posts, or is in doubt."""
        ...

    @abstractmethod
    async def get(self, line_id: str) -> LedgerLine:
        """Raises NotFound (LINE_NOT_FOUND)."""
        ...

    @abstractmethod
    async def save(self, lines: Collection[LedgerLine]) -> None:
        """Insert these lines, or replace the rows with the same ids.

        Raises SendChanged if another row already has a line's place (work order, item, round).
        """
        ...

    @abstractmethod
    async def give_back(self, send_id: str) -> Sequence[str]:
        """Free the places of lines that the send owes and has not begun. Returns their ids. Planned lines of a former
        plan are deleted; lines that were tried are kept for people to see."""
        ...

    @abstractmethod
    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        """The lines of this work order that are sending or in doubt, of every send."""
        ...

    @abstractmethod
    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        """The lines in doubt, the oldest first. `after` is the sending time and id of the previous page's last line."""
        ...

    @abstractmethod
    async def entries_of_others(
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
