"""Where a connection's list of codes can be read, a code that is not in it is refused, whichever way it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from tests.support.browser_scene import Browser, somebody
from tests.support.code_list_scene import put_list
from tests.support.http_scene import JOB, UNMAPPED, Scene, api, is_problem

T = "/v1/tenants/cardinal"
CODE = "code.site.3"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Company 101 has two sites; of its customers nothing is known."""
    async with api() as running:
        await running.furnish()
        await list_sites(running, "HV0002", "COLD1")
        yield running


async def list_sites(scene: Scene, *codes: str, complete: bool = True) -> None:
    [connection] = (stored.connection for stored in scene.transactions.rows.connections.values())
    whose = (scene.transactions, connection.tenant_id, connection.id)
    await put_list(*whose, AliasKind.SITE, codes, read_at=scene.clock.now(), complete=complete)


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def test_a_code_made_up_is_refused_in_place(scene: Scene, browser: Browser) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    await browser.open(f"/t/cardinal/sends/{send_id}")
    await browser.press("Save and send again", **{CODE: "MADEUP"})
    assert browser.status == 422
    assert "Spectrum company 101 does not have these codes: site MADEUP. Nothing was saved." in browser.said
    await browser.press("Save and send again", **{CODE: "COLD1"})
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD1"


async def test_a_code_made_up_is_refused_in_the_preview_and_in_the_list(scene: Scene, browser: Browser) -> None:
    for address, button, field in (
        (f"/t/cardinal/jobs/{UNMAPPED.id}?connection=main", "Save and send", CODE),
        (f"/t/cardinal/jobs/{UNMAPPED.id}?connection=main", "Save and show the plan", CODE),
        ("/t/cardinal/connections/main/codes/site/3", "Save as an alias", "code"),
        ("/t/cardinal/connections/main/codes/site/3", "Write it to ServiceTrade", "code"),
    ):
        await browser.open(address)
        await browser.press(button, **{field: "MADEUP"})
        assert (browser.status, "does not have these codes" in browser.said) == (422, True), button
    assert "write_code" not in scene.service_trade.calls
    assert scene.transactions.rows.aliases == {}
    assert scene.transactions.rows.sends == {}


async def test_programs_and_files_are_refused_too(scene: Scene) -> None:
    made_up = {"kind": "site", "servicetrade_id": "3", "code": "MADEUP"}
    asked = {"connection": "main", "aliases": [{**made_up, "code": "COLD1"}, {**made_up, "servicetrade_id": "4"}]}
    refused = await scene.call("POST", f"{T}/aliases", asked)
    assert is_problem(refused, 400, "CODE_UNKNOWN") or is_problem(refused, 422, "CODE_UNKNOWN")
    assert [one["pointer"] for one in refused.body["errors"]] == ["/aliases/1/code"]
    file = b"kind,servicetrade_id,name,code\nsite,3,Cold,MADEUP\n"
    for dry in ("true", "false"):
        path = f"{T}/aliases?connection=main&dry_run={dry}"
        answer = await scene.call("POST", path, data=file, headers={"Content-Type": "text/csv"})
        assert answer.body["code"] == "CODE_UNKNOWN"
    answer = await scene.call("POST", f"{T}/connections/main/codes", made_up)
    assert answer.body["code"] == "CODE_UNKNOWN"
    assert scene.transactions.rows.aliases == {}


async def test_of_a_kind_without_a_list_every_code_passes(scene: Scene) -> None:
    """Nobody knows, so nobody claims to know."""
    customer = {"kind": "customer", "servicetrade_id": "1", "code": "MADEUP"}
    answer = await scene.call("POST", f"{T}/aliases", {"connection": "main", "aliases": [customer]})
    assert answer.body["added"] == 1


async def test_readiness_counts_the_codes_that_a_list_shows_to_be_wrong(scene: Scene, browser: Browser) -> None:
    await list_sites(scene, "COLD1")
    found = (await scene.call("GET", f"{T}/connections/main/readiness")).body
    assert [(one["code"], one["refused"]) for one in found["gaps"]] == [
        ("ERP_SITE_UNKNOWN_OR_INACTIVE", "HV0002"),
        ("MAP_SITE_MISSING", None),
    ]
    assert found["failing"] == 2
    await browser.open("/t/cardinal/mappings?connection=main")
    assert "2 of 2 upcoming jobs would fail if sent now." in browser.said
    assert "Site codes that Spectrum does not accept" in browser.said
    assert "Its code is HV0002, which the imported list lacks" in browser.said
    tenant = await scene.use_cases.find_tenant("cardinal")
    counted = (await scene.use_cases.find_connection(tenant.id, "main")).codes_missing
    assert counted
    assert (counted.missing, counted.records) == (2, 3)


async def test_the_page_of_a_send_that_a_list_stopped_offers_the_code_and_says_how_to_read_the_list_again(
    scene: Scene, browser: Browser
) -> None:
    await list_sites(scene, "COLD1")
    send_id = await scene.send(JOB)
    await scene.work()
    await browser.open(f"/t/cardinal/sends/{send_id}")
    assert "The imported list of sites has no HV0002" in browser.said
    assert "import a file with its line in Jobferry" in browser.said
    await browser.press("Save and send again", **{"code.site.2": "COLD1"})
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD1"


async def test_a_doubt_is_told_in_the_preview_and_asks_nobody_for_another_code(scene: Scene, browser: Browser) -> None:
    await list_sites(scene, "COLD1", complete=False)
    await browser.open(f"/t/cardinal/jobs/{JOB.id}?connection=main")
    assert "The list is not complete. So it is sent all the same" in browser.said
    assert "to set" not in browser.said
    await list_sites(scene, "COLD1")
    await browser.open(f"/t/cardinal/jobs/{JOB.id}?connection=main")
    assert "Code to set" in browser.said


async def test_a_customer_that_was_added_in_spectrum_just_now_is_sent_once_the_lists_are_read_again(
    scene: Scene, browser: Browser
) -> None:
    """As the office does it: the send is stopped, they add the customer in Spectrum, read the lists and send again."""
    await list_sites(scene, "HV0002", "COLD1")
    scene.spectrum.lists.put("101", [ListedCode(kind=AliasKind.CUSTOMER, code="CEDARG")])
    await read_lists(scene, browser)
    send_id = await scene.send(JOB)
    await scene.work()
    await browser.open(f"/t/cardinal/sends/{send_id}")
    assert "Spectrum's list of customers has no HARVIEW" in browser.said
    assert "Codes, then Spectrum's lists of codes" in browser.said
    scene.spectrum.lists.put("101", [ListedCode(kind=AliasKind.CUSTOMER, code="HARVIEW")])
    await browser.press("Try again now")
    await scene.work()
    assert scene.spectrum.calls == [], "the list does not know it yet"
    await read_lists(scene, browser)
    await browser.open(f"/t/cardinal/sends/{send_id}")
    await browser.press("Try again now")
    await scene.work()
    assert [call["Bill_Customer_Code"] for call in scene.spectrum.calls] == ["HARVIEW"]


async def read_lists(scene: Scene, browser: Browser) -> None:
    await browser.open("/t/cardinal/connections/main/code-lists")
    await browser.press("Read the lists now")
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.refresh_lists(tenant.id, (await scene.use_cases.find_connection(tenant.id, "main")).id)
