"""The first page offers the browser's time zone; without a script it asks for one, and offers the usual ones."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from tests.browser.chromium import BOTH, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture
from tests.support.browser_scene import PASSWORD, person
from tests.support.http_scene import Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
QUESTION = "Which time zone is Cardinal Fire Protection in?"


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_browsers_zone_is_one_click_away(browser: Browser, scene: Scene, script: bool, scheme: str) -> None:
    context = await browser.new_context(
        java_script_enabled=script,
        timezone_id="America/Phoenix",
        base_url=scene.url,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 320, "height": 800},
    )
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(ANN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    zone = page.get_by_label(QUESTION)
    await expect(zone).to_have_value("America/Phoenix" if script else "")
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW) if script else True
    assert not script or await accessibility_faults(page) == []
    await picture(page, f"time-zone-{scheme}")
    if not script:
        await zone.fill("America/Phoenix")
    await page.get_by_role("button", name="Use this time zone").click()
    await expect(page.get_by_text("All times are in the time zone America/Phoenix.")).to_be_visible()
    await expect(page.get_by_label(QUESTION)).to_have_count(0)
    assert page.url.endswith(HOME)
