"""A new tenant is set up in a real browser: first steps, the connection's test, settings and webhooks."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import CONNECTION, JOB, TENANT, UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("PICTURES")
PAGES = {
    "new-home": HOME,
    "new-connection-page": f"{HOME}/connections/main",
    "connection-settings": f"{HOME}/connections/main/settings",
    "account-settings": f"{HOME}/settings",
    "webhooks": f"{HOME}/webhooks",
    "webhook": f"{HOME}/webhooks",
}


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """A tenant that has nothing but its sign-in, and two upcoming jobs."""
    async with api() as running:
        assert (await running.call("POST", "/v1/tenants", TENANT)).status == 201
        await running.call("PATCH", "/v1/tenants/cardinal", {"time_zone": "America/Chicago"})
        for job in (JOB, UNMAPPED):
            await running.add_job(job)
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def connected(scene: Scene) -> None:
    added = await scene.call("POST", "/v1/tenants/cardinal/connections", {**CONNECTION, "check": False})
    assert added.status == 201, added.text


@BOTH
async def test_first_steps_lead_through_the_pages(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await expect(page.get_by_role("heading", name="First steps: 1 of 6 done")).to_be_visible()
    await expect(page.get_by_text("Everything that was sent is in Spectrum")).to_have_count(0)
    await page.get_by_role("link", name="Connect Spectrum").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("A new connection")
    await connected(scene)
    await page.goto(HOME)
    if script:  # the count comes by itself
        await expect(page.get_by_text("1 of 3 missing")).to_be_visible()
    await page.get_by_role("button", name=f"Test {CONNECTION['name']}").click()
    await expect(page.get_by_text("The test is finished.")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Not proven yet")
    await page.goto(HOME)
    await expect(page.get_by_role("heading", name="First steps: 3 of 6 done")).to_be_visible()
    await scene.send()
    await scene.work()
    await page.goto(f"{HOME}/connections/main")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Working, last write today")
    await page.goto(HOME)
    await page.get_by_role("button", name="Hide this list").click()
    await expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    await expect(page.get_by_text("Nothing needs attention.")).to_be_visible()


@BOTH
async def test_a_program_is_added_tried_and_removed(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Webhooks").click()
    await page.get_by_label("Address of the program").fill("https://hooks.example.com/jobferry")
    await page.get_by_label("What it is for").fill("Billing")
    await page.get_by_role("button", name="Add the endpoint").click()
    await expect(page.get_by_label("Signing secret")).to_have_value(re.compile("^whsec_"))
    await page.get_by_role("button", name="Send a test event").click()
    await expect(page.get_by_text("The test event arrived.")).to_be_visible()
    await expect(page.get_by_label("Signing secret")).to_have_count(0)
    await page.get_by_text("Remove this endpoint").click()
    await page.get_by_label("I am sure").check()
    await page.get_by_role("button", name="Remove it for good").click()
    await expect(page.get_by_text("The endpoint is removed.")).to_be_visible()


@pytest.mark.long
@LOOKS
async def test_these_pages_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    """Before anything is set up, and with a connection, a failed test and a webhook that does not answer."""
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await looked_at(page, f"nothing-set-up-{scheme}-{width}")
    scene.spectrum.good_ids = {"ANOTHER"}
    await connected(scene)
    await page.goto(f"{HOME}/connections/main")
    await page.get_by_role("button", name="Test it, step by step").click()
    await expect(page.get_by_text("The test is finished.")).to_be_visible()
    await looked_at(page, f"failed-test-{scheme}-{width}")
    tenant = await scene.use_cases.find_tenant("cardinal")
    found, _ = await scene.use_cases.webhook_endpoints.add(tenant.id, "https://hooks.example.com/a?b=c")
    scene.webhook_sender.answers = [503]
    await scene.use_cases.webhook_endpoints.test(tenant.id, found.id)
    for name, address in {**PAGES, "webhook": f"{HOME}/webhooks/{found.id}"}.items():
        await page.goto(address)
        await looked_at(page, f"{name}-{scheme}-{width}")


async def looked_at(page: Page, name: str) -> None:
    assert await accessibility_faults(page) == [], name
    assert (await page.evaluate(TOO_FAINT))["faint"] == [], name
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), name
    assert await page.get_by_role("heading", level=1).count() == 1, name
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / "all" / f"{name}.png", full_page=True)
