"""The office's three frequent journeys, from Home, with their clicks counted; with script and without."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from core.model.access.person import Role
from core.model.planning.job import JobSnapshot
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from tests.browser.chromium import BOTH, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, comes_to, picture, signed_in
from tests.edges.plugins.test_plugin_rehearsal import FEE, PART
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, TENANT, UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """A tenant without a connection."""
    async with api() as running:
        assert (await running.call("POST", "/v1/tenants", TENANT)).status == 201
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


@dataclass
class Clicks:
    """Counts what a hand does with the mouse; typing is no click, but Return is one."""

    page: Page
    made: int = 0

    async def click(self, target: Locator) -> None:
        self.made += 1
        await target.click()


async def add_completed(scene: Scene, job: JobSnapshot) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.add_job(job)
    for item in (PART, FEE):
        scene.service_trade.add_item(tenant.id, job.id, item)
    scene.service_trade.complete(tenant.id, job.id)


async def several_failed(scene: Scene) -> None:
    await scene.furnish_connection()
    for number in range(3):
        job = replace(UNMAPPED, id=f"24120873346008{number:02}", number=f"1060{number:02}")
        await scene.add_job(job)
        await scene.send(job)
    await scene.work()


@BOTH
async def test_a_failed_job_gets_its_code_and_goes_again(browser: Browser, scene: Scene, script: bool) -> None:
    await several_failed(scene)
    hand = Clicks(await signed_in(browser, scene, script=script))
    await hand.click(hand.page.locator("summary").filter(has_text="3 jobs"))
    await hand.page.get_by_label("Spectrum code of the site Cold Store").fill("COLD1")
    await picture(hand.page, "code-on-home", docs=True)
    await hand.click(hand.page.get_by_role("button", name="Save and send again"))
    await expect(hand.page.get_by_role("heading", level=1)).to_contain_text("of 3")
    await scene.work()
    assert [call["WO_Job_Number"] for call in scene.spectrum.calls] == ["COLD1"] * 3
    assert hand.made <= 3, "as the issue wants it"
    assert hand.made == 2


@BOTH
async def test_a_connection_is_added_and_tested_and_a_job_sent_with_items(
    browser: Browser, scene: Scene, script: bool
) -> None:
    await add_completed(scene, JOB)
    hand = Clicks(await signed_in(browser, scene, script=script))
    page = hand.page
    await hand.click(page.get_by_role("link", name="Add the Spectrum company"))
    await page.get_by_label("Short name").fill("main")
    await page.get_by_role("textbox", name="Name (required)", exact=True).fill("Spectrum")
    await page.get_by_label("External system in ServiceTrade").fill("spectrum")
    await page.get_by_label("Web Services URL").fill("https://spectrum.example.com:8482/ws")
    await page.get_by_label("Company code").fill("101")
    await page.get_by_label("Authorization ID").fill("AUTH-1")
    await hand.click(page.get_by_role("button", name="Add the connection"))
    await hand.click(page.get_by_role("button", name="Test it"))
    await expect(page.get_by_text("The test is finished.")).to_be_visible()
    await page.get_by_label("Job number or id").fill(JOB.number or "")
    await hand.click(page.get_by_label("With its items"))
    await hand.click(page.get_by_role("button", name="Show what would be sent"))
    await hand.click(page.get_by_role("button", name="Send Job to Spectrum with 2 items"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    await scene.work()
    assert (len(scene.spectrum.calls), len(scene.spectrum.lines)) == (1, 2), "the work order and its items"
    assert hand.made <= 6


@BOTH
async def test_an_item_to_check_is_settled(browser: Browser, scene: Scene, script: bool) -> None:
    await scene.furnish_connection()
    await add_completed(scene, JOB)
    scene.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer within 60 seconds"))
    await scene.send(items="new_only")
    await scene.work()
    hand = Clicks(await signed_in(browser, scene, script=script))
    await hand.click(hand.page.locator("summary").filter(has_text="Check in Spectrum"))
    await hand.page.get_by_label("What you saw").fill("It is in Work Order Inquiry.")
    await hand.click(hand.page.get_by_role("button", name="It is there"))
    assert hand.made == 2
    await scene.work()
    sends = (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]
    assert [one["state"] for one in sends] == ["sent"]


@BOTH
async def test_a_preview_gets_its_code_and_is_sent(browser: Browser, scene: Scene, script: bool) -> None:
    await scene.furnish_connection()
    await scene.add_job(UNMAPPED)
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    await page.get_by_label("Spectrum code of the site Cold Store").fill("COLD1")
    await page.get_by_role("button", name="Save and send", exact=True).click()
    await scene.work()
    await comes_to(page, "Work order T104483 is in Spectrum")


async def test_a_code_being_typed_survives_another_choice_of_items(browser: Browser, scene: Scene) -> None:
    await scene.furnish_connection()
    await add_completed(scene, replace(UNMAPPED, status="completed"))
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    await page.get_by_label("Spectrum code of the site Cold Store").fill("COLD1")
    await page.get_by_role("radio", name="Only items that were not posted yet").check()
    await expect(page.get_by_text("2 x GAUGE (Gauge)")).to_be_visible()
    await page.get_by_role("button", name="Save and send", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    await scene.work()
    assert len(scene.spectrum.lines) == 2, "with the items that were chosen last"


async def test_the_choice_that_was_not_shown_yet_is_not_sent_with_a_code(browser: Browser, scene: Scene) -> None:
    """Without a script nobody sees the plan of the new choice before the button is pressed."""
    await scene.furnish_connection()
    await add_completed(scene, replace(UNMAPPED, status="completed"))
    page = await signed_in(browser, scene, script=False)
    await page.goto(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    await page.get_by_label("Spectrum code of the site Cold Store").fill("COLD1")
    await page.get_by_role("radio", name="Only items that were not posted yet").check()
    await page.get_by_role("button", name="Save and send", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    await expect(page.get_by_label("Spectrum code of the site Cold Store")).to_have_value("COLD1")
    await page.get_by_role("button", name="Save and send", exact=True).click()
    await scene.work()
    assert len(scene.spectrum.lines) == 2


@BOTH
async def test_a_code_is_changed_and_the_change_undone(browser: Browser, scene: Scene, script: bool) -> None:
    await scene.furnish_connection()
    await scene.add_job(JOB)
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/mappings?connection=main")
    await page.get_by_role("link", name="Plant 2").click()
    for code in ("HV0008", "HV0009"):
        await page.get_by_label("Its code in Spectrum").fill(code)
        await page.get_by_role("button", name="Save as an alias").click()
    await page.get_by_role("button", name="Put HV0008 back").click()
    await expect(page.get_by_text("The former code is back.")).to_be_visible()
    await expect(page.get_by_label("Its code in Spectrum")).to_have_value("HV0008")
    await picture(page, "code-history", docs=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_codes_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str) -> None:
    await several_failed(scene)
    await scene.add_job(UNMAPPED)
    page = await signed_in(browser, scene, scheme=scheme)
    sends = (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]
    addresses = {
        "codes-home": HOME,
        "codes-cause": f"{HOME}/causes/MAP_SITE_MISSING",
        "codes-send": f"{HOME}/sends/{sends[0]['id']}",
        "codes-job": f"{HOME}/jobs/{UNMAPPED.id}?connection=main",
        "codes-list": f"{HOME}/mappings?connection=main",
        "codes-record": f"{HOME}/connections/main/codes/site/3",
    }
    for width in (1100, 320):
        await page.set_viewport_size({"width": width, "height": 900})
        for name, address in addresses.items():
            await page.goto(address)
            for summary in await page.locator("main summary").all():
                await summary.click()
            assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), (name, width)
            assert await accessibility_faults(page) == [], name
            assert (await page.evaluate(TOO_FAINT))["faint"] == [], name
            await picture(page, f"{name}-{scheme}-{width}")
