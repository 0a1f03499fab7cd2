"""Workers are frozen right before a new site, a task or a document leaves. Somebody says that it is not there, another
worker adds it, and the frozen one wakes up: what it had in its hand does not leave any more.

Each is caught in a build that does not look at the clock there: then Spectrum has it twice.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.creations.creation import Creation, CreationState
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode
from tests.faults.support.broken_builds import Break
from tests.faults.support.crash_worker import CREATION_GATE, FIRST_LINE_GATE, Orders
from tests.faults.support.fixtures import Work, in_spectrum, settle_doubts
from tests.faults.support.new_sites import allow_sites, calls, confirm, show, sites_with
from tests.faults.support.worker_harness import QUIET, Worker, WorkerHarness, open_harness
from tests.faults.test_note_crash_points import PDF, switch_on
from tests.faults.test_paused_workers import at_its_end, taken_over, until

pytestmark = pytest.mark.long

WITHIN = 0.5
HEADER_WITHIN = 3.0
"""Seconds until which a call may leave. The header of a document's send has to leave, too, on a busy machine."""
ONE_TASK = Work((), ("REPAIR",))
Scene = Callable[[WorkerHarness, Break | None], Awaitable[int]]


async def new_site(harness: WorkerHarness, broken: Break | None) -> int:
    """A person does not find it and confirms it anew with another code."""
    await allow_sites(harness)
    location = harness.servicetrade.state.add_location("Dock 1")
    creation = await confirm(harness, location, "DOCK1")
    orders = Orders(harness.database_url, send_within=WITHIN, quiet=0, delays=(0.5,) * 20, broken=broken)
    frozen, other = await freeze(harness, orders, CREATION_GATE)
    await until(lambda: in_state(harness, creation, CreationState.IN_DOUBT))
    manage = harness.use_cases.manage_creations
    await manage.settle(harness.tenant_id, creation.id, there=False, reason="Looked.", by="ann")
    again = await confirm(harness, location, "DOCK1B")
    await until(lambda: in_state(harness, again, CreationState.CREATED))
    await asyncio.sleep(WITHIN)
    await wake_and_stop(frozen, other)
    return sites_with(harness, "DOCK1") + sites_with(harness, "DOCK1B")


async def task(harness: WorkerHarness, broken: Break | None) -> int:
    send = await harness.request(harness.add_job_with_items(), items=ItemsMode.NEW_ONLY)
    orders = Orders(harness.database_url, send_within=WITHIN, quiet=0, broken=broken)
    frozen, other = await freeze(harness, orders, FIRST_LINE_GATE)
    await taken_over(harness)
    await settle_doubts(harness.use_cases, harness.tenant_id, harness.spectrum.state)
    await at_its_end(harness, send)
    await asyncio.sleep(WITHIN)
    await wake_and_stop(frozen, other)
    return in_spectrum(harness.spectrum.state)[harness.number, "REPAIR"]


async def document(harness: WorkerHarness, broken: Break | None) -> int:
    """A person does not find it and sends the job once more."""
    await switch_on(harness, {"send_paperwork": True})
    job_id = harness.add_job()
    harness.servicetrade.state.complete(job_id)
    harness.servicetrade.state.attach(job_id, "signed.pdf", PDF)
    first = await harness.request(job_id)
    orders = Orders(harness.database_url, header_within=HEADER_WITHIN, delays=(0.5,) * 20, broken=broken)
    frozen, other = await freeze(harness, orders, FIRST_LINE_GATE)

    async def ended() -> bool:
        return (await harness.show(first)).state is SendState.SENT_WITH_WARNINGS

    await until(ended)
    harness.clock.ahead = QUIET
    unclear = harness.use_cases.unclear_annotations
    [one] = await unclear.list(harness.tenant_id)
    await unclear.settle(harness.tenant_id, one.id, there=False, reason="Looked.", by="ann")
    await at_its_end(harness, await harness.request(job_id))
    await wake_and_stop(frozen, other)
    return len(harness.spectrum.state.work_order("101", harness.number).documents)


SCENES = pytest.mark.parametrize("scene", [new_site, task, document], ids=lambda scene: scene.__name__)


@SCENES
async def test_a_frozen_worker_adds_nothing_a_second_time(
    new_database: Callable[[], str], tmp_path: Path, scene: Scene
) -> None:
    async with open_harness(new_database(), tmp_path, work=ONE_TASK) as harness:
        assert await scene(harness, None) == 1


@SCENES
async def test_a_build_that_lets_it_leave_late_is_caught(
    new_database: Callable[[], str], tmp_path: Path, scene: Scene
) -> None:
    async with open_harness(new_database(), tmp_path, work=ONE_TASK) as harness:
        assert await scene(harness, Break.NO_GATE_FOR_ADDITIONS) == 2, "the test sees it if it is added twice"


async def test_a_new_site_that_did_not_leave_is_made_once_although_it_was_taken_for_doubtful(
    harness: WorkerHarness,
) -> None:
    """Nobody settles it: the worker that wakes up knows that its call did not leave."""
    await allow_sites(harness)
    creation = await confirm(harness, harness.servicetrade.state.add_location("Dock 1"), "DOCK1")
    orders = Orders(harness.database_url, send_within=WITHIN, quiet=0, delays=(0.5,) * 20)
    frozen, other = await freeze(harness, orders, CREATION_GATE)
    await until(lambda: in_state(harness, creation, CreationState.IN_DOUBT))
    await asyncio.sleep(WITHIN)
    frozen.signal(signal.SIGCONT)
    await until(lambda: in_state(harness, creation, CreationState.CREATED))
    await wake_and_stop(frozen, other)
    assert (calls(harness), sites_with(harness, "DOCK1")) == (1, 1)


async def freeze(harness: WorkerHarness, orders: Orders, gate: int) -> tuple[Worker, Worker]:
    """A worker that stands still right before its call leaves, and the one that takes over."""
    frozen = harness.start(replace(orders, pauses_at_gate=frozenset({gate})))
    await frozen.stopped()
    return frozen, harness.start(replace(orders, send_within=30.0, broken=None))


async def wake_and_stop(frozen: Worker, other: Worker) -> None:
    """A worker that is told to stop first ends the call that it has begun."""
    frozen.signal(signal.SIGCONT)
    for worker in (frozen, other):
        worker.signal(signal.SIGTERM)
        await worker.ended()


async def in_state(harness: WorkerHarness, creation: Creation, state: CreationState) -> bool:
    after = await show(harness, creation)
    return after.state is state and not (after.keeps_code and after.due_at)
