"""A tenant whose queue is full is told so, with when to ask again, and nothing of what it asked for is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, SENDS, Answer, Scene, api, is_problem

JOBS = [str(4000 + number) for number in range(9)]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api(sends_waiting_at_most=3) as running:
        await running.furnish()
        yield running


async def ask(scene: Scene, *jobs: str, key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    if len(jobs) == 1:
        return await scene.call("POST", SENDS, {"job_id": jobs[0], "connection": "main"}, headers=headers)
    batch = {"job_ids": list(jobs), "connection": "main"}
    return await scene.call("POST", f"{SENDS}/batch", batch, headers=headers)


async def waiting(scene: Scene) -> int:
    return len((await scene.call("GET", f"{SENDS}?state=queued")).body["items"])


async def test_a_request_over_the_limit_is_refused_and_says_when_to_ask_again(scene: Scene) -> None:
    for job in JOBS[:3]:
        assert (await ask(scene, job)).status == 202
    refused = await ask(scene, JOBS[3], key="k")
    assert is_problem(refused, 429, "QUEUE_FULL")
    assert refused.body["retryable"]
    assert refused.headers["Retry-After"] == "30"
    assert "3 sends of this account wait already" in refused.body["detail"]
    assert await waiting(scene) == 3
    await scene.work()
    assert (await ask(scene, JOBS[3], key="k")).status == 202, "with the same key, as it was not bound"


async def test_a_batch_is_stored_whole_or_not_at_all(scene: Scene) -> None:
    assert (await ask(scene, JOBS[0])).status == 202
    assert is_problem(await ask(scene, *JOBS[1:4]), 429, "QUEUE_FULL")
    assert await waiting(scene) == 1
    assert (await ask(scene, *JOBS[1:3])).status == 202, "a smaller one fits"
    await scene.work()
    never = await ask(scene, *JOBS[:4])
    assert is_problem(never, 429, "QUEUE_FULL")
    assert never.body["fix"] == "Ask for 3 sends at once at most."


async def test_what_was_stored_before_is_answered_again_and_a_newer_send_of_a_waiting_job_has_its_place(
    scene: Scene,
) -> None:
    first = await ask(scene, JOBS[0], key="k")
    assert (await ask(scene, *JOBS[1:3])).status == 202
    again = await ask(scene, JOBS[0], key="k")
    assert (again.status, again.body["id"]) == (202, first.body["id"])
    newer = await ask(scene, JOBS[0])
    assert newer.status == 202
    assert await waiting(scene) == 3


async def test_a_job_to_be_completed_stays_open(scene: Scene) -> None:
    assert (await ask(scene, *JOBS[:3])).status == 202
    body = {"connection": "main", "items": "none"}
    refused = await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/complete", body)
    assert is_problem(refused, 429, "QUEUE_FULL")
    assert "complete_job" not in scene.service_trade.calls


async def test_a_person_reads_in_plain_words_that_nothing_was_added(scene: Scene) -> None:
    assert (await ask(scene, *JOBS[:3])).status == 202
    browser = await (await somebody(scene)).open(f"/t/cardinal/jobs/{JOB.id}")
    await browser.press("Send Job to Spectrum")
    assert browser.status == 429
    assert "Too many sends wait already. Nothing was added." in browser.said
    assert "resume it under Connections" in browser.said
    assert await waiting(scene) == 3
