"""Pages of operators and administration in a real browser, by role and label, with script and without."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.support.browser_scene import PASSWORD, person
from tests.support.http_scene import TENANT, UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
OPS = "ops@example.com"
HOME = "/t/cardinal"


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await running.send(UNMAPPED)
        await running.work()
        await person(running, OPS, Role.OPERATOR)
        await person(running, "ann@example.com", Role.ADMINISTRATOR)
        yield running


async def signed_in(
    browser: Browser, scene: Scene, email: str = OPS, *, script: bool = True, width: int = 1100, scheme: str = "light"
) -> Page:
    context = await browser.new_context(
        java_script_enabled=script,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=scene.url,
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


@BOTH
async def test_an_operator_adds_a_tenant_and_removes_it(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await expect(page.get_by_role("heading", level=1)).to_have_text("The installation")
    row = page.get_by_role("row", name="Cardinal Fire Protection")
    await expect(row).to_contain_text("Needs attention")
    await page.get_by_role("link", name="Tenants", exact=True).click()
    await page.get_by_label("Name (required)", exact=True).fill("Harbor Fire")
    await page.get_by_label("Short name").fill("harbor")
    await page.get_by_label("User name").fill("harbor@example.com")
    await page.get_by_label("Password").fill("pw-of-the-harbor")
    await page.get_by_role("button", name="Add the tenant").click()
    await expect(page.get_by_role("status")).to_contain_text("The tenant is added")
    await page.get_by_role("button", name="Pause Harbor Fire").click()
    await page.get_by_role("button", name="Resume Harbor Fire").click()
    await page.get_by_text("Remove Harbor Fire").click()
    await page.get_by_label("Type harbor to confirm").fill("harbor")
    await page.get_by_role("button", name="Remove harbor for good").click()
    await expect(page.get_by_role("status")).to_contain_text("and all its data are removed")
    await expect(page.get_by_text("Harbor Fire")).to_have_count(0)


@pytest.mark.parametrize("role", Role)
async def test_the_head_has_one_line_of_pages_at_the_width_of_a_small_screen(
    browser: Browser, scene: Scene, role: Role
) -> None:
    await person(scene, "vic@example.com", role)
    page = await signed_in(browser, scene, "vic@example.com")
    await page.set_viewport_size({"width": 1100, "height": 800})
    await page.goto(HOME)
    for row in (".where > a", ".top .seek, .top .who"):
        tops = await page.locator(row).evaluate_all(
            "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
        )
        assert len(tops) > 1
        assert max(tops) - min(tops) < 12, f"{row} is on several lines: {tops}"


@BOTH
async def test_an_administrator_makes_a_key_and_lets_somebody_in(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, "ann@example.com", script=script)
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("link", name="Keys", exact=True).click()
    await page.get_by_label("What it is for").fill("Reports")
    await page.get_by_label("Read everything").check()
    await page.get_by_role("button", name="Make the key").click()
    key = await page.get_by_label("The new key").input_value()
    assert (await scene.call("GET", HOME.replace("/t/", "/v1/tenants/"), key=key)).status == 200
    await page.get_by_role("button", name="Revoke the key Reports").click()
    await page.get_by_role("button", name="Revoke it").click()
    await expect(page.get_by_role("row", name="Reports")).to_contain_text("Revoked")
    await page.get_by_role("link", name="People", exact=True).click()
    await page.get_by_label("E-mail address").fill("bob@example.com")
    await page.get_by_label("Name", exact=True).fill("Bob")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_label("Role of Bob").select_option("sender")
    await page.get_by_role("button", name="Change the role of Bob").click()
    await expect(page.get_by_role("status")).to_contain_text("The role is changed")
    await page.get_by_role("button", name="Make a sign-in link for Bob").click()
    assert "/sign-in/" in await page.get_by_label("The sign-in link").input_value()
    await page.get_by_role("link", name="Audit", exact=True).click()
    await page.get_by_label("What", exact=True).select_option("person")
    await page.get_by_label("Who", exact=True).fill("ann@example.com")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("row", name="Person role changed")).to_be_visible()
    await expect(page.get_by_role("row", name="Key created")).to_have_count(0)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download as CSV").click()
    assert (await download.value).suggested_filename == "audit-cardinal.csv"


@BOTH
async def test_the_own_password(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="your password").click()
    await page.get_by_label("Your present password").fill(PASSWORD)
    await page.get_by_label("The new password", exact=True).fill("quite another four words")
    await page.get_by_label("The new password again").fill("quite another four words")
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed")


@BOTH
async def test_somebody_with_several_accounts_chooses_one(browser: Browser, scene: Scene, script: bool) -> None:
    bluefin = {**TENANT, "slug": "bluefin", "name": "Bluefin"}
    assert (await scene.call("POST", "/v1/tenants", bluefin)).status == 201
    await person(scene, OPS, Role.VIEWER, "bluefin")
    context = await browser.new_context(java_script_enabled=script, base_url=scene.url)
    for number, (button, who) in enumerate(
        (("Bluefin", "Ops, viewer"), ("All tenants, as an operator", "Ops, operator"), ("Bluefin", "Ops, viewer"))
    ):
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await page.goto("/sign-in")
        await page.get_by_label("E-mail address").fill(OPS)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Which account?")
        await expect(page.get_by_role("main")).to_contain_text("ops@example.com belongs to more than one.")
        await expect(page.get_by_role("main").get_by_role("button")).to_have_count(2)
        await expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        if script and number == 0:
            assert await accessibility_faults(page) == []
            assert (await page.evaluate(TOO_FAINT))["faint"] == []
        await page.get_by_role("button", name=button, exact=True).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name=who)).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.long
@LOOKS
async def test_the_pages_are_readable_for_everybody(browser: Browser, scene: Scene, width: int, scheme: str) -> None:
    page = await signed_in(browser, scene, width=width, scheme=scheme)
    tenant_pages = (f"{HOME}/keys", f"{HOME}/people", f"{HOME}/audit")
    for address in ("/operator", "/operator/tenants", "/operator/keys", "/operator/people", "/password", *tenant_pages):
        await page.goto(address)
        assert await accessibility_faults(page) == [], address
        assert (await page.evaluate(TOO_FAINT))["faint"] == [], address
        assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), address
