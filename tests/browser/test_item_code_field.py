"""The field of a missing item code in a real browser: on a phone, in both colour schemes, and used by hand."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from core.model.work_orders.item import JobItem
from tests.browser.chromium import WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("PICTURES")
VALVE = JobItem(
    id="71", name="Check valve 4in grooved", type="part", quantity=Decimal(2), cost=None, library_id="2020000000000501"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_item_code_is_entered_on_a_phone_and_the_job_goes_again(browser: Browser, scheme: str) -> None:
    async with api() as scene:
        await scene.furnish()
        tenant = await scene.use_cases.find_tenant("cardinal")
        await scene.add_job(JOB)
        scene.service_trade.add_item(tenant.id, JOB.id, VALVE)
        scene.service_trade.complete(tenant.id, JOB.id)
        send_id = await scene.send(JOB, items="new_only")
        await scene.work()
        await person(scene, "ann@example.com", Role.ADMINISTRATOR)
        page = await signed_in(browser, scene, width=320, scheme=scheme)
        for address in ("/t/cardinal", "/t/cardinal/mappings?connection=main", f"/t/cardinal/sends/{send_id}"):
            await page.goto(address)
            assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), address
            assert await accessibility_faults(page) == [], address
            if PICTURES:
                name = f"item-code-{scheme}-{address.split('/')[3][:8] if address.count('/') > 2 else 'home'}.png"
                await page.screenshot(path=Path(PICTURES) / name, full_page=True)
        field = page.get_by_label("Spectrum code of the item Check valve 4in grooved")
        await field.fill("CV-4G-GROOVED-TOO-LONG")
        assert await field.input_value() == "CV-4G-GROOVED-T", "no more than Spectrum takes"
        await page.get_by_role("button", name="Save and send again").click()
        await expect(page.get_by_role("button", name="Save and send again")).to_have_count(0)
        await scene.work()
        assert [line.fields["Item_Code"] for line in scene.spectrum.lines] == ["CV-4G-GROOVED-T"]
