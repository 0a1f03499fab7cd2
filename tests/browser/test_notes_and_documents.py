"""Note, marker and documents on the preview of a job and on the page of its send, and the verdict about one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from core.model.access.person import Role
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.work_orders.paperwork import Attachment
from tests.browser.chromium import LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, picture, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
LONG = "Replace the check valve on riser two and retest it. " * 6
DONE = replace(JOB, id="2412087334600721", number="104491", status="completed", description=LONG)


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        switched_on = {"note_topic": "JOBFERRY", "marker_field": "UDF7", "send_paperwork": True}
        path = "/v1/tenants/cardinal/connections/main"
        assert (await running.call("PATCH", path, switched_on, headers={"If-Match": "*"})).status == 200
        await person(running, ANN, Role.ADMINISTRATOR)
        tenant = await running.use_cases.find_tenant("cardinal")
        await running.add_job(DONE)
        running.service_trade.attach(tenant.id, DONE.id, Attachment("77", "signed.pdf", 14), b"%PDF-1.7 signed")
        running.service_trade.attach(tenant.id, DONE.id, Attachment("78", "riser.mp4", 14), b"no paper")
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


@LOOKS
async def test_they_are_seen_before_and_after_and_settled(
    browser: Browser, scene: Scene, scheme: str, width: int
) -> None:
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await page.goto(f"/t/cardinal/jobs/{DONE.id}?connection=main")
    await page.get_by_text("104491 and the end of the send's id").wait_for()
    await page.get_by_text("riser.mp4 (only pdf").wait_for()
    await fine(page, f"annotations-preview-{scheme}-{width}")
    scene.spectrum.answer_next(Accepted(), Accepted(), Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer"))
    send = await scene.send(DONE)
    await scene.work()
    await page.goto(f"/t/cardinal/sends/{send}")
    await page.get_by_text("Document: signed.pdf").wait_for()
    await fine(page, f"annotations-send-{scheme}-{width}")
    await page.get_by_label("What you saw").fill("It is among the documents.")
    await page.get_by_role("button", name="It is there").click()
    await page.get_by_text("Note or document checked in Spectrum").wait_for()


async def fine(page: Page, name: str) -> None:
    assert await accessibility_faults(page) == []
    assert (await page.evaluate(TOO_FAINT))["faint"] == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, name)
