"""What is known at the moment in which an event is decided about: read in the transaction that stores the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.model.connections.connection import Hold, ItemsHold
from core.model.planning.account import Account
from core.model.sending.send import Send
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord

HEADER_WITHIN = timedelta(seconds=8)
"""How long after its intent a header may still leave: shorter than the time after which another worker takes over, and
that one waits for the rest of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`now` is the database's time. What an event does not need is left empty.

    `lines` are the send's own rows, given back ones included. `unclear` are lines of its work order, of whatever send,
    of which nobody knows whether they were posted. `holder` is another send that posts to that work order, and
    `held_elsewhere` says that one of another connection does. `account` is what a fresh plan would be held against.
    `told` are other sends of the job that a person has to look at. `number_taken`: somebody else has the number.
    `items_hold` is why nothing may be posted on the connection at all: the database is older than what was sent.
    """

    now: datetime
    delays: RetryDelays = field(default_factory=RetryDelays)
    epoch: int | None = None
    header_within: timedelta = HEADER_WITHIN
    hold: Hold | None = None
    plugin_failures: int = 0
    record: WorkOrderRecord | None = None
    lines: Sequence[LedgerLine] = ()
    unclear: Sequence[LedgerLine] = ()
    holder: Send | None = None
    held_elsewhere: bool = False
    account: Account | None = None
    told: Sequence[Send] = ()
    number_taken: bool = False
    items_hold: ItemsHold | None = None

    def of_plan(self, plan_id: str | None) -> Sequence[LedgerLine]:
        return [line for line in self.lines if line.plan_id == plan_id]

    def in_place_of(self, line: LedgerLine) -> LedgerLine | None:
        """The line that has this one's place on the work order, if another has."""
        place = (line.work_order_number, line.item_id, line.round)
        there = (
            other
            for other in (self.account.lines if self.account else ())
            if other.id != line.id and (other.work_order_number, other.item_id, other.round) == place
        )
        return next(there, None)

    def next_round(self, item_id: str) -> int:
        """The first round of the item on its work order that no line has taken."""
        lines = self.account.lines if self.account else ()
        return max((line.round + 1 for line in lines if line.item_id == item_id), default=0)

    def unclear_of(self, send_id: str) -> Sequence[LedgerLine]:
        return [line for line in self.unclear if line.send_id == send_id]

    @property
    def owed(self) -> Sequence[LedgerLine]:
        """The send's own lines that are not posted and not given back."""
        return [line for line in self.lines if line.owed]
