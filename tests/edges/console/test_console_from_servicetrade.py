"""From ServiceTrade's page of a job to its Send menu: bookmarks, the extension's files, unknown addresses."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest_asyncio

from adapters.inbound.console.extension_zip import FILES, FOLDER
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from core.model.access.person import Role
from tests.support.browser_scene import PASSWORD, Browser, person, somebody
from tests.support.http_scene import CONNECTION, JOB, Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/from-servicetrade"
ADDRESS = f"https://app.servicetrade.com/job/{JOB.id}?tab=items"
WEST = {**CONNECTION, "slug": "west", "name": "Spectrum <West>", "external_system": "west", "company_code": "102"}


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def add_west(scene: Scene) -> None:
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", WEST)).status == 201


async def test_the_address_of_a_job_leads_to_its_send_menu(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(f"{PAGE}?page={quote(ADDRESS, safe='')}")
    assert browser.address == f"{HOME}/jobs/{JOB.id}"
    assert "Send menu" in browser.said
    await browser.open(f"{PAGE}?connection=main&page={quote(ADDRESS, safe='')}")
    assert browser.address == f"{HOME}/jobs/{JOB.id}?connection=main"


async def test_somebody_who_is_not_signed_in_gets_there_after_the_sign_in(scene: Scene) -> None:
    await person(scene, "ann@example.com", Role.SENDER)
    browser = await Browser(scene).open(f"{PAGE}?page={quote(ADDRESS, safe='')}")
    assert browser.address.startswith("/sign-in")
    await browser.press("Sign in", email="ann@example.com", password=PASSWORD)
    assert browser.address == f"{HOME}/jobs/{JOB.id}"


async def test_an_address_without_a_job_is_named_plainly(scene: Scene) -> None:
    address = quote("https://app.servicetrade.com/company/5<b>", safe="")
    browser = await (await somebody(scene)).open(f"{PAGE}?page={address}")
    assert browser.status == 404
    assert "No job was found in this address: https://app.servicetrade.com/company/5<b>" in browser.said


async def test_each_connection_has_its_bookmark(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(PAGE)
    assert len([one for one in browser.page.iter("a") if one.text_content().startswith("Jobferry: ")]) == 1
    await add_west(scene)
    await browser.open(PAGE)
    link = browser.link("Jobferry: Spectrum <West>")
    assert link.startswith("javascript:")
    assert f'"{scene.url}{PAGE}?connection=west&page="+encodeURIComponent(location.href)' in link
    assert browser.link("Jobferry: the Send menu")
    assert browser.headers["Content-Security-Policy"].count("script-src 'self';") == 1, (
        "the page itself runs none of it"
    )


async def test_the_extension_knows_its_account_and_asks_for_no_page(scene: Scene) -> None:
    await add_west(scene)
    browser = await somebody(scene)
    cookie = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
    async with scene.http.get(f"{scene.url}{PAGE}/extension.zip", headers=cookie) as answer:
        assert answer.headers["Content-Type"] == "application/zip"
        assert 'filename="jobferry-extension.zip"' in answer.headers["Content-Disposition"]
        content = await answer.read()
    with ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(files) == {f"jobferry-extension/{name}" for name in FILES}
    manifest = json.loads(files["jobferry-extension/manifest.json"])
    assert (manifest["manifest_version"], manifest["permissions"]) == (3, ["activeTab"])
    assert "host_permissions" not in manifest
    assert "content_scripts" not in manifest
    settings = files["jobferry-extension/settings.js"].partition("JOBFERRY = ")[2].rstrip().removesuffix(";")
    assert "<" not in settings
    assert json.loads(settings) == {
        "page": f"{scene.url}{PAGE}",
        "connections": [{"slug": "main", "name": "Spectrum"}, {"slug": "west", "name": "Spectrum <West>"}],
    }


def test_the_copy_in_the_documents_is_the_same_and_names_no_account() -> None:
    """Run: python -m docs.generate.extension"""
    copied = Path(__file__).parents[3] / "docs" / "extension"
    assert {path.name for path in copied.iterdir()} == set(FILES)
    for name in FILES:
        assert (copied / name).read_text() == (FOLDER / name).read_text()
    assert 'page: ""' in (copied / "settings.js").read_text()
