"""The console in a real browser: the office's errands by role and label, with script and without, and its looks."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, expect

from core.model.access.person import Role
from core.model.sending.answer import Accepted, NotSent, NotSentReason, Unknown, UnknownReason
from tests.browser.chromium import BOTH, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.edges.plugins.test_plugin_rehearsal import FEE, PART
from tests.support.browser_scene import PASSWORD, Installation, person
from tests.support.http_scene import CONNECTION, JOB, UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ANN = "ann@example.com"
HOME = "/t/cardinal"
PICTURES = os.environ.get("PICTURES")
"""A folder: pictures of the pages are kept there, in `all` and `docs`."""


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """Something of everything: sent, failed, waiting, a line in doubt, a second connection that is paused."""
    async with api() as running:
        await running.furnish()
        await running.call("PATCH", "/v1/tenants/cardinal", {"time_zone": "America/Chicago"})
        west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
        await running.call("POST", "/v1/tenants/cardinal/connections", west)
        await running.call("POST", "/v1/tenants/cardinal/connections/west/pause")
        tenant = await running.use_cases.find_tenant("cardinal")
        doubtful = replace(JOB, id="2412087334600720", number="104490", status="completed")
        await running.add_job(doubtful)
        for item in (PART, FEE):
            running.service_trade.add_item(tenant.id, doubtful.id, item)
        running.service_trade.complete(tenant.id, doubtful.id)
        running.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer within 60 seconds"))
        await running.send(doubtful, items="new_only")
        await running.work()
        await running.send(UNMAPPED)
        await running.work()
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def signed_in(
    browser: Browser,
    scene: Installation,
    *,
    script: bool = True,
    width: int = 1100,
    scheme: str = "light",
    zoom: float = 1,
) -> Page:
    context = await browser.new_context(
        java_script_enabled=script,
        viewport={"width": int(width / zoom), "height": int(900 / zoom)},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=scene.url,
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)

    def noted(error: Error) -> None:
        scene.broken.append(error)

    def said(message: ConsoleMessage) -> None:
        if "Policy" in message.text:
            scene.broken.append(RuntimeError(message.text))

    page.on("pageerror", noted)
    page.on("console", said)
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(ANN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cardinal Fire Protection")
    return page


async def comes_to(page: Page, words: str) -> None:
    """The page of a send under way comes anew by itself, without a script too."""
    await expect(page.get_by_role("heading", level=1)).to_contain_text(words)


async def picture(page: Page, name: str, *, docs: bool = False) -> None:
    """One for the docs shows what a window shows, and is kept in a folder of its own."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / "all" / f"{name}.png", full_page=True)
    if PICTURES and docs:
        await page.screenshot(path=Path(PICTURES) / "docs" / f"{name}.png")


@BOTH
async def test_a_first_send(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_label("Search for a job").fill(JOB.number or "")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Send Job to Spectrum", exact=True).click()
    row = page.get_by_role("row", name="The customer PO")
    await expect(row).to_contain_text("PO-77120")
    await expect(page.get_by_role("columnheader", name="At the last send")).to_have_count(0)
    await picture(page, "job", docs=True)
    await page.get_by_role("button", name="Send Job to Spectrum").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    await scene.work()
    await comes_to(page, "Work order T104482 is in Spectrum")
    await picture(page, "sent")


@BOTH
async def test_a_job_is_completed_with_its_items(browser: Browser, scene: Scene, script: bool) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.add_item(tenant.id, JOB.id, PART)
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/jobs/{JOB.id}?connection=main")
    await page.get_by_role("radio", name="Only items that were not posted yet").check()
    if not script:
        await page.get_by_role("button", name="Update the preview").click()
    await expect(page.get_by_text("Items are sent only for a completed job")).to_be_visible()
    await expect(page.get_by_role("button", name="Send Job to Spectrum")).to_be_disabled()
    await page.get_by_role("checkbox", name="Complete the job in ServiceTrade").check()
    if not script:
        await page.get_by_role("button", name="Update the preview").click()
    await expect(page.get_by_text("2 x GAUGE (Gauge)")).to_be_visible()
    await page.get_by_role("button", name="Complete the job, and send Job to Spectrum with 1 item").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    await scene.work()
    await comes_to(page, "Work order T104482 is in Spectrum")


@BOTH
async def test_a_failed_send_is_mended_and_sent_again(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await picture(page, "home", docs=True)
    await page.get_by_text("Location not linked to Spectrum").click()
    await page.get_by_role("link", name="Job 104483").click()
    await expect(page.get_by_text("the ServiceTrade administrator")).to_be_visible()
    await picture(page, "failed", docs=True)
    assert UNMAPPED.location
    await scene.add_job(replace(UNMAPPED, location=replace(UNMAPPED.location, external_id="COLD1")))
    await page.get_by_role("button", name="Try again now").click()
    await scene.work()
    await comes_to(page, "Work order T104483 is in Spectrum")


@BOTH
async def test_a_doubt_is_settled(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.locator("summary").filter(has_text="Check in Spectrum").click()
    await page.get_by_role("link", name="Work order T104490").click()
    await page.get_by_label("What you saw").fill("It stands in Work Order Inquiry.")
    await page.get_by_role("button", name="It is there").click()
    await scene.work()
    await comes_to(page, "its number is on the job")


@pytest.mark.long
@BOTH
async def test_a_plugin_is_configured(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Connections").click()
    await page.get_by_role("link", name="Spectrum", exact=True).click()
    await page.get_by_role("link", name="po_required").click()
    await page.get_by_label("Job types").fill("repair\ninspection")
    await page.get_by_label("Warn only").check()
    await picture(page, "plugin", docs=True)
    await page.get_by_role("button", name="Use this plugin").click()
    await expect(page.get_by_role("heading", name="Plugins")).to_be_visible()
    saved = (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"]
    assert saved == [
        {"name": "po_required", "config": {"job_types": ["repair", "inspection"], "warn_only": True}, "hooks": {}}
    ]


@pytest.mark.long
@BOTH
async def test_a_connection_is_tested(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/connections/main")
    await page.get_by_role("button", name="Test it").click()
    await expect(page.get_by_role("heading", name="Result of the test")).to_be_visible()
    await expect(page.get_by_text("signed in and read a record")).to_be_visible()


@pytest.mark.long
@BOTH
async def test_a_connection_is_made_and_tested(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Connections").click()
    await page.get_by_role("link", name="Add a connection").click()
    await page.get_by_label("Short name").fill("east")
    await page.get_by_role("textbox", name="Name (required)", exact=True).fill("Spectrum East")
    await page.get_by_label("External system in ServiceTrade").fill("east")
    await page.get_by_label("Web Services URL").fill("https://spectrum.example.com:8482/ws")
    await page.get_by_label("Company code").fill("1003")
    await page.get_by_label("Authorization ID").fill("AUTH-EAST-1")
    await page.get_by_text("Completed jobs", exact=True).click()
    await page.get_by_label("When a job is completed in ServiceTrade").select_option("It is sent with its items")
    await page.get_by_role("button", name="Add the connection").click()
    wrong = page.get_by_label("Company code")
    await expect(wrong).to_have_accessible_description(re.compile("1 to 3 letters or digits$"))
    assert not script or await accessibility_faults(page) == []
    await picture(page, "connection-wrong")
    await wrong.fill("103")
    await page.get_by_label("Authorization ID").fill("AUTH-EAST-1")
    await page.get_by_role("button", name="Add the connection").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Spectrum East")
    await page.get_by_role("button", name="Test it").click()
    await expect(page.get_by_text("The test is finished.")).to_be_visible()
    await picture(page, "connection-tested", docs=True)


@pytest.mark.long
@BOTH
async def test_many_failed_sends_go_again_and_the_bar_survives_leaving(
    browser: Browser, scene: Scene, script: bool
) -> None:
    assert UNMAPPED.location
    jobs = [replace(UNMAPPED, id=f"24120873346019{n:02}", number=f"1050{n:02}") for n in range(12)]
    for job in jobs:
        await scene.add_job(job)
        await scene.send(job)
    await scene.work()
    for job in (UNMAPPED, *jobs):
        await scene.add_job(replace(job, location=replace(UNMAPPED.location, external_id="COLD1")))
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Sends", exact=True).click()
    await page.get_by_text("State, cause, connection and days").click()
    await page.get_by_label("State", exact=True).select_option("Needs attention")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_role("radio", name="All 13 that match").check()
    await picture(page, "bulk", docs=True)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Try 13 sends again?")
    await picture(page, "confirm")
    await page.get_by_role("button", name="Try 13 sends again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("0 of 13 jobs processed")
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    await picture(page, "progress")
    progress = page.url
    await page.goto(HOME)
    await page.goto(progress)
    await scene.work()
    await expect(page.get_by_role("heading", level=1)).to_have_text("13 jobs processed")


@pytest.mark.long
@BOTH
async def test_a_missing_code_is_set(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Codes").click()
    await page.get_by_label("Connection").select_option("Spectrum")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("1 of 2 upcoming jobs would fail if sent now.")).to_be_visible()
    await picture(page, "mappings", docs=True)
    await page.get_by_label("Code in Spectrum of the site Cold Store").fill("HV0002")
    await page.get_by_role("button", name="Write it to ServiceTrade").click()
    await expect(page.get_by_role("alert")).to_contain_text("another record carries it")
    assert not script or await accessibility_faults(page) == []
    await page.get_by_role("button", name="Set an alias here").click()
    await expect(page.get_by_text("All 2 upcoming jobs have what they need.")).to_be_visible()
    file = b"kind,servicetrade_id,name,code\nsite,3,Cold Store,COLD9\n"
    chooser = page.get_by_label("Import aliases from a CSV file")
    await chooser.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": file})
    await page.get_by_role("button", name="Show what it would change").click()
    await expect(page.get_by_role("row", name="Cold Store site 3")).to_contain_text("HV0002")
    assert not script or await accessibility_faults(page) == []
    await page.get_by_role("button", name="Import the file").click()
    await expect(page.get_by_role("row", name="Cold Store site 3")).to_contain_text("COLD9")
    await page.get_by_label("Name, code or ServiceTrade id").fill("cold9")
    await page.get_by_role("button", name="Find codes").click()
    await expect(page.get_by_role("row", name="Cold Store site 3")).to_be_visible()
    assert not script or await accessibility_faults(page) == []
    await page.get_by_label("Name, code or ServiceTrade id").fill("nobody")
    await page.get_by_role("button", name="Find codes").click()
    await expect(page.get_by_text("There is no code like this.")).to_be_visible()
    await page.get_by_role("link", name="Look at upcoming jobs again").click()
    await expect(page.get_by_text("All 2 upcoming jobs have what they need.")).to_be_visible()


async def test_signing_out_leaves_nothing_open(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene, script=False)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await page.goto(HOME)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def addresses(scene: Scene) -> dict[str, str]:
    sends = (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]
    failed = next(one["id"] for one in sends if one["state"] == "needs_attention")
    doubtful = next(one["id"] for one in sends if one["state"] == "in_doubt")
    return {
        "home": HOME,
        "find": f"{HOME}/jobs",
        "job": f"{HOME}/jobs/{JOB.id}?connection=main",
        "menu": f"{HOME}/jobs/{JOB.id}",
        "blocked": f"{HOME}/jobs/{UNMAPPED.id}?connection=main",
        "items": f"{HOME}/jobs/2412087334600720?connection=main&items=difference",
        "sends": f"{HOME}/sends",
        "none": f"{HOME}/sends?state=cancelled",
        "ticked": f"{HOME}/sends?text=harbor&tick=page",
        "found": f"{HOME}/find?q=foods",
        "nothing-found": f"{HOME}/find?q=nobody",
        "no-page": f"{HOME}/nowhere",
        "no-job": f"{HOME}/jobs/999999999999",
        "failed": f"{HOME}/sends/{failed}",
        "settings": f"{HOME}/connections/main/settings",
        "new-connection": f"{HOME}/new-connection",
        "connections": f"{HOME}/connections",
        "connection": f"{HOME}/connections/west",
        "audit": f"{HOME}/audit",
        "plugin": f"{HOME}/connections/main/plugins/item_filter",
        "doubt": f"{HOME}/sends/{doubtful}",
        "missing": f"{HOME}/sends/snd_none",
        "mappings": f"{HOME}/mappings?connection=main",
        "doubts": f"{HOME}/doubts",
        "cause": f"{HOME}/causes/MAP_SITE_MISSING",
    }


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str) -> None:
    scene.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "connection refused"))
    await scene.send(replace(JOB, id="2412087334600721"))
    await scene.work()
    page = await signed_in(browser, scene, scheme=scheme)
    for name, address in (await addresses(scene)).items():
        await page.goto(address)
        assert await accessibility_faults(page) == [], name
        measured = await page.evaluate(TOO_FAINT)
        assert measured["faint"] == [], name
        assert await page.get_by_role("heading", level=1).count() == 1, name
        await picture(page, f"{name}-{scheme}")
    await page.context.clear_cookies()
    await page.goto("/sign-in")
    assert await accessibility_faults(page) == []


@pytest.mark.long
@pytest.mark.parametrize(("width", "zoom"), [(375, 1.0), (1100, 2.0)], ids=["phone", "zoomed"])
async def test_no_page_is_wider_than_its_window(browser: Browser, scene: Scene, width: int, zoom: float) -> None:
    page = await signed_in(browser, scene, width=width, zoom=zoom)
    for name, address in (await addresses(scene)).items():
        await page.goto(address)
        assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), name
        await picture(page, f"{name}-{width}")


@pytest.mark.long
@pytest.mark.parametrize("width", [1100, 320])
async def test_the_bar_of_actions_stays_in_view_and_hides_nothing_that_has_the_focus(
    browser: Browser, scene: Scene, width: int
) -> None:
    for number in range(30):
        await scene.send(replace(JOB, id=f"24120873346017{number:02}"))
    page = await signed_in(browser, scene, width=width)
    await page.goto(f"{HOME}/sends")
    button = page.get_by_role("button", name="Try again")
    await expect(button).to_be_in_viewport(ratio=1)
    boxes = page.get_by_role("checkbox")
    await boxes.nth(20).focus()
    await boxes.nth(20).scroll_into_view_if_needed()
    await expect(button).to_be_in_viewport(ratio=1)
    box, bar = await boxes.nth(20).bounding_box(), await page.locator(".acts").bounding_box()
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"]
    assert bar["height"] < 300
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"bar-{width}")


@pytest.mark.long
async def test_the_two_schemes_differ(browser: Browser, scene: Scene) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    shown = {await (await signed_in(browser, scene, scheme=scheme)).evaluate(paper) for scheme in ("light", "dark")}
    assert len(shown) == 2


@pytest.mark.long
async def test_the_keyboard_reaches_the_content_first(browser: Browser, scene: Scene) -> None:
    page = await signed_in(browser, scene)
    await page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert await focused.inner_text() == "Skip to the content"
    box = await focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0
