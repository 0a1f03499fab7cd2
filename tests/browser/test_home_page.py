"""Home in a real browser: it updates itself, and takes away nothing from whoever reads it or types in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from core.model.catalogue import finding
from core.model.connections.connection import Hold
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.edges.plugins.test_plugin_rehearsal import PART
from tests.support.browser_scene import person
from tests.support.http_scene import CONNECTION, JOB, UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
MISSING = "Location not linked to Spectrum"


@pytest_asyncio.fixture(loop_scope="session")
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """A job that failed, and an item to check in Spectrum. The page looks for changes without a pause."""
    monkeypatch.setattr("adapters.inbound.console.handlers.home.LOOK_SECONDS", 0.1)
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        doubtful = replace(JOB, id="2412087334600720", number="104490", status="completed")
        await running.add_job(doubtful)
        running.service_trade.add_item(tenant.id, doubtful.id, PART)
        running.service_trade.complete(tenant.id, doubtful.id)
        running.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer within 60 seconds"))
        await running.send(doubtful, items="new_only")
        await running.work()
        await fail(running, 1)
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def fail(scene: Scene, number: int) -> None:
    job = replace(UNMAPPED, id=f"24120873346019{number:02}", number=f"1050{number:02}")
    await scene.add_job(job)
    await scene.send(job)
    await scene.work()


async def test_it_updates_itself_and_keeps_open_what_is_open(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await expect(page).to_have_title("(2) Cardinal Fire Protection · Jobferry")
    cause = page.locator("li.cause").filter(has_text=MISSING)
    await cause.locator("summary").click()
    await expect(cause.get_by_role("link", name="Job 105001")).to_be_visible()
    await fail(scene, 2)
    await expect(page).to_have_title("(3) Cardinal Fire Protection · Jobferry")
    await expect(page.get_by_text("3 jobs need attention.")).to_be_visible()
    await expect(cause.locator(".cause-facts")).to_contain_text("2 jobs")
    await expect(cause.get_by_role("link", name="Job 105002")).to_be_visible()
    other = page.locator("li.cause").filter(has_text="Check in Spectrum")
    assert await other.locator("details").get_attribute("open") is None, "what was closed stays closed"


async def test_it_waits_while_somebody_fills_in_a_form(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    doubt = page.locator("li.cause").filter(has_text="Check in Spectrum")
    await doubt.locator("summary").click()
    said = page.get_by_label("What you saw")
    await said.fill("It stands in Work Order")
    async with page.expect_response(lambda answer: answer.url.endswith(HOME)):
        await fail(scene, 2)
    await page.wait_for_timeout(200)  # the answer is there; it must not be put into the page
    await expect(said).to_have_value("It stands in Work Order")
    await expect(page.get_by_text("2 jobs need attention.")).to_be_visible()
    await said.fill("")
    await page.get_by_label("Search for a job").focus()
    await expect(page.get_by_text("3 jobs need attention.")).to_be_visible()
    await expect(said).to_be_visible()


@BOTH
async def test_a_doubt_is_settled_with_two_clicks(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.locator("li.cause summary").filter(has_text="Check in Spectrum").click()
    await page.get_by_label("What you saw").fill("It stands in Work Order Inquiry.")
    await page.get_by_role("button", name="It is there").click()
    await scene.work()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Work order T104490")
    counted = await scene.call("GET", "/v1/tenants/cardinal/counts")
    assert counted.body["jobs_for_people"] == 1


@LOOKS
async def test_everybody_can_use_it_with_everything_open(
    browser: Browser, scene: Scene, scheme: str, width: int
) -> None:
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
    await scene.call("POST", "/v1/tenants/cardinal/connections", west)
    tenant = await scene.use_cases.find_tenant("cardinal")
    refused = finding("AUTH_NOT_AUTHORIZED", "Spectrum does not know this Authorization ID.")
    async with scene.transactions.begin(tenant.id) as t:
        held = await t.connections.by_slug("west")
        await t.connections.set_hold(held.id, Hold(refused, scene.clock.now(), None))
    await scene.send(JOB)
    await scene.work()
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await picture(page, f"home-closed-{scheme}-{width}")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    await picture(page, f"home-open-{scheme}-{width}")
    assert await accessibility_faults(page) == []
    assert (await page.evaluate(TOO_FAINT))["faint"] == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
