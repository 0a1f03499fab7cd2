"""Workers are frozen beyond their lease with a line or a header under way, another one takes over, and they wake up.

Frozen right before the gate, a worker wakes up too late and sends nothing; frozen after it, its answer still counts.
Either way every line is posted once, and an older header never replaces a newer one.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.sending.answer import NotSentReason
from core.model.sending.send import HeaderState, Send, SendState
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.faults.support.broken_builds import Break
from tests.faults.support.crash_worker import FIRST_LINE_GATE, HEADER_GATE, Orders
from tests.faults.support.fixtures import settle_doubts
from tests.faults.support.worker_harness import Worker, WorkerHarness, open_harness

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
YARDS, PAUSES, HEADER_PAUSES = 5, 300 if FULL else 30, 40 if FULL else 6
SEND_WITHIN = 0.5
OLD, NEW = "PO-1", "PO-2"
FIRST_LINE = "AddWOMaterialCost"
PATIENCE_SECONDS = 12


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
    async with open_harness(database_url, folder) as harness:
        for round_number in range(PAUSES // YARDS):
            how = list(Frozen)[round_number % len(Frozen)]
            job_id = harness.add_job_with_items()
            numbers.append(harness.number)
            send = await harness.request(job_id, items=ItemsMode.NEW_ONLY)
            paused = await freeze(harness, how)
            seen[how] += 1
            other = harness.start(Orders(database_url))
            await taken_over(harness)
            seen["taken over"] += 1
            if how is Frozen.AND_SETTLED:
                assert await settle_doubts(harness.use_cases, harness.tenant_id, harness.spectrum.state) == {
                    LineState.NOT_POSTED: 1
                }
                await at_its_end(harness, send)
            paused.signal(signal.SIGCONT)
            await at_its_end(harness, send)
            for worker in (paused, other):
                worker.signal(signal.SIGTERM)
                await worker.ended()
            await harness.assert_posted_once(send, numbers)
            details = await harness.use_cases.show_send(harness.tenant_id, send.id)
            seen["gate closed"] += any(NotSentReason.GATE_CLOSED in attempt.detail for attempt in details.attempts)


class Woken(StrEnum):
    AFTER_THE_NEWER = "after the newer header"
    BEFORE_IT = "while the newer header waits"


HEADER_WITHIN = {Woken.AFTER_THE_NEWER: 3.0, Woken.BEFORE_IT: 10.0}
"""Seconds. Whoever wakes up too late is late in any case; whoever is in time has a busy machine's while for it."""


async def test_a_paused_worker_never_replaces_a_newer_header(new_database: Callable[[], str], tmp_path: Path) -> None:
    async def again_and_again(woken: Woken) -> int:
        folder = tmp_path / woken.name
        folder.mkdir()
        async with open_harness(new_database(), folder) as harness:
            written = [
                await old_header(harness, woken, HEADER_WITHIN[woken]) for _ in range(HEADER_PAUSES // len(Woken))
            ]
        for headers in written:
            assert headers[-1] == NEW
            assert OLD not in headers[headers.index(NEW) :], "an older header replaced a newer one"
        return sum(headers.count(OLD) for headers in written)

    async with asyncio.TaskGroup() as beside:
        old = {woken: beside.create_task(again_and_again(woken)) for woken in Woken}
    print(f"\n{HEADER_PAUSES} pauses; old headers that left: { {woken.value: old[woken].result() for woken in Woken} }")
    rounds = HEADER_PAUSES // len(Woken)
    assert old[Woken.AFTER_THE_NEWER].result() == rounds, "the one of whoever took over: the paused one's stayed"
    assert old[Woken.BEFORE_IT].result() > rounds, "woken in time, a header leaves, and nothing is harmed"


@pytest.mark.parametrize(("broken", "within"), [(Break.NO_HEADER_GATE, 1.0), (Break.NO_WAIT_FOR_HEADER, 100.0)])
async def test_a_build_that_is_broken_at_the_header_is_caught(
    harness: WorkerHarness, broken: Break, within: float
) -> None:
    headers = await old_header(harness, Woken.AFTER_THE_NEWER, within, broken)
    assert headers[-1] == OLD, "the old one in place of the newer"


async def old_header(harness: WorkerHarness, woken: Woken, within: float, broken: Break | None = None) -> list[str]:
    """A worker stands still right before its header leaves. The job changes and is sent once more, another worker takes
    over, and the first one wakes up. Gives the purchase order numbers of all headers as Spectrum took them."""
    job_id = harness.add_job()
    first = await harness.request(job_id)
    orders = Orders(harness.database_url, header_within=within, delays=(0.5,) * 20, broken=broken)
    paused = harness.start(replace(orders, pauses_at_gate=frozenset({HEADER_GATE})))
    await paused.stopped()
    before = await harness.show(first)
    assert before.header is HeaderState.BEGUN
    harness.servicetrade.state.jobs[job_id].customer_po = NEW
    newer = await harness.request(job_id)
    other = harness.start(orders)
    if woken is Woken.BEFORE_IT:
        await changed(harness, before)
    else:
        await at_its_end(harness, newer)
    paused.signal(signal.SIGCONT)
    await at_its_end(harness, newer)
    for worker in (paused, other):
        worker.signal(signal.SIGTERM)
        await worker.ended()
    work_order = harness.spectrum.state.work_order("101", harness.number)
    return [change.fields["Customer_PO_Number"] for change in work_order.history]


async def freeze(harness: WorkerHarness, how: Frozen) -> Worker:
    """A real worker that stands still with a line under way."""
    at_gate = frozenset() if how is Frozen.WITH_THE_CALL_OUT else frozenset({FIRST_LINE_GATE})
    if how is Frozen.WITH_THE_CALL_OUT:
        harness.spectrum.faults.add(Fault(FaultKind.LATENCY, match=FIRST_LINE, seconds=1.0))
    # No quiet period: the worker's clocks are real, and frozen at the gate nothing of the line can be under way.
    worker = harness.start(Orders(harness.database_url, pauses_at_gate=at_gate, send_within=SEND_WITHIN, quiet=0))
    if how is Frozen.WITH_THE_CALL_OUT:
        # The call has arrived once it has met its fault.
        await until(lambda: _done(not harness.spectrum.faults.waiting()))
        worker.signal(signal.SIGSTOP)
    await worker.stopped()
    return worker


async def taken_over(harness: WorkerHarness) -> None:
    """Once another worker has owned up to the line, it is in doubt."""

    async def in_doubt() -> bool:
        return bool(await harness.use_cases.doubts.list(harness.tenant_id))

    await until(in_doubt)


async def changed(harness: WorkerHarness, send: Send) -> None:
    """Once another worker has looked at the send, it waits for the header that may still leave."""

    async def seen() -> bool:
        return (await harness.show(send)).version != send.version

    await until(seen)


async def at_its_end(harness: WorkerHarness, send: Send) -> None:
    async def sent() -> bool:
        return (await harness.show(send)).state is SendState.SENT

    try:
        await until(sent)
    except TimeoutError:
        pytest.fail(f"stuck: {await harness.show(send)}")


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Other processes tell nothing: look again and again, for two minutes at most."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.03)


async def _done(done: bool) -> bool:
    return done
