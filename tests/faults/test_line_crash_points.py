"""SIGKILL at every moment of a send with items and tasks, whatever becomes of its first line or its first task: nothing
lost, doubled or stuck.

A moment is the instant before or after a remote call or a commit; every one of them is tried, with every outcome.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.fixtures import ONLY_ITEMS, WITH_TASKS, Work
from tests.faults.support.worker_harness import WorkerHarness, open_harness
from tests.faults.test_crash_points import MOST_MOMENTS

pytestmark = pytest.mark.long

LINE_CALL = "SoapSpectrum.add_line"
OUTCOMES: dict[str, Callable[[str], Fault | None]] = {
    "posted": lambda _: None,
    "request lost": lambda service: Fault(FaultKind.DROP_BEFORE_APPLY, match=service),
    "applied and answer lost": lambda service: Fault(FaultKind.APPLY_THEN_DROP, match=service),
    "refused": lambda service: Fault(FaultKind.ROWS, match=service, text="I Item_Code no such item"),
    "applied late": lambda service: Fault(FaultKind.APPLY_LATE, match=service, seconds=0.05),
}
"""By the name of the service whose first call ends so."""
IN_SHORT = ("applied and answer lost",)
"""Tasks take the way of items, so without FAULTS=full they die at every moment of this one only."""
FULL = os.environ.get("FAULTS") == "full"


@pytest.mark.parametrize(("service", "work"), [("AddWOMaterialCost", ONLY_ITEMS), ("AddWOTask", WITH_TASKS)])
async def test_items_and_tasks_survive_a_kill_at_every_moment_whatever_becomes_of_them(
    new_database: Callable[[], str], tmp_path: Path, service: str, work: Work
) -> None:
    async with asyncio.TaskGroup() as beside:
        for outcome in OUTCOMES if FULL or work is ONLY_ITEMS else IN_SHORT:
            folder = tmp_path / outcome
            folder.mkdir()
            beside.create_task(kill_at_every_moment(outcome, service, work, new_database(), folder))


async def kill_at_every_moment(outcome: str, service: str, work: Work, database_url: str, folder: Path) -> None:
    async with open_harness(database_url, folder, work=work) as harness:
        met, moments = await every_moment(harness, OUTCOMES[outcome](service))
        print(f"\n{service} {outcome}: {moments} moments, {met} faults met, verdicts {dict(harness.verdicts)}")
        assert met == moments, "the fault happened every time"
        assert moments > 20, "a send with two lines has more than twenty moments to die at"
        passed = harness.trail.read_text().splitlines()
        for moment in ("before", "after"):
            assert passed.count(f"{moment} {LINE_CALL}") >= 2, "the kill around both lines was tried"
        assert_committed_around(last_run(harness.trail), LINE_CALL)
        if outcome in ("posted", "applied and answer lost", "applied late"):
            assert harness.verdicts[LineState.POSTED] >= 1
        assert harness.verdicts[LineState.NOT_POSTED] >= 1, "killed between its intent and the call, a line is in doubt"


async def every_moment(harness: WorkerHarness, fault: Fault | None) -> tuple[int, int]:
    """How often the fault was met, and how many moments there are."""
    met, numbers = 0, []
    for dies_at in range(1, MOST_MOMENTS):
        job_id = harness.add_job_with_items()
        numbers.append(harness.number)
        if fault:
            harness.spectrum.faults.add(fault)
        send = await harness.request(job_id, items=ItemsMode.NEW_ONLY)
        killed = await harness.crash(dies_at)
        await harness.settle_and_finish()
        met += not harness.spectrum.faults.waiting()
        await mend_and_retry(harness, send)
        await harness.assert_posted_once(send, numbers)
        assert harness.servicetrade.state.jobs[job_id].external_ids == {"spectrum": harness.number}
        assert harness.servicetrade.state.comments_on(job_id) == []
        assert await harness.use_cases.warnings.open(harness.tenant_id) == []
        if not killed:
            return met, dies_at
    pytest.fail("the send never came to its end")


async def mend_and_retry(harness: WorkerHarness, send: Send) -> None:
    """What Spectrum refused is mended there, and the send retried; what is posted stays out of the new plan."""
    if (await harness.show(send)).state is SendState.NEEDS_ATTENTION:
        await harness.use_cases.send_actions.retry(harness.tenant_id, send.id, by="ann")
        await harness.settle_and_finish()


async def test_completing_and_sending_survives_a_kill_at_every_moment(harness: WorkerHarness) -> None:
    numbers = []
    for dies_at in range(1, MOST_MOMENTS):
        job_id = harness.add_job_with_items(completed=False)
        numbers.append(harness.number)
        send = await harness.request(job_id, items=ItemsMode.NEW_ONLY, completes=True)
        killed = await harness.crash(dies_at)
        await harness.settle_and_finish()
        assert harness.servicetrade.state.jobs[job_id].status == "completed"
        await harness.assert_posted_once(send, numbers)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    passed = harness.trail.read_text()
    assert "before AiohttpServiceTrade.complete_job" in passed
    assert "after AiohttpServiceTrade.complete_job" in passed
