"""The overview in a real browser: readable without JavaScript, in both colour schemes, on a phone and by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from playwright.async_api import Browser, Page

from core.model.sending.answer import NotSent, NotSentReason
from tests.browser.chromium import TOO_FAINT
from tests.edges.http_scene import UNMAPPED, Scene, api

pytestmark = pytest.mark.browser


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """One job sent, one that cannot be, and one that waits for a Spectrum out of reach."""
    async with api() as running:
        await running.furnish()
        await running.send()
        await running.send(UNMAPPED)
        await running.work()
        running.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "connection refused"))
        await running.send()
        await running.work()
        yield running


async def _open(browser: Browser, url: str, width: int = 1100, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page without JavaScript, and what the browser complained of."""
    context = await browser.new_context(
        java_script_enabled=False,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page, complaints = await context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    await page.goto(url)
    return page, complaints


async def test_it_tells_everything_without_javascript(browser: Browser, scene: Scene) -> None:
    page, complaints = await _open(browser, scene.url)
    assert await page.title() == "(2) Jobferry: overview"
    cards = page.locator(".attention")
    assert await cards.count() == 2
    assert "MAP_SITE_MISSING" in await cards.nth(0).inner_text()
    assert await cards.nth(0).locator("ol li").count() >= 2
    assert "could not be reached" in await page.locator(".connections").inner_text()
    rows = await page.locator("tbody tr").all_inner_texts()
    assert ["Trying again by itself" in rows[0], "Needs attention" in rows[1], "Sent" in rows[2]] == [True] * 3
    assert "T104482" in rows[2]
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_enough_contrast(browser: Browser, scene: Scene, scheme: str) -> None:
    page, _ = await _open(browser, scene.url, scheme=scheme)
    measured = await page.evaluate(TOO_FAINT)
    assert measured["seen"] > 40
    assert measured["faint"] == []


async def test_the_two_schemes_differ(browser: Browser, scene: Scene) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    shown = {await (await _open(browser, scene.url, scheme=one))[0].evaluate(paper) for one in ("light", "dark")}
    assert len(shown) == 2


@pytest.mark.parametrize("width", [320, 700, 1100])
async def test_nothing_runs_out_of_the_window(browser: Browser, scene: Scene, width: int) -> None:
    page, _ = await _open(browser, scene.url, width)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_headings_go_down_step_by_step(browser: Browser, scene: Scene) -> None:
    page, _ = await _open(browser, scene.url)
    levels = await page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


async def test_the_keyboard_reaches_the_content_first(browser: Browser, scene: Scene) -> None:
    page, _ = await _open(browser, scene.url)
    await page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert await focused.inner_text() == "Skip to the content"
    box = await focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0


async def test_the_empty_and_the_closed_page_stand_as_well(browser: Browser) -> None:
    for public, words in ((True, "Nothing is set up yet"), (False, "This is Jobferry’s API")):
        async with api(public_overview=public) as scene:
            page, _ = await _open(browser, scene.url)
            assert words in await page.locator("main").inner_text()
            assert (await page.evaluate(TOO_FAINT))["faint"] == []
