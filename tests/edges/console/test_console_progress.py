"""A send whose work order is in Spectrum but whose number could not be written back, told alike by every surface."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest_asyncio

from core.model.shared.errors import TenantMends
from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, SENDS, Scene, api

HOME = "/t/cardinal"
SAID = (
    "Work order T104482 is in Spectrum, but its number was not written to the job in ServiceTrade. "
    "Somebody must check it."
)


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        hook = {"url": "https://hooks.example.com/jobferry"}
        assert (await running.call("POST", "/v1/tenants/cardinal/webhook-endpoints", hook)).status == 201
        yield running


async def _number_refused(scene: Scene) -> str:
    refusal = TenantMends("Another record has this external id.", code="MAP_DUPLICATE_EXTERNAL_ID")
    scene.service_trade.fail_next(refusal, call="write_external_id")
    send_id = await scene.send()
    await scene.work()
    return send_id


async def test_a_work_order_without_its_number_on_the_job_is_never_told_as_not_sent(scene: Scene) -> None:
    send_id = await _number_refused(scene)
    shown = (await scene.call("GET", f"{SENDS}/{send_id}")).body
    marks = {"work_order": "done", "items": None, "tasks": None, "number": "missing"}
    assert shown["state"] == "needs_attention"
    assert shown["progress"] == {"sentence": SAID, **marks}
    steps = {step["name"]: step["state"] for step in shown["steps"]}
    assert (steps["header"], steps["write_back"]) == ("done", "waiting")

    [listed] = (await scene.call("GET", SENDS)).body["items"]
    [entry] = (await scene.call("GET", f"/v1/tenants/cardinal/jobs/{JOB.id}/send-menu")).body["items"]
    [warning] = (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"]
    [delivery] = scene.transactions.rows.deliveries.values()
    event = json.loads(delivery.body)
    assert event["type"] == "send.failed"
    progress = [listed["progress"], entry["last_send"]["progress"], event["data"]["progress"]]
    assert progress == [shown["progress"]] * 3
    assert warning["outcome"] == SAID
    tenant = await scene.use_cases.find_tenant("cardinal")
    [comment] = scene.service_trade.comments_on(tenant.id, JOB.id)
    assert SAID in comment

    browser = await (await somebody(scene)).open(f"{HOME}/sends/{send_id}")
    [title] = browser.page.iter("h1")
    assert title.text_content() == SAID
    assert "Work order T104482 in Spectrum !Number in ServiceTrade: no" in browser.said
    assert SAID in (await browser.open(f"{HOME}/sends")).said
    for page in (HOME, f"{HOME}/sends", f"{HOME}/causes/ST_WRITEBACK_FAILED", f"{HOME}/jobs/{JOB.id}"):
        assert "was not sent" not in (await browser.open(page)).said, page


async def test_after_a_retry_the_same_sentence_says_that_all_is_done(scene: Scene) -> None:
    send_id = await _number_refused(scene)
    browser = await (await somebody(scene)).open(f"{HOME}/sends/{send_id}")
    await browser.press("Try again now")
    assert "its number is not written to the job in ServiceTrade yet. The send is under way." in browser.said
    await scene.work()
    await browser.open(f"{HOME}/sends/{send_id}")
    [title] = browser.page.iter("h1")
    assert title.text_content() == "Work order T104482 is in Spectrum, and its number is on the job in ServiceTrade."
    assert len(scene.spectrum.calls) == 1, "the work order is not sent again"
