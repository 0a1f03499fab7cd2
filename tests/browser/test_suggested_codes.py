"""A new tenant with 200 companies and 400 locations without a code: from "connect" to all sendable, counted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.model.access.person import Role
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggestion import RecordToMap
from core.model.planning.job import Party
from tests.browser.chromium import LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.browser.test_counted_journeys import Clicks
from tests.support.browser_scene import person
from tests.support.http_scene import CONNECTION, JOB, TENANT, Scene, api
from tests.support.work_when_due import working_when_due

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]

COMPANIES, LOCATIONS_EACH = 200, 2
MOST_CLICKS = 12
_FIRST = (
    "Oak Pine Harbor Cedar Mill Stone River Lake Summit Valley Prairie Canyon Delta Granite Maple Birch Coral Falcon"
)
_SECOND = "Foods Logistics Apartments Hospital Bakery Cinema Storage Hotel Library Foundry Brewery Clinic"
_TOWNS = "Raleigh Durham Cary Apex Wilson Garner Clayton Sanford Wendell Zebulon"
_ROADS = "Main Foundry Depot Market Church Elm Walnut Spring Bridge Park Union Grove"


@dataclass(frozen=True)
class Made:
    """A record of ServiceTrade and the same in Spectrum, as people write both. `clear`: the two are alike enough."""

    record: RecordToMap
    listed: ListedCode | None


def made_companies() -> Iterator[Made]:
    first, second, towns, roads = (words.split() for words in (_FIRST, _SECOND, _TOWNS, _ROADS))
    for number in range(COMPANIES):
        letters = chr(65 + number % 23) + chr(65 + number % 19)
        name = f"{first[number % len(first)]} {second[number // len(first) % len(second)]} {letters}"
        street, town = f"{100 + 7 * number} {roads[number % len(roads)]} St", towns[number % len(towns)]
        phone = f"919-555-{1000 + number}"
        record = RecordToMap(
            kind=AliasKind.CUSTOMER,
            id=str(1000 + number),
            name=f"{name} Inc",
            street=street,
            city=town,
            state="NC",
            postal_code=f"27{500 + number % 50}",
            phone=phone,
        )
        listed = ListedCode(
            kind=AliasKind.CUSTOMER,
            code=f"CU{number:04}",
            name=f"{name.upper()} INC.",
            street=street.replace(" St", " Street"),
            city=town,
            state="NC",
            postal_code=record.postal_code,
            phone=phone.replace("-", ""),
        )
        yield Made(record, listed)


def made_locations(companies: list[Made]) -> Iterator[Made]:
    roads = _ROADS.split()
    for place, company in enumerate(companies):
        assert company.listed
        for number in range(LOCATIONS_EACH):
            street = f"{9 + 11 * place} {roads[(place + number) % len(roads)]} {'Ave' if number else 'Rd'}"
            words = "Warehouse" if number else "Main Plant"
            name = f"{company.record.name.removesuffix(' Inc')} {words}"
            record = RecordToMap(
                kind=AliasKind.SITE,
                id=str(50_000 + place * LOCATIONS_EACH + number),
                name=name,
                street=street,
                city=company.record.city,
                state="NC",
                postal_code=company.record.postal_code,
                customer_id=company.record.id,
            )
            listed = ListedCode(
                kind=AliasKind.SITE,
                code=f"S{place:04}{number}",
                name=name.upper(),
                street=street,
                city=company.record.city,
                state="NC",
                postal_code=company.record.postal_code,
                customer_code=company.listed.code,
            )
            yield Made(record, listed)


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    """A tenant whose ServiceTrade is full, without a connection. A worker carries out what is due."""
    async with api() as running:
        assert (await running.call("POST", "/v1/tenants", TENANT)).status == 201
        await person(running, ANN, Role.ADMINISTRATOR)
        async with working_when_due(running):
            yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


async def fill(scene: Scene) -> int:
    """Put the records into ServiceTrade, with upcoming jobs of some; return how many records."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    companies = list(made_companies())
    locations = list(made_locations(companies))
    for one in (*companies, *locations):
        scene.service_trade.records.put(tenant.id, one.record)
    for number in range(0, len(locations), 20):
        site, customer = locations[number].record, companies[number // LOCATIONS_EACH].record
        job = replace(
            JOB,
            id=str(2412087000000000 + number),
            number=str(300_000 + number),
            status="scheduled",
            customer=Party(id=customer.id, name=customer.name),
            location=Party(id=site.id, name=site.name),
            contract=None,
        )
        await scene.add_job(job)
    return len(companies) + len(locations)


async def read_lists(scene: Scene) -> None:
    """As the worker reads the customers from Spectrum, and the office imports the sites."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    companies = list(made_companies())
    listed = [one.listed for one in (*companies, *made_locations(companies)) if one.listed]
    async with scene.transactions.begin(tenant.id) as t:
        await t.code_lists.store(connection.id, listed)
        for kind in (AliasKind.CUSTOMER, AliasKind.SITE):
            await t.code_lists.set_state(
                connection.id, ListState(kind=kind, complete=True, read_at=await t.now(), trouble=None)
            )


async def without_a_code(scene: Scene) -> int:
    """How many of ServiceTrade's records have no external id."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    kinds = (AliasKind.CUSTOMER, AliasKind.SITE)
    found = [one for kind in kinds for one in scene.service_trade.records.of(tenant.id, kind)]
    return sum(not one.codes.get("spectrum") for one in found)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_six_hundred_records_are_sendable_after_a_few_clicks(
    browser: Browser, scene: Scene, script: bool
) -> None:
    assert await fill(scene) == 600
    await scene.furnish_connection()
    await read_lists(scene)
    page = await signed_in(browser, scene, script=script)
    clicks, began = Clicks(page), time.monotonic()
    await clicks.click(page.get_by_role("link", name=f"Find codes of {CONNECTION['name']}"))
    await clicks.click(page.get_by_role("button", name="Find codes"))
    await expect(page.get_by_role("button", name="that are ticked")).to_be_visible(timeout=60_000)
    await picture(page, "suggested-codes", docs=True)
    searched = time.monotonic() - began
    rounds = 0
    while await without_a_code(scene):
        rounds += 1
        button = page.get_by_role("button", name="Set ").first
        await expect(button).to_be_visible(timeout=60_000)
        await clicks.click(button)
        await expect(page.get_by_text("Codes are being set")).to_have_count(0, timeout=120_000)
        assert clicks.made <= MOST_CLICKS, f"{await without_a_code(scene)} have no code after {clicks.made} clicks"
        if await without_a_code(scene):
            await page.goto(f"{HOME}/connections/main/suggestions")
    seconds = time.monotonic() - began
    print(f"600 records: {clicks.made} clicks, {rounds} rounds, {searched:.1f} s to find, {seconds:.1f} s to all set")
    assert clicks.made <= MOST_CLICKS
    assert await without_a_code(scene) == 0
    tenant = await scene.use_cases.find_tenant("cardinal")
    ready = await scene.use_cases.check_readiness(tenant.id, "main")
    assert (ready.jobs, ready.failing) == (20, 0)


@LOOKS
async def test_these_pages_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    await fill(scene)
    await scene.furnish_connection()
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    here = f"{HOME}/connections/main/suggestions"
    await page.goto(here)
    await looked_at(page, f"suggestions-new-{scheme}-{width}")
    await read_lists(scene)
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.records.put(tenant.id, RecordToMap(kind=AliasKind.CUSTOMER, id="9", name="Zebra Holdings"))
    for code in ("Q1", "Q2"):
        connection = await scene.use_cases.find_connection(tenant.id, "main")
        async with scene.transactions.begin(tenant.id) as t:
            await t.code_lists.store(
                connection.id, [ListedCode(kind=AliasKind.CUSTOMER, code=code, name="Zebra Holdings")]
            )
    await page.get_by_role("button", name="Find codes").click()
    await expect(page.get_by_role("button", name="that are ticked")).to_be_visible(timeout=60_000)
    for group in ("clear", "doubtful", "nothing", "waiting", "set"):
        await page.goto(f"{here}?group={group}")
        await looked_at(page, f"suggestions-{group}-{scheme}-{width}")
    await page.goto(f"{here}/customer/9?search=oak")
    await looked_at(page, f"suggested-record-{scheme}-{width}")


async def test_the_button_counts_the_ticks_as_they_change(browser: Browser, scene: Scene) -> None:
    await fill(scene)
    await scene.furnish_connection()
    await read_lists(scene)
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/connections/main/suggestions")
    await page.get_by_role("button", name="Find codes").click()
    await expect(page.get_by_role("button", name="Set all 600 codes")).to_be_visible(timeout=60_000)
    boxes = page.get_by_role("checkbox")
    for place in range(3):
        await boxes.nth(place).uncheck()
    await expect(page.get_by_role("button", name="Set all 597 codes")).to_be_visible()
    await boxes.nth(1).check()
    await expect(page.get_by_role("button", name="Set all 598 codes")).to_be_visible()
    await page.goto(f"{HOME}/connections/main/suggestions")
    await expect(page.get_by_role("button", name="Set all 598 codes")).to_be_visible()


async def looked_at(page: Page, name: str) -> None:
    assert await accessibility_faults(page) == [], name
    assert (await page.evaluate(TOO_FAINT))["faint"] == [], name
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW), name
    await picture(page, name)
