"""A tenant's own settings in the console: what changes, what is tested first, and what stays secret."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.shared.errors import TenantMends
from core.model.tenants.tenant import ClientLogin, PasswordLogin
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import SECRETS, Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/settings"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def stored(scene: Scene) -> dict[str, Any]:
    body: dict[str, Any] = (await scene.call("GET", "/v1/tenants/cardinal")).body
    return body


def login(scene: Scene) -> Any:
    return next(iter(scene.transactions.rows.tenants.values())).login


async def test_name_and_time_zone_are_changed_and_it_is_in_the_audit(scene: Scene, browser: Browser) -> None:
    await browser.open(HOME)
    await browser.open(browser.link("Settings"))
    await browser.press("Save", name="Cardinal Fire", time_zone="America/Chicago")
    assert "Saved." in browser.said
    after = await stored(scene)
    assert (after["name"], after["time_zone"]) == ("Cardinal Fire", "America/Chicago")
    assert "Tenant changed" in (await browser.open(f"{HOME}/audit")).said


async def test_a_wrong_value_is_marked_and_what_was_typed_stays(scene: Scene, browser: Browser) -> None:
    before = await stored(scene)
    refused = await (await browser.open(PAGE)).press("Save", name="Cardinal Fire", time_zone="Mars/Olympus")
    assert refused.status == 422
    assert "Nothing was saved." in refused.said
    assert refused.page.xpath("//select[@name='time_zone']/@aria-invalid") == ["true"]
    assert refused.page.xpath("//input[@name='name']/@value") == ["Cardinal Fire"]
    assert await stored(scene) == before


async def test_two_people_who_save_do_not_undo_each_other(scene: Scene, browser: Browser) -> None:
    await browser.open(PAGE)
    bob = await (await somebody(scene, Role.ADMINISTRATOR, "bob@example.com")).open(PAGE)
    await bob.press("Save", time_zone="America/Denver")
    await browser.press("Save", name="Cardinal Fire")
    after = await stored(scene)
    assert (after["name"], after["time_zone"]) == ("Cardinal Fire", "America/Denver")


async def test_defaults_of_plugins_are_set_and_removed_as_json(scene: Scene, browser: Browser) -> None:
    defaults = '{"po_required": {"customers": ["12"]}}'
    saved = await (await browser.open(PAGE)).press("Save", plugin_defaults=defaults)
    if saved.status != 200:  # the plugin's own rules are not the subject
        assert "plugin_defaults" in saved.text
    broken = await (await browser.open(PAGE)).press("Save", plugin_defaults="{not json")
    assert broken.status == 422
    emptied = await (await browser.open(PAGE)).press("Save", plugin_defaults="{}")
    assert emptied.status == 200
    assert (await stored(scene)).get("plugin_defaults", {}) == {}


async def test_a_new_sign_in_is_tested_first_and_never_shown(scene: Scene, browser: Browser) -> None:
    before = login(scene)
    refusal = TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED", fix="Check the password.")
    scene.service_trade.fail_next(refusal, call="check")
    new = {"servicetrade.username": "new@example.com", "servicetrade.password": " hush 1 "}
    refused = await (await browser.open(PAGE)).press("Test and save", **new)
    assert "ServiceTrade refuses the sign-in." in refused.said
    assert "new@example.com" in refused.text
    assert "hush 1" not in refused.text
    assert login(scene) == before
    await (await browser.open(PAGE)).press("Test and save", **new)
    assert "Saved. ServiceTrade accepts the sign-in." in browser.said
    assert login(scene) == PasswordLogin("new@example.com", login(scene).password)
    assert login(scene).password.reveal() == " hush 1 "
    assert "hush 1" not in browser.text + (await browser.open(f"{HOME}/audit")).text
    client = {"servicetrade.client_id": "c-1", "servicetrade.client_secret": "s-1"}
    await (await browser.open(PAGE)).press("Test and save", **client)
    assert isinstance(login(scene), ClientLogin)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Nothing was changed."),
        ({"servicetrade.username": "ann"}, "username with password"),
        ({"servicetrade.base_url": "ftp://x"}, "http(s) address"),
        ({"servicetrade.base_url": "https://other.example.com/api"}, "A new address needs the whole sign-in again."),
    ],
)
async def test_half_a_sign_in_is_refused(scene: Scene, browser: Browser, given: dict[str, str], said: str) -> None:
    before = login(scene), await stored(scene)
    refused = await (await browser.open(PAGE)).press("Test and save", **given)
    assert refused.status == 422
    assert said in refused.said
    assert (login(scene), await stored(scene)) == before


async def test_an_operator_may_move_the_address_with_the_stored_sign_in(scene: Scene) -> None:
    operator = await somebody(scene, Role.OPERATOR, "ops@example.com")
    moved = {"servicetrade.base_url": "https://other.example.com/api"}
    await (await operator.open(PAGE)).press("Test and save", **moved)
    assert (await stored(scene))["servicetrade"]["base_url"] == "https://other.example.com/api"


async def test_the_account_is_paused_and_resumed(scene: Scene, browser: Browser) -> None:
    await (await browser.open(PAGE)).press("Pause Cardinal Fire Protection")
    assert "Paused. New sends are accepted and wait." in browser.said
    assert (await stored(scene))["paused"]
    await browser.press("Resume")
    assert not (await stored(scene))["paused"]
    audit = (await browser.open(f"{HOME}/audit")).said
    assert "Tenant paused" in audit
    assert "Tenant resumed" in audit


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER])
async def test_only_administrators_see_the_settings(scene: Scene, role: Role) -> None:
    other = await somebody(scene, role, "vic@example.com")
    assert PAGE not in [one.get("href") for one in (await other.open(HOME)).page.iter("a")]
    assert (await other.open(PAGE)).status == 403


async def test_an_administrator_downloads_all_that_is_stored_of_the_account(scene: Scene, browser: Browser) -> None:
    await (await browser.open(PAGE)).press("Download everything")
    assert browser.headers["Content-Disposition"] == 'attachment; filename="cardinal.jsonl"'
    first, *_, last = map(json.loads, browser.text.splitlines())
    assert (first["tenant"], last["end"]) == ("cardinal", True)
    assert [secret for secret in SECRETS if secret in browser.text] == []
    sender = await somebody(scene, Role.SENDER, email="bob@example.com")
    assert "Download everything" not in (await sender.open(PAGE)).said
