"""The facts for the decision about an event, read in the transaction that stores the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.model.connections.connection import Hold, ItemsHold
from core.model.planning.account import Account, AccountEntry
from core.model.sending.send import Send
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord

HEADER_WITHIN = timedelta(seconds=8)
"""How long after its intent a header may still leave. It is shorter than the time after which another worker takes
over, and that worker waits for the rest of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`now` is the database's time. What an event does not need is left empty.

    `lines` are the send's own rows, including given back ones. `unclear` are the lines of its work order, of any send,
    that may or may not have been posted. `holder` is another send that posts to that work order; `held_elsewhere`: a
    send of another connection does. `account` is what a new plan would be compared with. `told` are other sends of the
    job that need a person. `number_taken`: another job has the number. `items_hold` is why no items may be posted on
    the connection: the database lacks a part of what was sent. `stopped`: no call to Spectrum may begin, because the
    connection was changed, paused or held since the drain read it. `additions` are documents and added texts of the
    work order that other connections, or removed ones, made or may have made.
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
    stopped: bool = False
    additions: Sequence[AccountEntry] = ()

    def of_plan(self, plan_id: str | None) -> Sequence[LedgerLine]:
        return [line for line in self.lines if line.plan_id == plan_id]

    def in_place_of(self, line: LedgerLine) -> LedgerLine | None:
        """Another line that has this line's place on the work order, if any."""
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
