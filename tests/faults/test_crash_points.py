"""SIGKILL at every moment of a header send: after a restart there is one work order, the right external id, and nothing
left over. A moment is the instant before or after a remote call or a commit; every one of them is tried."""

from __future__ import annotations

import pytest

from core.model.sending.send import Send, SendState
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.worker_harness import WorkerHarness

pytestmark = pytest.mark.long

MOST_MOMENTS = 80
"""More than any send has: a scenario that never ends is a bug of the test."""


async def work_orders_of(harness: WorkerHarness, job_id: str) -> list[str]:
    """Every work order in Spectrum whose number ends in this job's number."""
    number = harness.servicetrade.state.jobs[job_id].number or "?"
    return [found for found in harness.spectrum.state.companies["101"].work_orders if found.endswith(number)]


async def assert_sent_without_a_trace(harness: WorkerHarness, send: Send) -> None:
    job = harness.servicetrade.state.jobs[send.job_id]
    number = f"T{job.number}"
    assert await work_orders_of(harness, send.job_id) == [number]
    fields = harness.spectrum.state.work_order("101", number).fields
    assert (fields["WO_Job_Number"], fields["Customer_PO_Number"]) == ("HV0002", "PO-1")
    assert job.external_ids == {"spectrum": number}
    assert harness.servicetrade.state.comments_on(send.job_id) == []
    assert await harness.use_cases.warnings.open(harness.tenant_id) == []
    stored = (await harness.use_cases.show_send(harness.tenant_id, send.id)).send
    assert (stored.state, stored.due_at) == (SendState.SENT, None)


async def test_a_first_send_survives_a_kill_at_every_moment(harness: WorkerHarness) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        send = await harness.request(harness.add_job())
        killed = await harness.crash(dies_at)
        await harness.finish()
        await assert_sent_without_a_trace(harness, send)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    passed = harness.trail.read_text().splitlines()
    for call in ("SoapSpectrum.write_header", "AiohttpServiceTrade.write_external_id"):
        assert f"before {call}" in passed, "the kill before this call was tried"
        assert f"after {call}" in passed, "the kill after this call was tried"
        assert_committed_around(last_run(harness.trail), call)
    assert dies_at > 10, "a send has more than ten moments to die at"


async def test_a_mended_send_survives_a_kill_at_every_moment_and_its_comment_goes(harness: WorkerHarness) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        job_id = harness.add_job(mapped=False)
        send = await harness.request(job_id)
        await harness.finish()
        assert len(harness.servicetrade.state.comments_on(job_id)) == 1
        harness.map_site(job_id)
        await harness.use_cases.send_actions.retry(harness.tenant_id, send.id, by="ann")
        killed = await harness.crash(dies_at)
        await harness.finish()
        await assert_sent_without_a_trace(harness, send)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    assert "after AiohttpServiceTrade.replace_comment" in harness.trail.read_text()


async def test_a_failing_send_survives_a_kill_at_every_moment_with_one_comment_and_one_warning(
    harness: WorkerHarness,
) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        job_id = harness.add_job(mapped=False)
        send = await harness.request(job_id)
        killed = await harness.crash(dies_at)
        await harness.finish()
        [comment] = harness.servicetrade.state.comments_on(job_id)
        assert "MAP_SITE_MISSING" in comment.content
        [warning] = [w for w, _ in await harness.use_cases.warnings.open(harness.tenant_id) if w.job_id == job_id]
        assert warning.finding.code == "MAP_SITE_MISSING"
        assert await work_orders_of(harness, job_id) == []
        stored = (await harness.use_cases.show_send(harness.tenant_id, send.id)).send
        assert (stored.state, stored.due_at) == (SendState.NEEDS_ATTENTION, None)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
