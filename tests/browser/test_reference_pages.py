"""The pages about the API in a browser: readable on a phone and in the dark, without faults of accessibility."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import accessibility_faults
from tests.support.http_scene import api

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PAGES = ("/docs", "/docs?q=retry", "/docs/calls/add_connection", "/docs/shapes/SendState", "/problems/PLAN_BLOCKED")
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_fit_a_phone_and_have_no_fault(browser: Browser, scheme: str) -> None:
    async with api() as scene:
        context = await browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 800})  # type: ignore[arg-type]
        page = await context.new_page()
        for address in PAGES:
            await page.goto(scene.url + address)
            assert not await page.evaluate(WIDER_THAN_THE_SCREEN), address
            assert await accessibility_faults(page) == [], address


@pytest.mark.long
async def test_somebody_finds_a_call_by_words_and_opens_its_page(browser: Browser) -> None:
    async with api() as scene:
        page = await (await browser.new_context(java_script_enabled=False)).new_page()
        await page.goto(f"{scene.url}/docs")
        await page.get_by_label("Search the calls, fields and errors").fill("cancel send")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name="Cancel a send", exact=True).click()
        await page.get_by_role("heading", name="Try it").wait_for()
        assert page.url == f"{scene.url}/docs/calls/cancel_send"
