"""What the script adds to forms: Copy beside what is shown once, and the first wrong field is where one goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from tests.browser.chromium import WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await person(running, ANN, Role.ADMINISTRATOR)
        await person(running, "bob@example.com", Role.SENDER)
        yield running
        assert running.broken == []


async def test_a_key_and_a_link_are_copied_whole(
    browser: Browser, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await signed_in(browser, scene, width=320)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(f"{HOME}/keys")
    await page.get_by_label("What it is for").fill("billing")
    await page.get_by_label("Read everything").check()
    await page.get_by_role("button", name="Make the key").click()
    await page.get_by_role("button", name="Copy The new key").click()
    await expect(page.get_by_text("Copied")).to_be_visible()
    copied = await page.evaluate("() => navigator.clipboard.readText()")
    assert copied == await page.get_by_label("The new key", exact=True).input_value()
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    assert await accessibility_faults(page) == []
    await picture(page, "key-made-320")
    monkeypatch.setattr(scene.use_cases.sign_in, "_public_url", "")
    await page.goto(f"{HOME}/people")
    await page.get_by_role("button", name="Make a sign-in link for Bob").click()
    await page.get_by_role("button", name="Copy The sign-in link").click()
    link = await page.evaluate("() => navigator.clipboard.readText()")
    assert link.startswith(f"{scene.url}/sign-in/")
    other = await browser.new_page()
    await other.goto(link)
    await expect(other.get_by_role("heading", level=1)).to_have_text("Welcome")


async def test_the_first_wrong_field_has_the_focus_and_its_error(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/keys")
    await page.get_by_label("What it is for").fill("billing")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_label("Read everything")).to_be_focused()
    await expect(page.get_by_label("Read everything")).to_have_attribute("aria-describedby", "form-error")
    await expect(page.get_by_label("What it is for")).to_have_value("billing")
    assert await accessibility_faults(page) == []
    await page.goto(f"{HOME}/people")
    await page.get_by_label("E-mail address").fill("bob@example.com")
    await page.get_by_label("Name", exact=True).fill("Bob")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_label("E-mail address")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_removing_asks_first_and_cancel_changes_nothing(browser: Browser, scene: Scene, scheme: str) -> None:
    page = await signed_in(browser, scene, width=320, scheme=scheme)
    await page.goto(f"{HOME}/people")
    await page.get_by_role("button", name="Remove Bob").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Remove Bob?")
    await expect(page).to_have_title("Remove Bob? · Jobferry")
    assert await accessibility_faults(page) == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"confirm-{scheme}")
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.get_by_role("button", name="Remove Bob")).to_be_visible()
    await page.get_by_role("button", name="Remove Bob").click()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_text("Removed and signed out.")).to_be_visible()
