"""The notification pages in a real browser: chosen by a person, with and without script, in both schemes and narrow."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from ports.mailer import Delivered, Told
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.support.browser_scene import PASSWORD, person
from tests.support.http_scene import Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
ANN = "ann@example.com"
PAGE = "/t/cardinal/notifications"
BASE = "/v1/tenants/cardinal/notification-recipients"
PICTURES = os.environ.get("PICTURES")


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """An address that works, one whose last mail was refused, and a stopped channel."""
    async with api() as running:
        await running.furnish()
        await running.call("PATCH", "/v1/tenants/cardinal", {"time_zone": "America/Chicago"})
        for address in ("office@example.com", "gone@example.com"):
            made = await running.call("POST", BASE, {"channel": "mail", "address": address})
            if address.startswith("gone"):
                said = "The mail server mail.example.com:587 refused gone@example.com: 550 5.1.1 no such user"
                running.mailer.answers = [Delivered(Told.REFUSED, said)]
            await running.call("POST", f"{BASE}/{made.body['id']}/test")
        hook = {"channel": "teams", "address": "https://hooks.example.com/secret", "kinds": ["send_failed"]}
        teams = await running.call("POST", BASE, hook)
        await running.call("PATCH", f"{BASE}/{teams.body['id']}", {"paused": True})
        await person(running, ANN, Role.ADMINISTRATOR)
        await person(running, "ops@example.com", Role.OPERATOR)
        yield running


async def signed_in(
    browser: Browser, scene: Scene, email: str = ANN, *, script: bool = True, width: int = 1100, scheme: str = "light"
) -> Page:
    context = await browser.new_context(
        java_script_enabled=script,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=scene.url,
    )
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    return page


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        folder = Path(PICTURES) / "all"
        folder.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=folder / f"{name}.png", full_page=True)


@BOTH
async def test_a_person_chooses_and_sends_a_test(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Notifications").click()
    yours = page.locator("form").filter(has_text="To ann@example.com")
    await yours.get_by_label("Failed jobs, at once").check()
    await yours.get_by_label("The summary comes at").select_option("06:00")
    await yours.get_by_label("From").select_option("20:00")
    await yours.get_by_label("Until").select_option("05:00")
    await yours.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    await page.get_by_role("button", name="Send a test to you").click()
    await expect(page.get_by_text("The test was sent.")).to_be_visible()
    assert scene.mailer.sent[-1].to == ANN


@LOOKS
async def test_every_page_of_notifications_is_legible_and_fits(
    browser: Browser, scene: Scene, scheme: str, width: int
) -> None:
    await scene.use_cases.recipients.all((await scene.use_cases.find_tenant("cardinal")).id)
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    listed = (await scene.call("GET", BASE)).body["items"]
    link = scene.mailer.sent[-1].unsubscribe.removeprefix("https://jobferry.example.com")
    pages = {"notifications": PAGE, "unsubscribe": link} | {
        f"recipient-{number}": f"{PAGE}/{one['id']}" for number, one in enumerate(listed)
    }
    for name, address in pages.items():
        await page.goto(address)
        assert await accessibility_faults(page) == [], name
        assert (await page.evaluate(TOO_FAINT))["faint"] == [], name
        assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), name
        await picture(page, f"{name}-{scheme}-{width}")
    operator = await signed_in(browser, scene, "ops@example.com", scheme=scheme, width=width)
    await operator.goto("/operator/mail")
    assert await accessibility_faults(operator) == []
    assert not await operator.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(operator, f"mail-server-{scheme}-{width}")
