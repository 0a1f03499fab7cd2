"""New sites and customers in the console: every field is seen and confirmed, and doubts are settled by people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.catalogue import finding
from core.model.creations.creation import Creation, CreationState
from core.model.mappings.alias import AliasKind
from core.model.mappings.suggested_record import SearchStep
from core.model.mappings.suggestion import RecordToMap
from tests.support.browser_scene import Browser, somebody
from tests.support.creation_scene import a_creation
from tests.support.http_scene import UNMAPPED, Scene, api
from tests.support.suggestion_scene import ALIKE, a_search, suggested

HOME = "/t/cardinal"
FORM = f"{HOME}/connections/main/new/site/3"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        place = RecordToMap(
            kind=AliasKind.SITE, id="3", name="Cold Store, Pier 9", street="9 Pier", city="Durham", state="NC"
        )
        running.service_trade.records.put(tenant.id, place)
        yield running


@pytest.fixture
async def ann(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def switch_on(scene: Scene) -> None:
    path = "/v1/tenants/cardinal/connections/main"
    changed = await scene.call("PATCH", path, {"create_sites": True}, headers={"If-Match": "*"})
    assert changed.status == 200, changed.text


async def stored(scene: Scene, **more: Any) -> Creation:
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        connection = await t.connections.by_slug("main")
        made = a_creation(tenant_id=tenant.id, connection_id=connection.id, **more)
        await t.creations.add(made)
    return made


async def test_a_failed_send_offers_it_only_where_it_is_switched_on(scene: Scene, ann: Browser) -> None:
    await scene.add_job(UNMAPPED)
    page = f"{HOME}/jobs/{UNMAPPED.id}?connection=main"
    await ann.open(page)
    assert "Create this site in Spectrum" not in ann.said
    await switch_on(scene)
    await ann.open(page)
    assert "Create this site in Spectrum" in ann.said


async def test_every_field_is_shown_with_its_origin_and_one_press_creates_it(scene: Scene, ann: Browser) -> None:
    await switch_on(scene)
    await ann.open(FORM)
    assert "Create this site in Spectrum" in ann.said
    assert "From: the location's name, without its commas, which Spectrum does not take." in ann.said
    assert "Other fields of AddWOSiteAddress" in ann.said
    await ann.press("Create it in Spectrum", **{"field.Site_ID": "PIER9"})
    assert "Waits for the call to Spectrum" in ann.said
    assert "PIER9" in ann.said
    listed = (await scene.call("GET", "/v1/tenants/cardinal/creations")).body["items"]
    assert [(one["code"], one["state"], one["keep"]) for one in listed] == [("PIER9", "queued", "alias")]
    assert listed[0]["fields"]["Site_Name"] == "Cold Store Pier 9"
    await ann.press("Cancel it")
    assert "Cancelled" in ann.said


async def test_what_is_wrong_is_told_and_what_was_typed_stays(scene: Scene, ann: Browser) -> None:
    await switch_on(scene)
    await ann.open(FORM)
    await ann.press("Create it in Spectrum", **{"field.Site_State": "North", "field.Site_Name": "x" * 31})
    assert "31 characters typed: has 31 characters; Spectrum takes at most 30: shorten it." in ann.said
    assert ann.page.xpath("//input[@name='field.Site_State']/@value") == ["North"]
    assert (await scene.call("GET", "/v1/tenants/cardinal/creations")).body["items"] == []


async def test_without_the_switch_the_page_says_so_and_creates_nothing(scene: Scene, ann: Browser) -> None:
    await ann.open(FORM)
    assert "does not let sites be created" in ann.said
    await ann.press("Create it in Spectrum")
    assert "does not let sites be created" in ann.said
    assert (await scene.call("GET", "/v1/tenants/cardinal/creations")).body["items"] == []


async def test_a_viewer_reads_and_presses_nothing(scene: Scene) -> None:
    await switch_on(scene)
    made = await stored(scene, state=CreationState.IN_DOUBT, due_at=None)
    viewer = await somebody(scene, Role.VIEWER, "vi@example.com")
    for page in (FORM, f"{HOME}/new-records", f"{HOME}/new-records/{made.id}"):
        await viewer.open(page)
        assert not viewer.page.xpath("//main//form[@method='post']"), page


async def test_a_doubt_is_counted_on_home_and_settled_with_a_reason(scene: Scene, ann: Browser) -> None:
    doubt = finding("CREATE_IN_DOUBT", "The answer was lost.")
    made = await stored(scene, state=CreationState.IN_DOUBT, due_at=None, findings=(doubt,))
    await ann.open(HOME)
    assert "1 new site or customer waits for somebody who looks in Spectrum" in ann.said
    assert (await scene.call("GET", "/v1/tenants/cardinal/counts")).body["new_records"] == 1
    await ann.open(f"{HOME}/new-records?show=waiting")
    assert "Check in Spectrum" in ann.said
    await ann.open(f"{HOME}/new-records/{made.id}")
    assert "look for the site HARBOR1" in ann.said
    await ann.press("It is not there", reason="Looked: nothing.")
    assert "Not in Spectrum" in ann.said
    assert "ann@example.com looked in Spectrum: Looked: nothing." in ann.said
    assert (await scene.call("GET", "/v1/tenants/cardinal/counts")).body["needs_attention"] == 0


async def test_a_code_that_could_not_be_kept_is_kept_here_instead(scene: Scene, ann: Browser) -> None:
    made = await stored(scene, state=CreationState.CREATED, due_at=None)
    await ann.open(f"{HOME}/new-records/{made.id}")
    assert "its code could not be kept" in ann.said
    await ann.press("Leave the present code")
    assert "its code could not be kept" not in ann.said


async def test_a_suggestion_that_found_nothing_offers_it_only_where_it_is_switched_on(
    scene: Scene, ann: Browser
) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    async with scene.transactions.begin(tenant.id) as t:
        await t.suggestions.put_search(a_search(connection_id=connection.id, step=SearchStep.DONE))
        records = [suggested(3, record=RecordToMap(kind=kind, id="3", name="Pier 9")) for kind in AliasKind]
        alike = suggested(4, ALIKE, record=RecordToMap(kind=AliasKind.SITE, id="4", name="Harbor"))
        await t.suggestions.put(connection.id, [*records, alike])
    suggestions = f"{HOME}/connections/main/suggestions"
    pages = (f"{suggestions}?group=nothing", f"{suggestions}/site/3")
    for page in pages:
        await ann.open(page)
        assert "Create this" not in ann.said
    await switch_on(scene)
    member = await somebody(scene, Role.SENDER, "sam@example.com")
    for page in pages:
        await ann.open(page)
        assert ann.page.xpath("//a[contains(., 'Create this')]/@href") == [FORM], "of the site alone"
        await member.open(page)
        assert "Create this" not in member.said, "who may not change codes may not create"
    for page in (f"{suggestions}?group=doubtful", f"{suggestions}/site/4"):
        await ann.open(page)
        assert "Create this" not in ann.said, "a code was found that may be its own"
