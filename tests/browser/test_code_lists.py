"""Spectrum's lists of codes in a real browser: read, searched, imported, and offered while somebody types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListTrouble
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import UNMAPPED, Scene, api

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
PAGE = f"{HOME}/connections/main/code-lists"
SITES = b"Site No;Label;City\nHV-1;Harborview North;Oakland\nHV-2;Harborview South;Oakland\n;nobody;\n"


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        codes = [
            ListedCode(
                kind=AliasKind.CUSTOMER,
                code=f"HARV{number:02}",
                name=f"Harborview Foods, branch {number}",
                street=f"{number} Old Quay Street",
                city="Oakland",
                state="CA",
            )
            for number in range(60)
        ]
        running.spectrum.lists.put("101", codes)
        running.spectrum.lists.troubles[AliasKind.ITEM] = ListTrouble.NOT_ALLOWED
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == []


async def read(scene: Scene) -> None:
    """As a worker does."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.refresh_lists(tenant.id, (await scene.use_cases.find_connection(tenant.id, "main")).id)


@BOTH
async def test_lists_are_read_and_a_file_of_sites_is_imported(browser: Browser, scene: Scene, script: bool) -> None:
    page = await signed_in(browser, scene, script=script)
    await page.goto(PAGE)
    await page.get_by_role("button", name="Read the lists now").click()
    await expect(page.get_by_role("status")).to_contain_text("You can go on working")
    await read(scene)
    await expect(page.get_by_role("row", name="Customers")).to_contain_text("complete")
    await page.get_by_label("File that Spectrum exported").set_input_files(
        {"name": "sites.csv", "mimeType": "text/csv", "buffer": SITES}
    )
    await page.get_by_role("button", name="Show what it would change").click()
    await expect(page.get_by_text("Sites: 2 new")).to_be_visible()
    await page.get_by_label("Name", exact=True).select_option("Label")
    await page.get_by_role("button", name="Look again with these columns").click()
    await expect(page.get_by_role("row", name="HV-1")).to_contain_text("Harborview North")
    await picture(page, "list-import")
    await page.get_by_role("button", name="Import the file").click()
    await expect(page.get_by_role("status")).to_have_text("The file is imported.")
    await expect(page.get_by_role("row", name="HV-2")).to_contain_text("an imported file")


async def test_a_code_field_offers_listed_codes_while_somebody_types(browser: Browser, scene: Scene) -> None:
    await read(scene)
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        connection = await t.connections.by_slug("main")
        site = ListedCode(kind=AliasKind.SITE, code="HV-9", name="Harborview Pier")
        await t.code_lists.store(connection.id, [site])
    page = await signed_in(browser, scene)
    await page.goto(f"{HOME}/sends/{send_id}")
    field = page.get_by_label("Spectrum code of the site")
    await field.press_sequentially("pier")
    options = page.locator(f"#{await field.get_attribute('list')} option")
    await expect(options).to_have_count(1)
    assert await options.first.get_attribute("value") == "HV-9"


@pytest.mark.long
@LOOKS
async def test_the_page_can_be_used_by_everybody(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    await read(scene)
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await page.goto(PAGE)
    assert await accessibility_faults(page) == []
    assert (await page.evaluate(TOO_FAINT))["faint"] == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"code-lists-{scheme}-{width}")
    await page.get_by_label("File that Spectrum exported").set_input_files(
        {"name": "sites.csv", "mimeType": "text/csv", "buffer": SITES}
    )
    await page.get_by_role("button", name="Show what it would change").click()
    assert await accessibility_faults(page) == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"list-import-{scheme}-{width}")
