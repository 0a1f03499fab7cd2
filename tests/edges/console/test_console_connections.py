"""Connections in the console: made, changed, tested and removed through plain forms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.console.setting_fields import connection_fields
from adapters.inbound.schema.connections import ConnectionIn, ConnectionPatch
from core.model.access.person import Role
from core.model.connections.connection import SpectrumTarget
from core.model.shared.check_step import CheckState, CheckStep
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, SECRETS, Scene, api

HOME = "/t/cardinal"
NEW = f"{HOME}/new-connection"
API = "/v1/tenants/cardinal/connections"
WEST = {
    "slug": "west",
    "name": "Spectrum West",
    "external_system": "west",
    "company_code": "102",
    "endpoint_url": "https://west.example.com:8482/ws",
    "authorization_id": "WEST-AUTH-1",
}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def stored(scene: Scene, slug: str = "main") -> dict[str, Any]:
    body: dict[str, Any] = (await scene.call("GET", f"{API}/{slug}")).body
    return body


async def test_a_connection_is_added_by_what_has_to_be_said(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/connections")
    await browser.open(browser.link("Add a connection"))
    assert "System Administration > Installation > Data Exchange" in browser.said
    await browser.press("Add the connection", **WEST)
    assert browser.address.startswith(f"{HOME}/connections/west")
    assert "The connection is added." in browser.said
    plain = await scene.call("POST", API, {**WEST, "slug": "other", "external_system": "other"})
    assert plain.status == 201
    ours, theirs = await stored(scene, "west"), await stored(scene, "other")
    different = {name for name in ours if ours[name] != theirs[name]}
    assert different == {"id", "slug", "external_system", "last_test"}, "left empty, everything has the API's default"
    assert [one["last_test"]["by"] for one in (ours, theirs)] == ["ann@example.com", "operator:scene"]
    assert "ann@example.com" in (await browser.open(f"{HOME}/audit")).said


async def test_a_connection_with_everything(scene: Scene, browser: Browser) -> None:
    await browser.open(NEW)
    await browser.press(
        "Add the connection",
        **WEST,
        leading_character="W",
        default_work_order_type="SVC",
        lead_source="WEB",
        long_text="refuse",
        overwrite="changed_fields",
        on_completion="send_with_items",
        completion_start_date="2026-03-01",
        items_on_resend="difference",
        default_warehouse="01",
        non_stock_fallback="all",
        failure_tag="spectrum-failed",
        secret_rotation="automatic",
        secret_days="90",
        client_secret_expires_at="2026-12-01",
        **{
            "external_sync.path": "/externalsync",
            "external_sync.body": '{"job": "{job_id}"}',
            "enhanced_auth.client_id": "c-1",
            "enhanced_auth.client_secret": "cs-west-secret",
            "item_kinds.part": "other_charge",
            "item_kinds.general conditions": "skip",
        },
    )
    assert browser.status == 200, browser.said
    saved = await stored(scene, "west")
    assert {
        name: saved[name]
        for name in (
            "leading_character",
            "default_work_order_type",
            "lead_source",
            "long_text",
            "overwrite",
            "on_completion",
            "completion_start_date",
            "items_on_resend",
            "default_warehouse",
            "non_stock_fallback",
            "failure_tag",
            "external_sync",
            "secret_rotation",
            "secret_days",
            "client_secret_expires_at",
            "enhanced_auth",
        )
    } == {
        "leading_character": "W",
        "default_work_order_type": "SVC",
        "lead_source": "WEB",
        "long_text": "refuse",
        "overwrite": "changed_fields",
        "on_completion": "send_with_items",
        "completion_start_date": "2026-03-01T00:00:00Z",
        "items_on_resend": "difference",
        "default_warehouse": "01",
        "non_stock_fallback": "all",
        "failure_tag": "spectrum-failed",
        "external_sync": {"path": "/externalsync", "body": {"job": "{job_id}"}},
        "secret_rotation": "automatic",
        "secret_days": 90,
        "client_secret_expires_at": "2026-12-01T00:00:00Z",
        "enhanced_auth": True,
    }
    kinds = saved["item_kinds"]
    assert isinstance(kinds, dict)
    assert (kinds["part"], kinds["general conditions"], kinds["material"]) == ("other_charge", "skip", "material")


async def test_settings_saved_as_they_are_change_nothing(scene: Scene, browser: Browser) -> None:
    """The form shows everything as it stands, or saving would bend it."""
    [row] = scene.transactions.rows.connections.values()
    settings = {
        "leading_character": "W",
        "lead_source": "WEB",
        "long_text": "refuse",
        "overwrite": "changed_fields",
        "on_completion": "send",
        "completion_start_date": "2026-03-01T10:30:00Z",
        "items_on_resend": "again",
        "default_warehouse": "01",
        "non_stock_fallback": "without_code",
        "failure_tag": "t",
        "secret_days": 30,
        "external_sync": {"path": "/x", "body": {"a": ["b"]}},
        "item_kinds": {"part": "skip", "v1.5 kit": "material"},
        "plugins": [{"name": "po_required", "config": {"warn_only": True}, "hooks": {}}],
        "client_secret_expires_at": "2026-12-01T10:00:00Z",
    }
    assert (await scene.call("PATCH", f"{API}/main", settings, headers={"If-Match": "*"})).status == 200
    before = await stored(scene)
    secrets = scene.transactions.rows.connections[row.connection.id].secrets
    kinds = scene.transactions.rows.connections[row.connection.id].connection.item_kinds
    await (await browser.open(f"{HOME}/connections/main/settings")).press("Save")
    assert "Saved." in browser.said
    assert await stored(scene) == before
    after = scene.transactions.rows.connections[row.connection.id]
    assert after.secrets == secrets
    assert after.connection.item_kinds == kinds, "what is as usual is not written down"


async def test_settings_are_changed_emptied_and_guarded(scene: Scene, browser: Browser) -> None:
    page = await browser.open(f"{HOME}/connections/main/settings")
    first = page.text
    assert all(secret not in first for secret in SECRETS)
    await browser.press("Save", name="Spectrum East", leading_character="", authorization_id="NEW-AUTH-2")
    saved = await stored(scene)
    assert (saved["name"], saved["leading_character"]) == ("Spectrum East", "")
    [row] = scene.transactions.rows.connections.values()
    assert row.secrets.authorization_id.reveal() == "NEW-AUTH-2"
    assert row.secrets.client_id == "client-1"
    browser.text = first
    late = await browser.press("Save", name="Somebody else's")
    assert late.status == 412
    assert "changed by somebody else meanwhile" in late.said
    assert (await stored(scene))["name"] == "Spectrum East"


async def test_a_former_address_is_shown_beside_the_present_one(scene: Scene, browser: Browser) -> None:
    former = (await stored(scene))["endpoint_url"]
    await browser.open(f"{HOME}/connections/main/settings")
    secrets = {"authorization_id": "AUTH-2", "enhanced_auth.client_id": "c", "enhanced_auth.client_secret": "s"}
    await browser.press("Save", endpoint_url=WEST["endpoint_url"], **secrets)
    assert f"{WEST['endpoint_url']}, before {former}" in (await browser.open(f"{HOME}/connections/main")).said
    assert (await stored(scene))["former_endpoint_urls"] == [former]


async def test_enhanced_authentication_goes_only_when_somebody_says_so(scene: Scene, browser: Browser) -> None:
    await (await browser.open(f"{HOME}/connections/main/settings")).press("Save", without_enhanced_auth="on")
    assert (await stored(scene))["enhanced_auth"] is False
    half = await (await browser.open(f"{HOME}/connections/main/settings")).press(
        "Save", **{"enhanced_auth.client_id": "c-2"}
    )
    assert half.status == 422
    assert "is required" in half.said


async def test_wrong_fields_are_marked_and_what_was_typed_stays_but_for_secrets(scene: Scene, browser: Browser) -> None:
    await browser.open(NEW)
    wrong = await browser.press(
        "Add the connection",
        **{**WEST, "company_code": "WEST", "leading_character": "ÄÖ", "endpoint_url": "west"},
        **{"external_sync.body": "{not json"},
    )
    assert wrong.status == 422
    assert "Nothing was saved." in wrong.said
    assert "west" in wrong.page.xpath("//input[@name='endpoint_url']/@value")
    assert "WEST-AUTH-1" not in wrong.text
    body = wrong.page.xpath("//textarea[@name='external_sync.body']")[0]
    assert body.text == "{not json"
    marked = body.get("aria-describedby").split()[-1]
    assert wrong.page.xpath(f"string(//*[@id='{marked}'])").strip()
    mended = await browser.press(
        "Add the connection",
        authorization_id="WEST-AUTH-1",
        company_code="WEST",
        leading_character="ÄÖ",
        endpoint_url=WEST["endpoint_url"],
        **{"external_sync.body": ""},
    )
    assert mended.status == 422
    assert "1 to 3 letters or digits" in mended.said
    assert "exactly one letter or digit" in mended.said


async def test_one_that_does_not_answer_is_not_stored_unless_unchecked(scene: Scene, browser: Browser) -> None:
    scene.spectrum.steps = (
        CheckStep("dns", CheckState.FAILED, "No such name.", "SPECTRUM_UNREACHABLE", ("Correct the address.",)),
    )
    await browser.open(NEW)
    refused = await browser.press("Add the connection", **WEST)
    assert "Nothing was saved." in refused.said
    assert "No such name." in refused.said
    assert "Correct the address." in refused.said
    assert (await scene.call("GET", f"{API}/west")).status == 404
    browser.text = refused.text.replace('name="check" value="on" checked', 'name="check" value="on"')
    await browser.press("Add the connection", authorization_id="WEST-AUTH-1")
    assert (await scene.call("GET", f"{API}/west")).status == 200


async def test_a_second_one_of_a_name_is_refused_in_words(browser: Browser) -> None:
    await browser.open(NEW)
    twice = await browser.press("Add the connection", **{**WEST, "slug": "main"})
    assert twice.status == 409
    assert "Nothing was saved." in twice.said


async def test_a_connection_is_removed_by_its_name(scene: Scene, browser: Browser) -> None:
    settings = f"{HOME}/connections/main/settings"
    unsure = await (await browser.open(settings)).press("Remove it for good", sure="mian")
    assert (unsure.status, "Type main into the field" in unsure.said) == (422, True)
    send_id = await scene.send()
    busy = await (await browser.open(settings)).press("Remove it for good", sure="main")
    assert (busy.status, "that have not ended" in busy.said) == (409, True)
    await (await browser.open(f"{HOME}/sends/{send_id}")).press("Cancel the send")
    await (await browser.open(settings)).press("Remove it for good", sure="main")
    assert "The connection is removed." in browser.said
    assert "No connection yet. Add the Spectrum company" in browser.said


async def test_the_test_is_seen_step_by_step(scene: Scene, browser: Browser) -> None:
    """The first steps stand on the page while a later one is still looked at."""
    go_on = asyncio.Event()

    async def slow(target: SpectrumTarget, optional: Sequence[str] = ()) -> AsyncIterator[CheckStep]:
        yield CheckStep("dns", CheckState.OK, "The name is known.")
        await go_on.wait()
        yield CheckStep("tls", CheckState.FAILED, "The certificate has ended.", "CERTIFICATE_INVALID", ("Renew it.",))

    scene.spectrum.examine = slow  # type: ignore[method-assign]
    token = (await browser.open(f"{HOME}/connections/main")).page.xpath("//input[@name='form_token']/@value")[0]
    headers = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
    async with scene.http.post(
        f"{scene.url}{HOME}/connections/main/test", data={"form_token": token}, headers=headers
    ) as answer:
        seen = b""
        while b"The name is known." not in seen:
            seen += await answer.content.readany()
        assert "signed in and read a record" in seen.decode()
        assert "certificate" not in seen.decode()
        go_on.set()
        rest = (await answer.read()).decode()
    assert "Renew it." in rest
    assert "The test is finished." in rest


async def test_the_last_test_stays_on_the_page_until_it_is_out_of_date(scene: Scene, browser: Browser) -> None:
    page = f"{HOME}/connections/main"
    await (await browser.open(page)).press("Test it, step by step")
    await browser.open(page)
    assert "by ann@example.com" in browser.said
    assert "Authorization ID ✓Good Spectrum accepts the Authorization ID." in browser.said
    assert "out of date" not in browser.said
    await (await browser.open(f"{page}/settings")).press("Save", authorization_id="MAIN-AUTH-2")
    assert "out of date" not in browser.said, "it was tested before it was saved"
    settings = await browser.open(f"{page}/settings")
    browser.text = settings.text.replace('name="check" value="on" checked', 'name="check" value="on"')
    await browser.press("Save", authorization_id="MAIN-AUTH-3")
    assert "This test is out of date." in browser.said


async def test_working_is_said_only_after_a_write_with_these_settings(scene: Scene, browser: Browser) -> None:
    page = f"{HOME}/connections/main"
    assert "Not proven yet" in (await browser.open(page)).said
    assert "the right to write shows only with the first send" in browser.said.lower()
    for place in (f"{HOME}/connections", HOME):
        assert "Not proven yet" in (await browser.open(place)).said
    await scene.send()
    await scene.work()
    for place in (page, f"{HOME}/connections", HOME):
        assert "Working, last write" in (await browser.open(place)).said
    await (await browser.open(page)).press("Test it, step by step")
    assert "Spectrum accepts writes with these settings: last write today " in browser.said
    scene.spectrum.good_ids = {"MAIN-AUTH-2"}
    refused = await (await browser.open(f"{page}/settings")).press("Save", authorization_id="MAIN-WRONG")
    assert "Spectrum refuses the Authorization ID." in refused.said
    assert "Working, last write" in (await browser.open(page)).said, "nothing was saved"
    await (await browser.open(f"{page}/settings")).press("Save", authorization_id="MAIN-AUTH-2")
    assert "Not proven yet" in (await browser.open(page)).said


async def test_the_list_says_that_the_last_test_of_an_unproven_connection_failed(
    scene: Scene, browser: Browser
) -> None:
    scene.spectrum.good_ids = {"ANOTHER"}
    await (await browser.open(f"{HOME}/connections/main")).press("Test it, step by step")
    assert "Not proven yet Its last test failed, today" in (await browser.open(f"{HOME}/connections")).said


async def test_a_test_that_breaks_off_says_so_where_it_did(scene: Scene, browser: Browser) -> None:
    async def broken(target: SpectrumTarget, optional: Sequence[str] = ()) -> AsyncIterator[CheckStep]:
        yield CheckStep("dns", CheckState.OK, "The name is known.")
        raise RuntimeError("a secret of ours")

    scene.spectrum.examine = broken  # type: ignore[method-assign]
    await (await browser.open(f"{HOME}/connections/main")).press("Test it, step by step")
    assert "The name is known." in browser.said
    assert "Jobferry itself failed here. Load the page again." in browser.said
    assert "secret of ours" not in browser.text


async def some_more(scene: Scene) -> None:
    """Three beside the first one, and Spectrum Third is paused."""
    for slug in ("west", "third", "fourth"):
        more = {**WEST, "slug": slug, "name": f"Spectrum {slug.title()}", "external_system": slug}
        assert (await scene.call("POST", API, more)).status == 201
    assert (await scene.call("POST", f"{API}/third/pause")).status == 200


def named(browser: Browser) -> list[str]:
    return [name for name in ("West", "Third", "Fourth") if f"Spectrum {name}" in browser.said]


async def test_connections_that_were_added_later_are_on_the_next_page(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.connections.SHOWN", 2)
    await some_more(scene)
    await browser.open(f"{HOME}/connections")
    assert named(browser) == ["West"]
    await browser.open(browser.link("Newer ones"))
    assert named(browser) == ["Third", "Fourth"]
    assert "Newer ones" not in browser.said


async def test_the_start_page_shows_few_connections_and_first_those_that_wait(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_more(scene)
    await browser.open(HOME)
    assert (named(browser), "the list of all connections" in browser.said) == (["West", "Third", "Fourth"], False)
    monkeypatch.setattr("adapters.inbound.console.handlers.home.CONNECTIONS_SHOWN", 2)
    await browser.open(HOME)
    assert named(browser) == ["West", "Third"], "Third is paused, so it stands above the others"
    assert "1 more is in the list of all connections" in browser.said
    await browser.open(browser.link("the list of all connections"))
    assert named(browser) == ["West", "Third", "Fourth"]


async def test_every_connection_can_be_chosen_whatever_the_pages_show(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.connections.SHOWN", 1)
    await some_more(scene)
    for page in (f"/t/cardinal/jobs/{JOB.id}", f"{HOME}/sends", f"{HOME}/mappings"):
        await browser.open(page)
        assert named(browser) == ["West", "Third", "Fourth"], page


async def test_the_form_offers_what_the_api_takes(scene: Scene) -> None:
    """A setting that comes to the API comes to the form too, or stands here with the reason why not."""
    elsewhere = {"plugins", "check"}  # a page of its own; a box of its own
    asked = {field.name.partition(".")[0] for field in connection_fields(None)}
    assert asked - {"client_secret_expires_at"} == ConnectionIn.model_fields.keys() - elsewhere
    shown = await stored(scene)
    assert {field.name.partition(".")[0] for field in connection_fields(json.loads(json.dumps(shown)))} == (
        ConnectionPatch.model_fields.keys() - elsewhere
    )
