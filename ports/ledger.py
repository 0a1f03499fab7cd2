"""The ledger of cost lines of the transaction's tenant: one row a line, and its state is what we know of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from core.model.cost_line import LedgerLine, LineState
from core.model.finding import Finding
from core.model.position import Position


class Ledger(Protocol):
    @abstractmethod
    async def of_job(self, connection_id: str, job_id: str) -> Sequence[LedgerLine]:
        """Every line of the job on this connection, by item and round."""
        ...

    @abstractmethod
    async def of_connection(self, connection_id: str) -> Sequence[LedgerLine]:
        """Every line of the connection that stands in Spectrum, or may stand there."""
        ...

    @abstractmethod
    async def enter_by_hand(self, send_id: str, *, by: str, reason: str, at: datetime) -> None:
        """Somebody has entered in Spectrum what the send had left to post: its open lines count as posted."""
        ...

    @abstractmethod
    async def of_send(self, send_id: str) -> Sequence[LedgerLine]:
        """The lines that this send posts or has posted, in the order in which they are posted."""
        ...

    @abstractmethod
    async def next_of_send(self, send_id: str) -> LedgerLine | None:
        """The first of the send's lines that is planned or not posted, and of whose item every earlier line of this
        send is posted: a correction makes no sense without what it corrects. None if there is none."""
        ...

    @abstractmethod
    async def get(self, line_id: str) -> LedgerLine:
        """Raises NotFound (LINE_NOT_FOUND)."""
        ...

    @abstractmethod
    async def plan(self, connection_id: str, job_id: str, lines: Sequence[LedgerLine]) -> None:
        """Make `lines` (all planned) the only open ones of the job.

        An open row of the same identity (work order, item, round) is taken over under its own id; every other open
        row of the job goes. Raises SendChanged if a row of the same identity is not open (any more): plan again.
        """
        ...

    @abstractmethod
    async def begin(
        self, line_id: str, *, send_id: str, attempt_id: str, epoch: int, payload_hash: str,
        send_by: timedelta, quiet: timedelta,
    ) -> LedgerLine:  # fmt: skip
        """The intent: from here on only an answer to `attempt_id`, or a person, says what became of the line.

        `send_by` and `quiet` count from the database's own time. Raises SendChanged if the line is not open or belongs
        to another send.
        """
        ...

    @abstractmethod
    async def answer(
        self, line_id: str, attempt_id: str, state: LineState, *, findings: Sequence[Finding] = (),
        system_key: str | None = None,
    ) -> LineState | None:  # fmt: skip
        """What the call `attempt_id` learned. Counts as long as the line waits for it (sending, or in doubt since).

        Returns the state that the line had before; None if it is no longer this call's to say.
        """
        ...

    @abstractmethod
    async def settle(self, line_id: str, state: LineState, *, by: str, reason: str, at: datetime) -> LedgerLine:
        """A person's (or a read-back's) word for a line in doubt. Raises Conflict (LINE_NOT_IN_DOUBT)."""
        ...

    @abstractmethod
    async def unclear_on(self, connection_id: str, work_order_number: str) -> Sequence[LedgerLine]:
        """The lines of this work order that are sending or in doubt, of whatever send, locked until the transaction
        ends: whoever settles one meanwhile waits, and then finds what this transaction stored."""
        ...

    @abstractmethod
    async def doubts(
        self, *, connection_id: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[LedgerLine]:
        """The lines in doubt, the longest waiting first; `after` is when the last one of the page before was sent, and
        its id."""
        ...
