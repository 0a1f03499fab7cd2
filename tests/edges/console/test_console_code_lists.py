"""Spectrum's lists of codes in the console: how they stand, a search, a new reading, an import, and code fields."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListTrouble
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import UNMAPPED, Scene, api

PAGE = "/t/cardinal/connections/main/code-lists"
SITES = "Site;Label;Status\r\nHV-1;Café Nord;A\r\nHV-2;South;I\r\n;none;A\r\n".encode("cp1252")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        running.spectrum.lists.put(
            "101",
            [
                ListedCode(kind=AliasKind.CUSTOMER, code="HARVIEW", name="Harborview <b>Foods", city="Oakland"),
                *(ListedCode(kind=AliasKind.ITEM, code=f"VALVE{n}", name="Check valve") for n in range(60)),
            ],
        )
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def read(scene: Scene) -> None:
    """As a worker does."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    await scene.refresh_lists(tenant.id, connection.id)


async def test_lists_are_read_on_demand_and_the_page_follows(scene: Scene, browser: Browser) -> None:
    await browser.open("/t/cardinal/mappings?connection=main")
    await browser.open(browser.link("Spectrum's lists of codes"))
    assert "not read yet" in browser.said
    assert "Spectrum offers no list of these." in browser.said
    await browser.press("Read the lists now")
    assert "is about to be read" in browser.said
    assert "every 2s" in browser.text
    await read(scene)
    await browser.open(PAGE)
    assert "complete" in browser.said
    assert "every 2s" not in browser.text


async def test_trouble_is_told_in_words(scene: Scene, browser: Browser) -> None:
    scene.spectrum.lists.troubles[AliasKind.CUSTOMER] = ListTrouble.NOT_ALLOWED
    await read(scene)
    await browser.open(PAGE)
    assert "Jobferry may not read this list. Spectrum's administrator can allow it" in browser.said


async def test_an_empty_list_is_told_as_read_and_not_as_failed(scene: Scene, browser: Browser) -> None:
    scene.spectrum.lists.troubles[AliasKind.ITEM] = ListTrouble.EMPTY
    await read(scene)
    await browser.open(PAGE)
    [row] = browser.page.xpath("//tr[contains(., 'Items')]")
    said = " ".join(row.text_content().split())
    assert "Read, and empty." in said
    assert "failed" not in said
    assert "never" not in said


async def test_codes_are_found_page_by_page(scene: Scene, browser: Browser) -> None:
    await read(scene)
    await browser.open(PAGE)
    await browser.press("Find codes", search="harbor foods")
    assert "HARVIEW" in browser.said
    assert "VALVE" not in browser.said
    await browser.press("Find codes", search="valve", kind="item")
    first = browser.said
    await browser.open(browser.link("Next page"))
    assert "VALVE9" in first + browser.said
    assert browser.link("First page")
    assert (await browser.open(f"{PAGE}?after=nowhere")).status == 422


async def test_a_file_is_looked_at_corrected_and_imported(browser: Browser) -> None:
    await browser.open(PAGE)
    await browser.upload("Show what it would change", SITES)
    assert "Sites: 2 new, 0 changed, 0 removed, 0 unchanged. Nothing is stored yet." in browser.said
    assert "Line 4, Site: the code is empty" in browser.said
    assert "No column was found for the name" in browser.said
    assert "no name" in browser.said
    await browser.press("Look again with these columns", **{"column.name": "Label"})
    assert "Café Nord" in browser.said
    assert "No column was found" not in browser.said
    look = browser.text
    await browser.press("Import the file")
    assert "The file is imported." in browser.said
    assert "Café Nord" in browser.said
    assert "inactive in Spectrum" in browser.said
    browser.text = look
    await browser.press("Import the file", **{"column.name": ""})
    assert browser.status == 409
    assert "is not the one that was looked at" in browser.said


async def test_a_file_without_a_column_of_codes_lets_people_choose_it(browser: Browser) -> None:
    await browser.open(PAGE)
    await browser.upload("Show what it would change", b"A,B\nHV-1,North\n")
    assert (browser.status, "which column holds the code" in browser.said) == (422, True)
    await browser.press("Look again with these columns", **{"column.code": "A", "column.name": "B"})
    assert (browser.status, "1 new" in browser.said) == (200, True)


async def test_a_viewer_sees_the_lists_and_changes_nothing(scene: Scene) -> None:
    viewer = await (await somebody(scene, Role.VIEWER)).open(PAGE)
    assert viewer.status == 200
    assert not viewer.page.xpath("//main//form[@method='post']")


async def test_a_code_field_offers_what_spectrum_has(scene: Scene, browser: Browser) -> None:
    await read(scene)
    await browser.open(f"{PAGE}/offer?kind=customer&code.customer.7=harborv")
    assert browser.text.strip() == '<option value="HARVIEW">Harborview &lt;b&gt;Foods, Oakland</option>'
    await browser.open(f"{PAGE}/offer?kind=site&code=harborv")
    assert browser.text.strip() == ""
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    for address in (
        f"/t/cardinal/sends/{send_id}",
        "/t/cardinal",
        f"/t/cardinal/jobs/{UNMAPPED.id}?connection=main",
        "/t/cardinal/connections/main/codes/site/3",
        "/t/cardinal/mappings?connection=main",
    ):
        await browser.open(address)
        fields = browser.page.xpath("//input[contains(@hx-get, '/code-lists/offer')]")
        assert fields, address
        for one in fields:
            assert one.get("hx-target") == f"#{one.get('list')}"
            assert browser.page.get_element_by_id(one.get("list")).tag == "datalist"
