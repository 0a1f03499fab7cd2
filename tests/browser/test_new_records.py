"""New sites and customers in a real browser: every field is looked at, confirmed, listed, and settled after a doubt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from core.model.catalogue import finding
from core.model.creations.creation import CreationState
from core.model.mappings.alias import AliasKind
from core.model.mappings.suggestion import RecordToMap
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.support.browser_scene import person
from tests.support.creation_scene import NOW, a_creation
from tests.support.http_scene import Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
SITE, CUSTOMER = (f"{HOME}/connections/main/new/{which}" for which in ("site/3", "customer/4"))
LONG = "The Harborview Cold Storage and Distribution Association, Pier 9"


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        for kind, id, name in ((AliasKind.SITE, "3", "Cold Store, Pier 9"), (AliasKind.CUSTOMER, "4", LONG)):
            record = RecordToMap(kind=kind, id=id, name=name, street="9 Pier", city="Durham", state="North Carolina")
            running.service_trade.records.put(tenant.id, record)
        path = "/v1/tenants/cardinal/connections/main"
        switches = {"create_sites": True, "create_customers": True}
        assert (await running.call("PATCH", path, switches, headers={"If-Match": "*"})).status == 200
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == []


async def every_state(scene: Scene) -> None:
    """One creation of each state, with a long name, an answer and, where a person has to look, the reason."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        connection = await t.connections.by_slug("main")
        for number, state in enumerate(CreationState, 1):
            looks = state in (CreationState.IN_DOUBT, CreationState.REJECTED)
            code = "CREATE_IN_DOUBT" if state is CreationState.IN_DOUBT else "CREATE_CODE_TAKEN"
            one = a_creation(
                number,
                tenant_id=tenant.id,
                connection_id=connection.id,
                record_name=LONG,
                state=state,
                findings=(finding(code, "The code HARBORVIEW was sent."),) if looks else (),
                due_at=NOW if state is CreationState.QUEUED else None,
                sent_at=NOW if looks else None,
                quiet_until=NOW + timedelta(minutes=15) if looks else None,
                request="<soap:Envelope>" + "x" * 400 if looks else "",
                answer="<soap:Envelope>" if state is CreationState.REJECTED else "",
                outcome="timeout" if looks else "",
            )
            await t.creations.add(one)


@BOTH
async def test_a_site_is_looked_at_confirmed_and_cancelled(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.goto(SITE)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Create this site in Spectrum")
    await page.locator("[name='field.Site_State']").fill("North")
    await page.get_by_role("button", name="Check the values").click()
    state = page.locator("[name='field.Site_State']")
    await expect(state).to_have_value("North")
    await expect(state).to_have_attribute("aria-invalid", "true")
    await state.fill("NC")
    await page.get_by_role("button", name="Create it in Spectrum").click()
    await expect(page.get_by_text("Waits for the call to Spectrum")).to_be_visible()
    await page.get_by_role("link", name="All new records").click()
    await expect(page.get_by_role("row", name="Cold Store, Pier 9")).to_contain_text("Waits for the call")
    await page.get_by_role("link", name="Cold Store, Pier 9").click()
    await page.get_by_role("button", name="Cancel it").click()
    await expect(page.get_by_text("Cancelled")).to_be_visible()


@LOOKS
async def test_these_pages_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    look = f"{scheme}-{width}"
    await page.goto(f"{HOME}/new-records")
    await looked_at(page, f"new-records-none-{look}")
    await every_state(scene)
    for name, address in (("site", SITE), ("customer", CUSTOMER)):
        await page.goto(address)
        await looked_at(page, f"new-{name}-{look}")
    await page.get_by_text("Other fields of AddCustomer").click()
    await page.get_by_role("button", name="Create it in Spectrum").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await looked_at(page, f"new-customer-refused-{look}")
    for waiting in ("", "?show=waiting"):
        await page.goto(f"{HOME}/new-records{waiting}")
        await looked_at(page, f"new-records{'-waiting' if waiting else ''}-{look}")
    for number, state in enumerate(CreationState, 1):
        await page.goto(f"{HOME}/new-records/crn_{number}")
        if await page.get_by_text("The call, without its secrets").count():
            await page.get_by_text("The call, without its secrets").click()
        await looked_at(page, f"new-record-{state.value}-{look}")


async def looked_at(page: Page, name: str) -> None:
    assert await accessibility_faults(page) == [], name
    assert (await page.evaluate(TOO_FAINT))["faint"] == [], name
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), name
    await picture(page, name)
