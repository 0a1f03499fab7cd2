"""What truthful people do: they look in Spectrum before they say what stands there, and enter what they call done."""

from __future__ import annotations

from collections import Counter

from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput, Conflict, NotFound, SendChanged
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.item import ItemKind
from core.services.sending.read_sends import SendDetails
from core.services.sending.send_actions import Doubt
from tests.life.books import BookLine
from tests.life.stages.stage import Item, Seat, Stage

REFUSALS = (Conflict, BadInput, NotFound, SendChanged)
"""How a person is told that it cannot be done, or not now."""


class Person:
    """`caught` holds verdicts that were taken although they should have been refused."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.caught: list[str] = []

    async def doubts(self) -> list[tuple[Tenant, Doubt]]:
        return [
            (tenant, doubt)
            for tenant in self._stage.tenants()
            for doubt in await self._stage.use_cases.doubts.list(tenant.id)
        ]

    async def settle(self, tenant: Tenant, doubt: Doubt) -> None:
        """`posted` where the books hold one more of such lines than we know of; else `not_posted`."""
        with self._stage.moments.asleep():
            there = await self._stands(doubt)
        verdict = LineState.POSTED if there else LineState.NOT_POSTED
        try:
            await self._stage.use_cases.doubts.settle(tenant.id, doubt.line.id, verdict, reason="I looked.", by="ann")
        except REFUSALS as refusal:
            self._stage.befallen[f"refused:{refusal.code}"] += 1
            return
        self._stage.befallen[f"settled:{verdict.value}"] += 1
        quiet = doubt.line.quiet_until
        if not there and quiet and quiet > self._stage.clock.database():
            self.caught.append(f"early: not_posted was taken before the quiet period of {line_of(doubt)} was over")

    async def _stands(self, doubt: Doubt) -> bool:
        line = line_of(doubt)
        known = Counter(
            BookLine.of(row.work_order_number, row.kind, row.fields)
            for row in await self._stage.rows()
            if row.state is LineState.POSTED
        )
        return Counter(self._stage.books())[line] > max(known[line], self._stage.by_hand[line])

    async def mark_done(self, details: SendDetails) -> None:
        """Everything the send's page shows is entered, as far as it is not there: lines, and items in its way. Where
        the mark is refused, it is taken out again."""
        send, missing = details.send, list[BookLine]()
        if send.items is not ItemsMode.NONE:
            if not send.work_order_number or any(row.state.unclear for row in details.lines):
                return  # nobody can do that by hand as it is
            missing = self._missing(details)
        await self._stage.use_cases.send_actions.mark_done(send.tenant_id, send.id, reason="Typed in.", by="ann")
        for line in missing:
            self._stage.enter(line)
        self._stage.befallen["marked_done"] += 1

    def _missing(self, details: SendDetails) -> list[BookLine]:
        send, number = details.send, details.send.work_order_number or ""
        lines = [
            BookLine.of(row.work_order_number, row.kind, row.fields)
            for row in details.lines
            if row.state is not LineState.POSTED
        ]
        known = {(row.item_id, row.round) for row in details.lines}
        planned = send.plan.lines if send.plan else ()
        lines += [
            BookLine.of(number, line.kind, line.fields) for line in planned if (line.item_id, line.round) not in known
        ]
        blocked = {item.item_id for item in send.plan.blocked} if send.plan else set()
        there = {line.item for line in self._stage.books() if line.number == number}
        again = send.items in (ItemsMode.AGAIN, ItemsMode.DIFFERENCE)
        lines = [line for line in lines if again or line.item not in there]
        entered = {line.item for line in lines} | there
        for item in self._stage.items:
            if item.id in blocked and item.id[-3:] not in entered and item.net:
                lines.append(_by_hand(number, item))
        return lines

    async def retry(self, send: Send) -> None:
        try:
            await self._stage.use_cases.send_actions.retry(send.tenant_id, send.id, by="ann")
        except REFUSALS as refusal:
            self._stage.befallen[f"refused:{refusal.code}"] += 1

    async def settle_all(self) -> None:
        for tenant, doubt in await self.doubts():
            await self.settle(tenant, doubt)

    async def retry_all(self, tried: Counter[str], *, only: str = "", most: int = 2) -> bool:
        """Each failed send so many times, after what may stand of its items has been declared; True if there was
        one."""
        failed = [one.send for one in await self._stage.sends() if one.send.state is SendState.NEEDS_ATTENTION]
        again = [send for send in failed if tried[send.id] < most and only in ("", send.id)]
        for send in again:
            tried[send.id] += 1
            await self.declare(send)
            await self.retry(send)
        return bool(again)

    async def declare(self, send: Send) -> None:
        """Say which items of the job stand on the work order, where we asked for that."""
        if not send.plan or send.plan.items_held is None:
            return
        there = {line.item for line in self._stage.books() if line.number == send.work_order_number}
        standing = [item.id for item in self._stage.items if item.id[-3:] in there]
        on_job = [item.id for item in self._stage.items if item.job == send.job_id and item.id in standing]
        self._stage.seen |= set(standing)
        slug = next(seat.slug for seat in self._stage.seats.values() if seat.connection_id == send.connection_id)
        try:
            await self._stage.use_cases.declare_items(
                send.tenant_id, slug, send.job_id, on_job or "none", reason="I looked.", by="ann"
            )
        except REFUSALS as refusal:
            self._stage.befallen[f"refused:{refusal.code}"] += 1
            return
        self._stage.befallen["declared"] += 1

    async def mend_connections(self) -> None:
        """What a connection is held for is mended, and a restored backup acknowledged."""
        for seat in self._stage.seats.values():
            connection = await self._stage.connection(seat)
            if connection.hold and connection.hold.until is None:
                await self._stage.use_cases.pause_connection(seat.tenant.id, seat.slug, paused=False, by="ann")
                self._stage.befallen["resumed"] += 1
            if connection.items_hold:
                await self.acknowledge(seat)

    async def acknowledge(self, seat: Seat) -> None:
        [restored] = await self._stage.use_cases.acknowledge_restore.look(seat.tenant.id, seat.slug)
        listed = {job.job_id for job in restored.jobs}
        self._stage.seen |= {item.id for item in self._stage.items if item.homes & listed}
        try:
            await self._stage.use_cases.acknowledge_restore(
                seat.tenant.id, seat.slug, reason="I compared them.", by="ann"
            )
        except REFUSALS as refusal:
            self._stage.befallen[f"refused:{refusal.code}"] += 1
            return
        self._stage.befallen["acknowledged"] += 1


def _by_hand(number: str, item: Item) -> BookLine:
    if item.kind == "service":
        return BookLine.of(number, ItemKind.TASK, {"Work_Task": item.hand_code, "Quantity": "1"})
    fields = {"Item_Code": item.hand_code, "Quantity_Used": str(item.quantity)}
    return BookLine.of(number, ItemKind.MATERIAL, fields)


def line_of(doubt: Doubt) -> BookLine:
    return BookLine.of(doubt.line.work_order_number, doubt.line.kind, doubt.line.fields)
