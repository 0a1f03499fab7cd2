"""Mappings in the console: what upcoming jobs lack, the code set here, the alias where ServiceTrade refuses, CSV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.inbound.server.limits import BODY_LIMIT
from core.model.access.person import Role
from core.model.mappings.alias import AliasEntry, AliasKind, CodeSource
from core.model.planning.job import Party
from core.model.shared.errors import TimeMends
from core.services.mappings import check_readiness
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, JOB, UNMAPPED, Scene, api, is_problem, pointers

HOME = "/t/cardinal"
MAPPINGS = f"{HOME}/mappings"
API = "/v1/tenants/cardinal/connections/main"
HEAD = "kind,servicetrade_id,name,code\r\n"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Job 104482 is ready, 104483 lacks its site's code and is due on 9 March."""
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        running.service_trade.jobs[tenant.id, UNMAPPED.id].scheduled = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


def aliases(scene: Scene) -> list[str]:
    stored = scene.transactions.rows.aliases.values()
    return [one.alias.code for one in stored if one.alias.source is CodeSource.ALIAS]


async def test_a_missing_code_is_set_before_anything_fails(scene: Scene, browser: Browser) -> None:
    await browser.open(MAPPINGS)
    assert "1 of 2 upcoming jobs would fail if sent now." in browser.said
    assert "Locations without a Spectrum site 1 job, the first 9 Mar 2026, 14:00 UTC. MAP_SITE_MISSING" in browser.said
    assert "Cold Store site 1 job, the first 9 Mar 2026, 14:00 UTC: 104483" in browser.said
    assert browser.link("See what would be sent of the first one that would not fail, job 104482")
    await browser.press("Write it to ServiceTrade", code=" COLD1 ")
    assert "The code is set." in browser.said
    assert "All 2 upcoming jobs have what they need." in browser.said
    await scene.send(UNMAPPED)
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD1"
    audit = (await browser.open(f"{HOME}/audit")).said
    assert "Code set" in audit
    assert "COLD1" in audit
    code = {"kind": "site", "servicetrade_id": "3", "code": "COLD2"}
    assert (await scene.call("POST", f"{API}/codes", code)).status == 204
    details = [one["detail"] for one in (await scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]]
    assert [(one["code"], one.get("former")) for one in details if "code" in one] == [
        ("COLD2", "COLD1"),
        ("COLD1", None),
    ]


async def test_a_code_that_servicetrade_refuses_becomes_an_alias(scene: Scene, browser: Browser) -> None:
    await browser.open(MAPPINGS)
    taken = await browser.press("Write it to ServiceTrade", code="HV0002")
    assert (taken.status, "since another record carries it" in taken.said) == (422, True)
    assert "You can set an alias instead" in taken.said
    await browser.press("Set an alias here")
    assert "All 2 upcoming jobs have what they need." in browser.said
    assert "Cold Store site 3" in browser.said
    calls = len(scene.service_trade.calls)
    await browser.open(browser.link("Cold Store"))
    await browser.press("Remove the alias")
    assert "The alias is removed" in browser.said
    await browser.open(MAPPINGS)
    assert "1 of 2 upcoming jobs would fail if sent now." in browser.said
    assert scene.service_trade.calls[calls:].count("write_code") == 0


async def test_a_wrong_code_is_said_before_servicetrade_is_asked(scene: Scene, browser: Browser) -> None:
    await browser.open(MAPPINGS)
    wrong = await browser.press("Write it to ServiceTrade", code="MUCH-TOO-LONG")
    assert (wrong.status, "Spectrum takes at most 10" in wrong.said) == (422, True)
    assert "MUCH-TOO-LONG" in wrong.text, "what was typed stays"
    assert "write_code" not in scene.service_trade.calls
    wrong.text = wrong.text.replace('value="site" selected', 'value="elephant" selected')
    odd = await wrong.press("Write it to ServiceTrade", code="OK1")
    assert (odd.status, "Choose customer, site, contract or item." in odd.said) == (422, True)


async def test_a_servicetrade_that_does_not_answer_leaves_the_rest_of_the_page(scene: Scene, browser: Browser) -> None:
    error = TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE", fix="Wait.")
    scene.service_trade.fail_next(error, call="upcoming_jobs")
    page = await browser.open(MAPPINGS)
    assert page.status == 200
    assert "ServiceTrade could not be read: ServiceTrade does not answer." in page.said
    assert "Import aliases from a CSV file" in page.said


async def test_an_unmapped_contract_holds_nothing_up(scene: Scene, browser: Browser) -> None:
    await scene.add_job(replace(JOB, contract=Party(id="9", name="Master <Service>")))
    await scene.add_job(replace(UNMAPPED, location=None))
    await browser.open(MAPPINGS)
    assert "Contracts without a code: their jobs are sent without a contract" in browser.said
    assert "Master <Service>" in browser.said
    assert "1 of 2 upcoming jobs would fail" in browser.said
    assert "Jobs that name no customer or no location 104483" in browser.said


async def test_what_stops_sends_stands_above_what_does_not(scene: Scene, browser: Browser) -> None:
    assert JOB.customer
    blank = replace(JOB.customer, id="8", external_id=" ")
    await scene.add_job(replace(JOB, customer=blank, contract=Party(id="9", name="Master")))
    said = (await browser.open(MAPPINGS)).said
    order = [said.index(words) for words in ("MAP_SITE_MISSING", "MAP_EMPTY_VALUE", "Contracts without a code")]
    assert order == sorted(order)
    assert "Empty External IDs in ServiceTrade" in said
    gaps = (await scene.call("GET", f"{API}/readiness")).body["gaps"]
    assert [(gap["servicetrade_id"], gap["code"]) for gap in gaps] == [
        ("3", "MAP_SITE_MISSING"),
        ("8", "MAP_EMPTY_VALUE"),
        ("9", None),
    ]
    preview = (await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})).body
    assert "MAP_EMPTY_VALUE" in [one["code"] for one in preview["findings"]], "the same as a send would fail with"


async def test_after_one_read_fails_none_goes_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = [], []

    async def slow(account: object, kind: object, record_id: str, system: str) -> str | None:
        begun.append(record_id)
        if len(begun) == 2:
            raise TimeMends("ServiceTrade asks to slow down.", code="ST_RATE_LIMIT")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(record_id)
        return None

    monkeypatch.setattr(scene.service_trade, "read_code", slow)
    assert is_problem(await scene.call("GET", f"{API}/readiness"), 503, "ST_RATE_LIMIT")
    assert len(begun) == len(ended) + 1


async def test_aliases_are_found_without_asking_servicetrade(scene: Scene, browser: Browser) -> None:
    entries = [AliasEntry(AliasKind.CUSTOMER, str(number), f"Tower {number}", f"C{number}") for number in range(1, 61)]
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.use_cases.aliases.set(tenant.id, "main", entries, by="test")
    await browser.open(MAPPINGS)
    calls = len(scene.service_trade.calls)
    found = await browser.press("Find codes", search=" tOWer 1")
    assert len(found.page.xpath("//tbody/tr")) == 11
    assert found.page.xpath("//input[@name='search']/@value") == ["tOWer 1"]
    more = await browser.press("Find codes", search="tower")
    assert len(more.page.xpath("//tbody/tr")) == 50
    await browser.open(browser.link("Older ones"))
    assert len(browser.page.xpath("//tbody/tr")) == 10
    assert "search=tower" in browser.address
    for nothing in ("nobody", "<b>", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")):
        assert "There is no code like this." in (await browser.press("Find codes", search=nothing)).said
    assert len(scene.service_trade.calls) == calls
    await browser.open(browser.link("Look at upcoming jobs again"))
    assert "1 of 2 upcoming jobs would fail" in browser.said
    path = "/v1/tenants/cardinal/aliases?connection=main&search="
    assert [one["code"] for one in (await scene.call("GET", path + "c60")).body["items"]] == ["C60"]


async def test_a_file_that_is_too_long_is_said_to_be_so(browser: Browser) -> None:
    await browser.open(MAPPINGS)
    long = await browser.upload("Show what it would change", b"x" * BODY_LIMIT)
    assert (long.status, "A form and its file may have 1,000,000 bytes" in long.said) == (413, True)


async def test_more_than_is_looked_at_is_said(scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_readiness, "MOST_JOBS", 1)
    assert "Not all upcoming jobs were read." in (await browser.open(MAPPINGS)).said
    monkeypatch.undo()
    monkeypatch.setattr(check_readiness, "MOST_RECORDS", 1)
    assert "Not all upcoming jobs were read." in (await browser.open(MAPPINGS)).said
    monkeypatch.undo()
    assert "Not all upcoming jobs were read." not in (await browser.open(MAPPINGS)).said


async def test_several_connections_have_codes_of_their_own(scene: Scene, browser: Browser) -> None:
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", west)).status == 201
    assert "Choose a connection" in (await browser.open(MAPPINGS)).said
    await browser.press("Show", connection="west")
    assert "2 of 2 upcoming jobs would fail" in browser.said, "no record has a code under west"
    await browser.press("Show", connection="main")
    assert "1 of 2 upcoming jobs would fail" in browser.said


async def test_a_file_is_looked_at_before_it_is_imported(scene: Scene, browser: Browser) -> None:
    await browser.open(MAPPINGS)
    await browser.press("Set the alias", kind="customer", servicetrade_id="1", name="Harborview", code="OLD1")
    file = f"{HEAD}customer,1,Harborview,NEW1\r\nsite,3,'=Cold,COLD1\r\n".encode()
    await browser.upload("Show what it would change", file)
    assert "1 new, 1 changed, 0 unchanged. Nothing is saved yet." in browser.said
    assert "NEW1OLD1" in browser.page.xpath("string(//tbody)").replace(" ", "").replace("\n", "")
    assert aliases(scene) == ["OLD1"]
    await browser.press("Import the file")
    assert "The aliases are imported." in browser.said
    async with scene.http.get(
        f"{scene.url}{browser.link('Download all aliases as CSV')}",
        headers={"Cookie": f"jobferry-local={browser.cookie}"},
    ) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="aliases-main.csv"'
        assert await answer.read() == file, "what goes in comes out, and no spreadsheet runs it"
    same = await browser.upload("Show what it would change", file)
    assert "0 new, 0 changed, 2 unchanged" in same.said
    assert "Import the file" not in same.said


async def test_a_file_may_be_longer_than_a_form(scene: Scene, browser: Browser) -> None:
    rows = "".join(f"site,{number},Tower {number},T{number}\r\n" for number in range(1, 2001))
    await (await browser.open(MAPPINGS)).upload("Show what it would change", (HEAD + rows).encode())
    assert "2000 new, 0 changed" in browser.said
    await browser.press("Import the file")
    assert len(aliases(scene)) == 2000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD.encode() + b"site,3,Cold,MUCH-TOO-LONG\r\ncustomer,x,,A\r\n", "Line 2, code: has 13 characters"),
        (HEAD.encode() + b"site,3,K\xe4lte,COLD1\r\n", "Line 2: is not UTF-8; save the file as CSV UTF-8"),
        (b"\x00\xff\xfe", "is not UTF-8"),
        (b"", "the first line must be kind,servicetrade_id,name,code"),
    ],
)
async def test_a_wrong_file_changes_nothing_and_says_where(
    scene: Scene, browser: Browser, content: bytes, said: str
) -> None:
    await browser.open(MAPPINGS)
    wrong = await browser.upload("Show what it would change", content)
    assert (wrong.status, said in wrong.said) == (422, True), wrong.said
    assert "Import the file" not in wrong.said
    assert aliases(scene) == []


async def test_a_viewer_looks_and_changes_nothing(scene: Scene) -> None:
    viewer = await (await somebody(scene, Role.VIEWER, "vic@example.com")).open(MAPPINGS)
    assert "Cold Store" in viewer.said
    assert not [
        one for one in viewer.page.iter("form") if one.get("method") == "post" and one.get("action") != "/sign-out"
    ]


async def test_the_same_over_the_api(scene: Scene) -> None:
    found = (await scene.call("GET", f"{API}/readiness")).body
    assert (found["jobs"], found["failing"], found["partial"], found["incomplete"]) == (2, 1, False, [])
    assert found["gaps"] == [
        {
            "kind": "site",
            "servicetrade_id": "3",
            "name": "Cold Store",
            "code": "MAP_SITE_MISSING",
            "refused": None,
            "earliest": "2026-03-09T14:00:00Z",
            "jobs": [{"job_id": UNMAPPED.id, "number": "104483", "date": "2026-03-09T14:00:00Z"}],
        }
    ]
    code = {"kind": "site", "servicetrade_id": "3", "code": "HV0002"}
    assert is_problem(await scene.call("POST", f"{API}/codes", code), 422, "MAP_DUPLICATE_EXTERNAL_ID")
    wrong = await scene.call("POST", f"{API}/codes", {**code, "code": "MUCH-TOO-LONG"})
    assert pointers(wrong) == ["/code"]
    assert (await scene.call("POST", f"{API}/codes", {**code, "code": "COLD1"})).status == 204
    assert (await scene.call("GET", f"{API}/readiness")).body["failing"] == 0
