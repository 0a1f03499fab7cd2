"""The ledger of cost lines of the transaction's tenant: one row a line, and its state is what we know of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine


class Ledger(Protocol):
    """A row belongs to the send that planned it. Nothing takes it away from there: it is given back, by that send."""

    @abstractmethod
    async def on_account(self, connection_id: str, job_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        """The lines that take their place on this work order, or were planned for this job, by item and round."""
        ...

    @abstractmethod
    async def placed(self, connection_id: str) -> Sequence[LedgerLine]:
        """Every line of the connection that takes its place, by work order."""
        ...

    @abstractmethod
    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        """The send's own lines in the order in which they are posted, those that it gave back included."""
        ...

    @abstractmethod
    async def holder(self, connection_id: str, work_order_number: str, *, beside: str) -> str | None:
        """Another send than `beside` that still owes lines to this work order: it posts, or is in doubt."""
        ...

    @abstractmethod
    async def get(self, line_id: str) -> LedgerLine:
        """Raises NotFound (LINE_NOT_FOUND)."""
        ...

    @abstractmethod
    async def save(self, lines: Collection[LedgerLine]) -> None:
        """Store these lines as they are: new ones, or in place of the row with the same id.

        Raises SendChanged if another row has a line's place (work order, item, round) already.
        """
        ...

    @abstractmethod
    async def give_back(self, send_id: str) -> Sequence[str]:
        """What the send owes and has not begun leaves its place. Returns the ids of these lines. Planned ones of a
        former plan go; whatever was tried stays to be looked at."""
        ...

    @abstractmethod
    async def begin(
        self, line_id: str, *, attempt_id: str, epoch: int, payload_hash: str, send_by: timedelta, quiet: timedelta
    ) -> LedgerLine:
        """The intent: from here on only an answer to `attempt_id`, or a person, says what became of the line.

        `send_by` and `quiet` count from the database's own time. Raises SendChanged if the line is not open.
        """
        ...

    @abstractmethod
    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        """The lines of this work order that are sending or in doubt, of whatever send."""
        ...

    @abstractmethod
    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        """The lines in doubt, the longest waiting first; `after` is when the last one of the page before was sent, and
        its id."""
        ...
