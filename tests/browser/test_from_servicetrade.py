"""The bookmark and the extension in a real browser, on a page with ServiceTrade's address.

The extension is the downloaded one, loaded unpacked. Nothing can press the browser's own toolbar, so its page is opened
in a tab of its own, while ServiceTrade's tab is the active one. Only a press of the toolbar gives the permission
`activeTab`, so this copy has the permission `tabs` instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect

from core.model.access.person import Role
from tests.browser.chromium import LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults, chromium
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.support.browser_scene import PASSWORD, person
from tests.support.http_scene import CONNECTION, JOB, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
AT_SERVICETRADE = f"https://app.servicetrade.com/job/{JOB.id}"
WEST = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await running.call("POST", "/v1/tenants/cardinal/connections", WEST)
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def _as_servicetrade(route: Route) -> None:
    await route.fulfill(body="<!doctype html><title>A job</title><h1>Job</h1>", content_type="text/html")


async def at_servicetrade(context: BrowserContext, address: str = AT_SERVICETRADE) -> Page:
    await context.route("https://app.servicetrade.com/**", _as_servicetrade)
    page = await context.new_page()
    await page.goto(address)
    return page


async def test_a_bookmark_opens_the_send_menu_of_the_job(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/jobs/{JOB.id}")
    await page.get_by_role("link", name="From ServiceTrade in one click").click()
    for words, connection in (("the Send menu", "main"), ("Spectrum West", "west")):
        link = await page.get_by_role("link", name=f"Jobferry: {words}").get_attribute("href")
        assert link is not None
        theirs = await at_servicetrade(page.context)
        async with page.context.expect_page() as opened:
            await theirs.evaluate(link.removeprefix("javascript:"))
        ours = await opened.value
        await expect(ours.get_by_role("heading", level=1)).to_contain_text("Job 104482")
        await expect(ours.get_by_role("heading", name="Send menu")).to_be_visible()
        await expect(ours.locator("li.chosen a[aria-current]")).to_have_attribute(
            "href", f"{HOME}/jobs/{JOB.id}?connection={connection}"
        )
        await expect(ours.locator("li.chosen")).to_have_count(1)
        assert await theirs.evaluate("location.href") == AT_SERVICETRADE, "ServiceTrade's page stays as it is"


async def test_without_dragging_the_address_can_be_copied(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/from-servicetrade")
    link = await page.get_by_role("link", name="Jobferry: the Send menu").get_attribute("href")
    await page.get_by_text("Without dragging: the Send menu").click()
    await expect(page.locator("#address-menu")).to_have_value(str(link))


async def test_a_page_that_is_no_job_is_told(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/from-servicetrade")
    link = await page.get_by_role("link", name="Jobferry: the Send menu").get_attribute("href")
    theirs = await at_servicetrade(page.context, "https://app.servicetrade.com/company/55")
    async with page.context.expect_page() as opened:
        await theirs.evaluate(str(link).removeprefix("javascript:"))
    await expect((await opened.value).get_by_role("alert")).to_contain_text("https://app.servicetrade.com/company/55")


@asynccontextmanager
async def with_extension(folder: Path, profile: Path, scene: Scene) -> AsyncIterator[BrowserContext]:
    args = ["--no-sandbox", "--disable-gpu", f"--disable-extensions-except={folder}", f"--load-extension={folder}"]
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(profile), executable_path=chromium(), headless=False, args=["--headless=new", *args], base_url=scene.url
        )
        try:
            yield context
        finally:
            await context.close()


def extension_id(folder: Path) -> str:
    """Chromium's id of an unpacked extension: the hash of its path, in the letters a to p."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


async def test_the_downloaded_extension_opens_the_send_menu(browser: Browser, scene: Scene, tmp_path: Path) -> None:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/from-servicetrade")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download the extension").click()
    with ZipFile(await (await download.value).path()) as archive:
        archive.extractall(tmp_path)
    folder = (tmp_path / "jobferry-extension").resolve()
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"permissions": ["tabs"]}))
    async with with_extension(folder, tmp_path / "profile", scene) as context:
        console = await context.new_page()
        await console.goto("/sign-in")
        await console.get_by_label("E-mail address").fill(ANN)
        await console.get_by_label("Password").fill(PASSWORD)
        await console.get_by_role("button", name="Sign in").click()
        await expect(console.get_by_role("button", name="Sign out")).to_be_visible()
        theirs = await at_servicetrade(context)
        popup = await context.new_page()
        await popup.goto(f"chrome-extension://{extension_id(folder)}/popup.html")
        await expect(popup.get_by_role("button")).to_have_text(
            ["Send Job to Spectrum", "Send Job to Spectrum West", "Open the Send menu"]
        )
        await popup.get_by_role("button", name="Open the Send menu").click()
        await expect(popup.get_by_role("status")).to_contain_text("This tab is not a page of ServiceTrade.")
        await theirs.bring_to_front()
        async with context.expect_page() as opened:
            await popup.evaluate("document.querySelectorAll('button')[1].click()")
        ours = await opened.value
        await expect(ours).to_have_url(f"{scene.url}{HOME}/jobs/{JOB.id}?connection=west")
        await expect(ours.get_by_role("heading", level=1)).to_contain_text("Job 104482")


@LOOKS
async def test_everybody_can_read_how_it_works(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    for address in (
        f"{HOME}/from-servicetrade?page=https%3A%2F%2Fapp.servicetrade.com%2Fcompany%2F1",
        f"{HOME}/jobs/{JOB.id}",
    ):
        await page.goto(address)
        for one in await page.locator("summary").all():
            await one.click()
        assert await accessibility_faults(page) == [], address
        assert (await page.evaluate(TOO_FAINT))["faint"] == [], address
        assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), address
        await picture(page, f"{'from-servicetrade' if 'from' in address else 'job-facts'}-{scheme}-{width}")
