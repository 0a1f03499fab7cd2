"""Parts of pages that replace themselves take nothing from people: no typing, no choice, no open detail, no focus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from core.model.sending.answer import Exchange, NotSent, NotSentReason
from core.model.work_orders.cost_line import ItemsMode
from tests.browser.chromium import BOTH
from tests.browser.test_console_pages import ANN, HOME, signed_in
from tests.edges.plugins.test_plugin_rehearsal import FEE, PART
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, UNLIMITED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
STRANGE = replace(JOB, id="2412087334600730", number="104495", external_id="OTHERS1", status="completed")
AWAY = NotSent(NotSentReason.REFUSED, "nobody there")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """Each call to Spectrum leaves its request and its answer, and a job waits for somebody to say what is there."""
    async with api() as running:
        await running.furnish()
        write_header = running.spectrum.write_header

        async def recorded(*asked: Any, **more: Any) -> Exchange:
            return replace(await write_header(*asked, **more), request="<what went out/>", answer="<what came back/>")

        monkeypatch.setattr(running.spectrum, "write_header", recorded)
        await running.add_job(STRANGE)
        tenant = await running.use_cases.find_tenant("cardinal")
        for item in (PART, FEE):
            running.service_trade.add_item(tenant.id, STRANGE.id, item)
        running.service_trade.complete(tenant.id, STRANGE.id)
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def waiting_send(scene: Scene) -> str:
    scene.spectrum.answer_next(AWAY)
    send_id = await scene.send()
    await scene.work()
    return send_id


async def tried_again(scene: Scene, *answers: NotSent) -> None:
    """The worker's next try, after the pause."""
    if answers:
        scene.spectrum.answer_next(*answers)
    scene.clock.advance(3600)
    for connection in list(scene.transactions.rows.connections):
        scene.transactions.rows.woken.append(connection)
    await scene.work()


FOCUSED = "document.activeElement.id"


async def test_the_focus_stays_on_its_button_while_the_page_of_a_send_updates_itself(
    browser: Browser, scene: Scene
) -> None:
    send_id = await waiting_send(scene)
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/sends/{send_id}")
    button = page.get_by_role("button", name="Try again now")
    await button.focus()
    pressed = await button.element_handle()
    assert pressed is not None
    attempts = page.get_by_role("link", name="Request and response")
    before = await attempts.count()
    await tried_again(scene, AWAY)
    await expect(attempts).to_have_count(before + 1)
    assert await page.evaluate(FOCUSED) == "retry-button"
    assert await pressed.evaluate("one => one.isConnected"), "a press that has begun is not lost"
    await attempts.first.focus()
    name = await page.evaluate(FOCUSED)
    await tried_again(scene, AWAY)
    await expect(attempts).to_have_count(before + 2)
    assert await page.evaluate(FOCUSED) == name


@BOTH
async def test_while_a_send_is_under_way_its_page_has_nothing_that_a_reload_could_close(
    browser: Browser, scene: Scene, script: bool
) -> None:
    send_id = await waiting_send(scene)
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/sends/{send_id}")
    live = page.locator("#live")
    await expect(live.locator("details, input:not([type=hidden]), select, textarea")).to_have_count(0)
    await page.get_by_role("link", name="Request and response").first.click()
    details = page.locator("details").last
    await details.locator("summary").click()
    await expect(details.locator("pre").first).to_be_visible()
    await expect(page.locator("[http-equiv=refresh]")).to_have_count(0)
    await expect(page.locator("[sse-connect]")).to_have_count(0)
    await tried_again(scene)
    await expect(details.locator("pre").first).to_be_visible()


async def test_a_page_that_is_not_told_of_changes_looks_now_and_then(browser: Browser) -> None:
    """Its person has as many pages open as are told of changes."""
    async with api(limits=replace(UNLIMITED, streams_per_person=0)) as scene:
        await scene.furnish()
        await person(scene, ANN, Role.ADMINISTRATOR)
        send_id = await waiting_send(scene)
        page = await signed_in(browser, scene)
        await page.clock.install()
        async with page.expect_response(lambda answer: "/events" in answer.url and answer.status == 429):
            await page.goto(f"{HOME}/sends/{send_id}")
        await tried_again(scene)
        await expect(page.locator("#live")).to_contain_text("tries again")
        await page.clock.fast_forward(16_000)
        await expect(page.locator("#live")).not_to_contain_text("tries again")
        await expect(page.locator("[hx-trigger]")).to_have_count(0)
        assert scene.broken == []


async def standing_form(browser: Browser, scene: Scene) -> Page:
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/jobs/{STRANGE.id}?connection=main&items=new_only")
    await page.get_by_label("Only these are there:").check()
    await page.get_by_role("checkbox", name=PART.name).check()
    await page.get_by_label("What you saw").fill("Seen in Work Order Inquiry")
    return page


async def test_what_was_typed_beside_the_choice_of_items_stays_while_the_plan_is_worked_out(
    browser: Browser, scene: Scene
) -> None:
    page = await standing_form(browser, scene)
    for mode in (ItemsMode.AGAIN, ItemsMode.NONE, ItemsMode.DIFFERENCE):
        async with page.expect_response(lambda answer: "items=" in answer.url):
            await page.locator(f"#items-{mode.value}").check()
        if mode is ItemsMode.NONE:
            await expect(page.get_by_label("What you saw")).to_have_count(0)
            continue
        await expect(page.get_by_label("What you saw")).to_have_value("Seen in Work Order Inquiry")
        await expect(page.get_by_label("Only these are there:")).to_be_checked()
        await expect(page.get_by_role("checkbox", name=PART.name)).to_be_checked()
        await expect(page.locator(f"#items-{mode.value}")).to_be_checked()
    await page.get_by_role("button", name="Save the answer").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved")
    await expect(page.locator("#items-difference")).to_be_checked()


async def test_typing_goes_on_where_it_was_when_a_late_answer_comes(browser: Browser, scene: Scene) -> None:
    page = await standing_form(browser, scene)
    async with page.expect_response(lambda answer: "items=again" in answer.url):
        await page.evaluate(
            """() => { document.getElementById('items-again').click();
                       const said = document.getElementById('standing-reason');
                       said.focus(); said.setSelectionRange(4, 4); }"""
        )
    await expect(page.locator("#items-again")).to_be_checked()
    await page.keyboard.type("!")
    await expect(page.get_by_label("What you saw")).to_have_value("Seen! in Work Order Inquiry")
