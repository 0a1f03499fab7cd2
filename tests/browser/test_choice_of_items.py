"""What is posted is what was chosen on the page, also while ServiceTrade answers slowly; with script and without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from core.model.planning.job import JobSnapshot
from core.model.work_orders.cost_line import ItemsMode
from tests.browser.chromium import BOTH
from tests.browser.test_console_pages import ANN, HOME, signed_in
from tests.edges.plugins.test_plugin_rehearsal import FEE, PART
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
MODES = {
    ItemsMode.NONE: "None",
    ItemsMode.NEW_ONLY: "Only items that were not posted yet",
    ItemsMode.DIFFERENCE: "The difference to what was posted",
    ItemsMode.AGAIN: "Post everything again (creates duplicates)",
}
EACH_MODE = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)


@dataclass
class SlowJobs:
    """ServiceTrade's answers about the job: each waits for its own event, in the order of the questions."""

    asked: list[asyncio.Event] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @contextmanager
    def slow_down(self, scene: Scene) -> Iterator[None]:
        """At the end all are answered, so that the server can stop."""
        at_once = scene.service_trade.read_job

        async def read_job(*asked: object) -> JobSnapshot:
            answered = asyncio.Event()
            self.asked.append(answered)
            async with self.arrived:
                self.arrived.notify_all()
            await answered.wait()
            return await at_once(*asked)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scene.service_trade, "read_job", read_job)
            try:
                yield
            finally:
                for answered in self.asked:
                    answered.set()

    async def question(self, number: int) -> asyncio.Event:
        """Wait for the question with this number; setting the event answers it."""
        async with asyncio.timeout(20), self.arrived:
            await self.arrived.wait_for(lambda: len(self.asked) >= number)
        return self.asked[number - 1]


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """A completed job with two items that were posted once."""
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        for item in (PART, FEE):
            running.service_trade.add_item(tenant.id, JOB.id, item)
        running.service_trade.complete(tenant.id, JOB.id)
        await running.send(items="new_only")
        await running.work()
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def modes_sent(scene: Scene) -> list[str]:
    """The modes of all sends but the fixture's, oldest first."""
    sends = (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]
    return [send["items"] for send in sends[::-1]][1:]


async def job_page(browser: Browser, scene: Scene, *, script: bool, query: str = "") -> Page:
    page = await signed_in(browser, scene, script=script)
    await page.goto(f"{HOME}/jobs/{JOB.id}?connection=main{query}")
    return page


async def choose_and_press(page: Page, mode: ItemsMode) -> None:
    """Choose and press the button in one go, before anything can answer."""
    await page.evaluate(
        """(mode) => { document.getElementById('items-' + mode).click();
                       document.getElementById('send-button').click(); }""",
        mode.value,
    )


@EACH_MODE
@BOTH
async def test_the_chosen_mode_is_sent(browser: Browser, scene: Scene, script: bool, mode: ItemsMode) -> None:
    start = ItemsMode.NONE if mode is not ItemsMode.NONE else ItemsMode.AGAIN
    page = await job_page(browser, scene, script=script, query=f"&items={start.value}")
    await page.get_by_role("radio", name=MODES[mode]).check()
    items = {ItemsMode.NONE: "", ItemsMode.AGAIN: " with 2 items again"}.get(mode, " without items")
    button = page.get_by_role("button", name=f"Send Job to Spectrum{items}", exact=True)
    if not script:
        await page.get_by_role("button", name="Send Job to Spectrum").click()
        await expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
        await expect(page.get_by_role("radio", name=MODES[mode])).to_be_checked()
        assert await modes_sent(scene) == [], "it was planned for another choice"
    await button.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    assert await modes_sent(scene) == [mode.value]


@EACH_MODE
async def test_a_quick_press_does_not_send_the_former_choice(browser: Browser, scene: Scene, mode: ItemsMode) -> None:
    start = ItemsMode.NONE if mode is not ItemsMode.NONE else ItemsMode.AGAIN
    page = await job_page(browser, scene, script=True, query=f"&items={start.value}")
    slow = SlowJobs()
    with slow.slow_down(scene):
        await choose_and_press(page, mode)
        answer = await slow.question(1)
        await expect(page.get_by_text("Working out what would be sent")).to_be_visible()
        await expect(page.locator("#send-button")).to_be_disabled()
        answer.set()
    await expect(page.locator("#send-button")).to_be_enabled()
    assert await modes_sent(scene) == []
    await expect(page.get_by_role("radio", name=MODES[mode])).to_be_checked()


async def test_an_answer_that_comes_late_does_not_change_the_choice(browser: Browser, scene: Scene) -> None:
    page = await job_page(browser, scene, script=True)
    slow = SlowJobs()
    button = page.get_by_role("button", name="Send Job to Spectrum without items")
    with slow.slow_down(scene):
        await page.get_by_role("radio", name=MODES[ItemsMode.AGAIN]).check()
        late = await slow.question(1)
        await page.get_by_role("radio", name=MODES[ItemsMode.NEW_ONLY]).check()
        (await slow.question(2)).set()
        await expect(button).to_be_enabled()
        late.set()
        await page.wait_for_load_state("networkidle")
    await expect(page.get_by_role("radio", name=MODES[ItemsMode.NEW_ONLY])).to_be_checked()
    await expect(button).to_be_enabled()


async def test_a_plan_that_cannot_be_worked_out_is_not_sent(browser: Browser, scene: Scene) -> None:
    """The network fails while the plan is worked out: the button is there again, and shows the new plan first."""
    page = await job_page(browser, scene, script=True)
    await page.route("**/jobs/*", lambda route: route.abort())
    await page.get_by_role("radio", name=MODES[ItemsMode.AGAIN]).check()
    await expect(page.locator("#send-button")).to_be_enabled()
    await page.unroute("**/jobs/*")
    await page.locator("#send-button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    assert await modes_sent(scene) == []
    await page.get_by_role("button", name="Send Job to Spectrum with 2 items again").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The send is under way")
    assert await modes_sent(scene) == ["again"]
