"""Workers are frozen beyond their lease with a line under way, another one takes over, and then they wake up.

Frozen right before the gate, a worker wakes up too late and sends nothing; frozen after it, its answer still counts.
Either way every line is posted once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

from adapters.sandbox.faults import Fault, FaultKind
from core.model.answer import NotSentReason
from core.model.cost_line import ItemsMode, LineState
from core.model.send import Send, SendState
from tests.faults.crash_worker import Orders
from tests.faults.office import settle_doubts
from tests.faults.yard import Worker, Yard, open_yard

FULL = os.environ.get("JOBFERRY_FAULTS") == "full"
YARDS, PAUSES = 5, 300 if FULL else 30
SEND_WITHIN = 0.5
FIRST_LINE = "AddWOMaterialCost"
PATIENCE_SECONDS = 60


class Frozen(StrEnum):
    AT_THE_GATE = "at the gate"
    AND_SETTLED = "at the gate, and settled before it woke up"
    WITH_THE_CALL_OUT = "with the call out"


async def test_a_paused_worker_never_posts_a_second_line(new_database: Callable[[], str], tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    async with asyncio.TaskGroup() as beside:
        for number in range(YARDS):
            folder = tmp_path / str(number)
            folder.mkdir()
            beside.create_task(pause_again_and_again(new_database(), folder, seen))
    print(f"\n{dict(seen)}")
    assert sum(seen[how] for how in Frozen) == PAUSES
    assert all(seen[how] for how in Frozen)
    assert seen["gate closed"] >= seen[Frozen.AT_THE_GATE]
    assert seen["taken over"] == PAUSES, "every pause outlasted the lease with a line under way"


async def pause_again_and_again(database_url: str, folder: Path, seen: Counter[str]) -> None:
    numbers: list[str] = []
    async with open_yard(database_url, folder) as yard:
        for round_number in range(PAUSES // YARDS):
            how = list(Frozen)[round_number % len(Frozen)]
            job_id = yard.add_job_with_items()
            numbers.append(yard.number)
            send = await yard.request(job_id, items=ItemsMode.NEW_ONLY)
            paused = await freeze(yard, how)
            seen[how] += 1
            other = yard.start(Orders(database_url))
            await taken_over(yard)
            seen["taken over"] += 1
            if how is Frozen.AND_SETTLED:
                assert await settle_doubts(yard.use_cases, yard.tenant_id, yard.spectrum.state) == {
                    LineState.NOT_POSTED: 1
                }
                await at_its_end(yard, send)
            paused.signal(signal.SIGCONT)
            await at_its_end(yard, send)
            for worker in (paused, other):
                worker.signal(signal.SIGTERM)
                await worker.ended()
            await yard.assert_posted_once(send, numbers)
            details = await yard.use_cases.show_send(yard.tenant_id, send.id)
            seen["gate closed"] += any(NotSentReason.GATE_CLOSED in attempt.detail for attempt in details.attempts)


async def freeze(yard: Yard, how: Frozen) -> Worker:
    """A real worker that stands still with a line under way."""
    at_gate = frozenset() if how is Frozen.WITH_THE_CALL_OUT else frozenset({1})
    if how is Frozen.WITH_THE_CALL_OUT:
        yard.spectrum.faults.add(Fault(FaultKind.LATENCY, match=FIRST_LINE, seconds=1.0))
    # No quiet period: the worker's clocks are real, and frozen at the gate nothing of the line can be under way.
    worker = yard.start(Orders(yard.database_url, pauses_at_gate=at_gate, send_within=SEND_WITHIN, quiet=0))
    if how is Frozen.WITH_THE_CALL_OUT:
        # The call has arrived once it has met its fault.
        await until(lambda: _done(not yard.spectrum.faults.waiting()))
        worker.signal(signal.SIGSTOP)
    await worker.stopped()
    return worker


async def taken_over(yard: Yard) -> None:
    """Once another worker has owned up to the line, it is in doubt."""

    async def in_doubt() -> bool:
        return bool(await yard.use_cases.list_doubts(yard.tenant_id))

    await until(in_doubt)


async def at_its_end(yard: Yard, send: Send) -> None:
    async def sent() -> bool:
        return (await yard.show(send)).state is SendState.SENT

    await until(sent)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Other processes tell nothing: look again and again, for a minute at most."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.03)


async def _done(done: bool) -> bool:
    return done
