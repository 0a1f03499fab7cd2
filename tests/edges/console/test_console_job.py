"""The page of a job: what job it is, and which connection is chosen for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest_asyncio

from core.model.planning.job import Party
from core.model.shared.errors import TimeMends
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, JOB, Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/jobs/{JOB.id}"
WEST = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
UNMAPPED_CUSTOMER = Party(id="9", name="Harborview Foods")


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """Two connections; the job's customer is mapped under neither."""
    async with api() as running:
        await running.furnish()
        assert (await running.call("POST", "/v1/tenants/cardinal/connections", WEST)).status == 201
        await running.add_job(replace(JOB, customer=UNMAPPED_CUSTOMER))
        yield running


async def map_customer(scene: Scene, system: str) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.jobs[tenant.id, JOB.id].codes["customer", system] = "HARVIEW"


async def alias_customer(scene: Scene, connection: str) -> None:
    alias = {"kind": "customer", "servicetrade_id": "9", "name": "Harborview", "code": "HARVW"}
    body = {"connection": connection, "aliases": [alias]}
    assert (await scene.call("POST", "/v1/tenants/cardinal/aliases", body)).status in (200, 201)


async def opened(scene: Scene, address: str = PAGE) -> Browser:
    return await (await somebody(scene)).open(address)


def chosen(browser: Browser) -> str | None:
    found = [one.text_content() for one in browser.page.iter("a") if one.get("aria-current") == "true"]
    return str(found[0]) if found else None


async def test_the_page_names_customer_site_status_and_day(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.jobs[tenant.id, JOB.id].scheduled = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
    assert (await scene.call("PATCH", "/v1/tenants/cardinal", {"time_zone": "America/Chicago"})).status == 200
    browser = await opened(scene)
    facts = [one.text_content() for one in browser.page.iter("dd")]
    assert facts == ["Harborview Foods", "Plant 2", "Scheduled", "4 Mar 2026"], "a day of the tenant's time zone"
    assert "Job 104482 · Jobferry" in browser.text


async def test_a_job_without_customer_and_day_says_so(scene: Scene) -> None:
    await scene.add_job(replace(JOB, customer=None, location=None, status="pending_invoice"))
    browser = await opened(scene)
    assert [one.text_content() for one in browser.page.iter("dd")] == [
        "none",
        "none",
        "Pending invoice",
        "not scheduled",
    ]


async def test_the_connection_where_the_customer_has_a_code_is_chosen(scene: Scene) -> None:
    assert chosen(await opened(scene)) is None
    await map_customer(scene, "west")
    browser = await Browser(scene).sign_in("ann@example.com")
    await browser.open(PAGE)
    assert chosen(browser) == "Send Job to Spectrum West"
    assert "Spectrum West is chosen for you: the customer has a Spectrum code for this connection." in browser.said
    assert "What would be sent" in browser.said


async def test_an_alias_counts_as_a_code(scene: Scene) -> None:
    await alias_customer(scene, "west")
    assert chosen(await opened(scene)) == "Send Job to Spectrum West"


async def test_nothing_is_chosen_for_a_customer_with_codes_for_two_connections(scene: Scene) -> None:
    await map_customer(scene, "spectrum")
    await alias_customer(scene, "west")
    assert chosen(await opened(scene)) is None


async def test_the_connection_of_the_last_send_goes_before_the_customers_code(scene: Scene) -> None:
    await map_customer(scene, "spectrum")
    await scene.send()
    await scene.work()
    await alias_customer(scene, "west")
    browser = await opened(scene)
    assert chosen(browser) == "Send Job to Spectrum"
    assert "the job was last sent to this connection." in browser.said


async def test_a_number_of_somebody_else_on_the_job_shows_its_connection(scene: Scene) -> None:
    await map_customer(scene, "spectrum")
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.jobs[tenant.id, JOB.id].external_ids["west"] = "W104482"
    assert chosen(await opened(scene)) == "Send Job to Spectrum West"


async def test_a_paused_connection_is_not_chosen_nor_another_one_in_its_place(scene: Scene) -> None:
    await map_customer(scene, "west")
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections/west/pause")).status == 200
    browser = await opened(scene)
    assert chosen(browser) is None
    assert "Not now: this connection is paused." in browser.said


async def test_a_choice_in_the_address_is_kept(scene: Scene) -> None:
    await map_customer(scene, "west")
    browser = await opened(scene, f"{PAGE}?connection=main")
    assert chosen(browser) == "Send Job to Spectrum"
    assert "chosen for you" not in browser.said


async def test_without_servicetrade_the_menu_is_still_there(scene: Scene) -> None:
    away = TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE")
    scene.service_trade.fail_next(away, call="describe_job")
    browser = await opened(scene)
    assert browser.status == 200
    assert "ServiceTrade did not answer" in browser.said
    assert "Send Job to Spectrum West" in browser.said


async def test_a_failing_look_at_the_customer_chooses_nothing(scene: Scene) -> None:
    await map_customer(scene, "west")
    scene.service_trade.fail_next(TimeMends("Away.", code="ST_UNREACHABLE"), call="customer_systems")
    browser = await opened(scene)
    assert (browser.status, chosen(browser)) == (200, None)


async def test_a_job_that_does_not_exist_is_a_404(scene: Scene) -> None:
    assert (await opened(scene, f"{HOME}/jobs/2412087334609999")).status == 404
