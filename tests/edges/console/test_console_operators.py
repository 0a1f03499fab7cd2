"""Pages of operators, keys, people and one's own password: who may see them, and what they never show twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from adapters.inbound.console.handlers.sign_in import FORM_TOKEN, LOCAL_COOKIE
from adapters.inbound.console.routes import INSTANCE_PAGES
from adapters.inbound.server.access import Access
from adapters.outbound.memory.transactions import MemoryInstanceTransaction
from core.model.access.person import Role
from core.model.operations.stats import WorkerHeartbeat
from core.model.shared.errors import Unauthorized
from tests.support.browser_scene import PASSWORD, Browser, person, somebody
from tests.support.http_scene import SECRETS, TENANT, UNMAPPED, Scene, api

HOME = "/t/cardinal"
OPS = "ops@example.com"
HOSTILE = "<script>alert('x')</script>"
NEW = {
    "slug": "harbor",
    "name": "Harbor Fire",
    "servicetrade.username": "harbor@example.com",
    "servicetrade.password": "pw-of-the-harbor",
}
OPERATORS_OWN = [one for one in INSTANCE_PAGES if one.access is Access.OPERATOR]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def operator(scene: Scene) -> Browser:
    return await somebody(scene, Role.OPERATOR, OPS)


def form_token_of(browser: Browser) -> str:
    return str(browser.page.xpath(f"//input[@name='{FORM_TOKEN}']/@value")[0])


async def post(scene: Scene, browser: Browser, path: str, **data: str) -> tuple[int, str]:
    """A form that no page offers, with the session's own token."""
    fields = {FORM_TOKEN: form_token_of(browser), **data}
    headers = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
    async with scene.http.post(f"{scene.url}{path}", data=fields, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def tenant_id(scene: Scene, slug: str = "cardinal") -> str:
    return (await scene.use_cases.find_tenant(slug)).id


async def other_tenant(scene: Scene) -> None:
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "other", "name": "Other Fire"})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER, Role.ADMINISTRATOR])
async def test_for_a_tenants_people_there_are_no_operator_pages(scene: Scene, role: Role) -> None:
    browser = await somebody(scene, role)
    token = form_token_of(browser)
    assert "/operator" not in browser.text
    headers = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
    async with scene.http.get(f"{scene.url}/no-such-page", headers=headers) as answer:
        missing = answer.status, (await answer.json())["code"]
    for one in OPERATORS_OWN:
        path = one.path.format(slug="cardinal", key="key_0", person="per_0")
        data = {FORM_TOKEN: token, "sure": "cardinal", "name": "X", "email": "x@example.com"}
        async with scene.http.request(
            one.method,
            f"{scene.url}{path}",
            data=data if one.method == "POST" else None,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            assert (answer.status, (await answer.json())["code"]) == missing == (404, "ROUTE_NOT_FOUND"), path
    assert (await scene.use_cases.manage_people.page(None)).people == []
    assert not (await scene.use_cases.find_tenant("cardinal")).paused


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER])
async def test_keys_and_people_are_for_administrators(scene: Scene, role: Role) -> None:
    browser = await somebody(scene, role)
    assert f"{HOME}/keys" not in browser.text
    for page in ("keys", "people"):
        assert (await browser.open(f"{HOME}/{page}")).status == 403
        assert (await post(scene, browser, f"{HOME}/{page}", name="x", role="administrator"))[0] == 403


@pytest.mark.parametrize("page", [one for one in INSTANCE_PAGES if one.method == "POST"], ids=lambda one: one.path)
async def test_nothing_changes_without_the_sessions_own_form(scene: Scene, operator: Browser, page: object) -> None:
    one = next(each for each in INSTANCE_PAGES if each is page)
    path = one.path.format(slug="cardinal", key="key_0", person="per_0")
    for token, origin in (("", None), ("wrong", None), (form_token_of(operator), "https://evil.example.com")):
        headers = {"Cookie": f"{LOCAL_COOKIE}={operator.cookie}"} | ({"Origin": origin} if origin else {})
        async with scene.http.post(f"{scene.url}{path}", data={FORM_TOKEN: token}, headers=headers) as answer:
            assert answer.status == 403


async def test_operators_land_on_the_installation_with_what_waits(scene: Scene, operator: Browser) -> None:
    assert operator.address == "/operator"
    assert "✓Good" in operator.said
    assert "No worker runs at present" in operator.said
    await scene.send(UNMAPPED)
    await scene.work()
    await scene.call("POST", "/v1/tenants/cardinal/connections/main/pause")
    await operator.open("/")
    assert operator.address == "/operator", "one way"
    [row] = operator.page.xpath("//tbody/tr")
    assert [" ".join(cell.text_content().split()) for cell in row] == [
        "Cardinal Fire Protection",
        "1 job",
        "0",
        "1, 1 paused",
        "!Needs attention",
    ]
    assert "1 send" in operator.said
    await operator.open(operator.link("Cardinal Fire Protection"))
    assert (operator.status, operator.address) == (200, HOME)
    assert operator.link("Installation") == "/operator"
    assert (await Browser(scene).open("/operator")).address == "/sign-in?next=/operator"


async def test_workers_are_shown_with_what_they_have_in_hand(
    scene: Scene, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    [connection] = scene.transactions.rows.connections

    async def workers(_: object) -> list[WorkerHeartbeat]:
        return [WorkerHeartbeat(7, scene.clock.now(), (connection, "con_gone")), WorkerHeartbeat(8, scene.clock.now())]

    monkeypatch.setattr(MemoryInstanceTransaction, "workers", workers)
    await operator.open("/operator")
    assert "7 today 09:00 UTC Cardinal Fire Protection: Spectrum; con_gone" in operator.said
    assert "8 today 09:00 UTC nothing" in operator.said


async def test_a_tenant_is_tried_before_it_is_stored(scene: Scene, operator: Browser) -> None:
    await operator.open("/operator/tenants")
    scene.service_trade.fail_next(Unauthorized("ServiceTrade refuses this sign-in.", fix="Correct the password."))
    await operator.press("Add the tenant", **NEW)
    assert operator.status == 401
    assert "ServiceTrade refuses this sign-in." in operator.said
    assert 'value="harbor@example.com"' in operator.text, "what was typed stays"
    assert NEW["servicetrade.password"] not in operator.text, "but secrets do not come back"
    assert [one.slug for one in await scene.use_cases.find_tenant.all()] == ["cardinal"]
    await operator.press("Add the tenant", **NEW)
    assert "The tenant is added" in operator.said
    assert [one.slug for one in await scene.use_cases.find_tenant.all()] == ["cardinal", "harbor"]
    assert NEW["servicetrade.password"] not in operator.text
    await operator.press("Add the tenant", **{**NEW, "slug": "third", "servicetrade.client_id": "c"})
    assert (operator.status, "does not say how to sign in" in operator.said) == (422, True)


async def test_a_tenant_is_paused_resumed_and_removed_by_its_short_name(scene: Scene, operator: Browser) -> None:
    await operator.open("/operator/tenants")
    await operator.press("Pause Cardinal Fire Protection")
    assert (await scene.use_cases.find_tenant("cardinal")).paused
    await operator.press("Resume Cardinal Fire Protection")
    assert not (await scene.use_cases.find_tenant("cardinal")).paused
    await operator.press("Remove cardinal for good", sure="Cardinal")
    assert "Nothing was removed." in operator.said
    assert [one.slug for one in await scene.use_cases.find_tenant.all()] == ["cardinal"]
    await operator.press("Remove cardinal for good", sure="cardinal")
    assert "and all its data are removed" in operator.said
    assert await scene.use_cases.find_tenant.all() == []
    assert (await operator.open("/operator/tenants")).said.count("There is no tenant yet") == 1


@pytest.mark.parametrize("home", ["/operator", HOME])
async def test_a_key_is_shown_once_and_opens_until_it_is_revoked(scene: Scene, operator: Browser, home: str) -> None:
    await operator.open(f"{home}/keys")
    ticked = {"scope.read": "on"} if home == HOME else {}
    await operator.press("Make the key", name=HOSTILE, **ticked)
    assert "<script>alert" not in operator.text
    assert HOSTILE in operator.said
    [text] = operator.page.xpath("//input[@id='made']/@value")
    assert operator.headers["Cache-Control"] == "no-store"
    assert (await scene.call("GET", "/v1/tenants/cardinal", key=text)).status == 200
    refused = await scene.call("POST", "/v1/tenants/cardinal/pause", key=text)
    assert refused.status == (403 if home == HOME else 200), "a key may do what was ticked"
    await operator.open(f"{home}/keys")
    assert text not in operator.text
    assert re.escape(text[:11]) in operator.said
    await operator.press(f"Revoke the key {HOSTILE}")
    assert f"Revoke the key {HOSTILE}?" in operator.said
    await operator.press("Revoke it")
    assert "The key is revoked" in operator.said
    scene.clock.advance(61)
    assert (await scene.call("GET", "/v1/tenants/cardinal", key=text)).status == 401


async def test_tenants_that_were_added_later_are_on_the_next_page(
    scene: Scene, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for handlers in ("operator", "tenants"):
        monkeypatch.setattr(f"adapters.inbound.console.handlers.{handlers}.SHOWN", 2)
    for number in range(2):
        await scene.call("POST", "/v1/tenants", {**TENANT, "slug": f"later-{number}", "name": f"Later {number}"})
    await operator.open("/operator")
    assert [f"/t/later-{number}" in operator.text for number in range(2)] == [True, False]
    await operator.open(operator.link("the list of all tenants"))
    assert [f"/t/later-{number}" in operator.text for number in range(2)] == [True, False]
    await operator.open(operator.link("Newer ones"))
    assert [f"/t/later-{number}" in operator.text for number in range(2)] == [False, True]
    assert "Newer ones" not in operator.said


async def test_more_people_are_on_the_next_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.people.SHOWN", 1)
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await person(scene, "zoe+1@example.com", Role.VIEWER, "cardinal")
    await browser.open(f"{HOME}/people")
    assert "zoe+1@" not in browser.said
    await browser.open(browser.link("More people"))
    assert "zoe+1@" in browser.said
    assert "More people" not in browser.said


async def test_older_keys_are_on_the_next_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.keys.SHOWN", 2)
    for number in range(3):
        await scene.call("POST", "/v1/tenants/cardinal/keys", {"name": f"program {number}", "scopes": ["read"]})
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/keys")
    assert [f"program {number}" in browser.said for number in range(3)] == [False, True, True]
    await browser.open(browser.link("Older ones"))
    assert [f"program {number}" in browser.said for number in range(3)] == [True, False, False]
    assert "Older ones" not in browser.said


async def test_a_key_without_scopes_or_name_is_not_made(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/keys")
    await browser.press("Make the key", name="Reports")
    assert (browser.status, "No key was made." in browser.said) == (422, True)
    assert (await scene.use_cases.api_keys.page(await tenant_id(scene))).keys == []


async def test_one_tenants_administrator_has_no_way_to_anothers_keys_and_people(scene: Scene) -> None:
    await other_tenant(scene)
    await person(scene, "eve@other.example.com", Role.VIEWER, "other")
    other = await tenant_id(scene, "other")
    made = await scene.call("POST", "/v1/tenants/other/keys", {"name": "theirs", "scopes": ["read"]})
    [eve] = (await scene.use_cases.manage_people.page(other)).people
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for page in ("keys", "people"):
        assert (await browser.open(f"/t/other/{page}")).status == 404
        await browser.open(f"{HOME}/{page}")
        assert "theirs" not in browser.said
        assert "eve@" not in browser.said
    for path in (f"keys/{made.body['id']}/revoke", *(f"people/{eve.id}/{do}" for do in ("role", "link", "remove"))):
        for tenant in ("other", "cardinal"):
            status, text = await post(scene, browser, f"/t/{tenant}/{path}", role="administrator")
            assert status == 404, path
            assert "/sign-in/" not in text
    assert (await scene.use_cases.manage_people.page(other)).people == [eve]
    assert (await scene.use_cases.api_keys.page(other)).keys[0].revoked_at is None


async def test_people_are_added_given_a_role_let_in_and_removed(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/people")
    await browser.press("Add", email="bob@example.com", name=HOSTILE, role="viewer")
    assert "<script>alert" not in browser.text
    assert f"{HOSTILE} bob@example.com Viewer" in browser.said
    await browser.press("Add", email="bob@example.com", name="Bob", role="viewer")
    assert "Nobody was added. bob@example.com already exists." in browser.said
    await browser.open(f"{HOME}/people")
    await browser.press(f"Change the role of {HOSTILE}", role="sender")
    assert f"{HOSTILE} bob@example.com Sender" in browser.said
    await browser.press(f"Make a sign-in link for {HOSTILE}")
    [url] = browser.page.xpath("//input[@id='link']/@value")
    assert url not in (await browser.open(f"{HOME}/people")).text, "shown once"
    path = url.removeprefix("https://jobferry.example.com")
    bob = await (await Browser(scene).open(path)).press("Sign in")
    assert "sender" in bob.said
    await browser.press(f"Remove {HOSTILE}")
    assert "signed out everywhere at once" in browser.said
    await browser.press("Remove")
    assert "bob@example.com" not in browser.said
    assert (await bob.open(HOME)).address.startswith("/sign-in")
    said = (await browser.open(f"{HOME}/audit")).said
    assert said.count("ann@example.com Person") == 4, "one of them signed in"
    assert said.count("ann@example.com Sign-in link made") == 1


async def test_nobody_removes_or_changes_themselves_nor_makes_an_operator(scene: Scene, operator: Browser) -> None:
    await operator.open("/operator/people")
    assert "This is you" in operator.said
    [ops] = (await scene.use_cases.manage_people.page(None)).people
    assert (await post(scene, operator, f"/operator/people/{ops.id}/remove"))[0] == 409
    assert (await scene.use_cases.manage_people.page(None)).people == [ops], "so one operator always stays"
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(f"{HOME}/people")
    [ann] = (await scene.use_cases.manage_people.page(await tenant_id(scene))).people
    for do in ("role", "remove"):
        assert (await post(scene, browser, f"{HOME}/people/{ann.id}/{do}", role="viewer"))[0] == 409
    for role in ("operator", "king", ""):
        status, _ = await post(scene, browser, f"{HOME}/people", email="x@example.com", name="X", role=role)
        assert status == 422
    assert (await scene.use_cases.manage_people.page(await tenant_id(scene))).people == [ann]


async def test_operators_add_and_remove_one_another(scene: Scene, operator: Browser) -> None:
    await operator.open("/operator/people")
    await operator.press("Add an operator", email="two@example.com", name="Two")
    assert [one.email for one in (await scene.use_cases.manage_people.page(None)).people] == [OPS, "two@example.com"]
    await operator.press("Make a sign-in link for Two")
    [url] = operator.page.xpath("//input[@id='link']/@value")
    two = await (await Browser(scene).open(url.removeprefix("https://jobferry.example.com"))).press("Sign in")
    assert two.address == "/operator"
    await operator.press("Remove Two")
    await operator.press("Remove")
    assert (await two.open("/operator")).address.startswith("/sign-in")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_the_own_password_takes_the_present_one_and_ends_other_sessions(scene: Scene, role: Role) -> None:
    here = await somebody(scene, role)
    elsewhere = await Browser(scene).sign_in("ann@example.com")
    await here.open("/password")
    new = {"password": "quite another four words", "again": "quite another four words"}
    for wrong, said in (
        ({**new, "present": "not the present one"}, "Your present password is not right."),
        ({**new, "present": PASSWORD, "again": "typed wrong this time"}, "are not the same"),
        ({"present": PASSWORD, "password": "short", "again": "short"}, "This password cannot be used"),
    ):
        await here.press("Change the password", **wrong)
        assert (here.status, said in here.said) == (422, True)
        assert not any(value in here.text for value in wrong.values())
    assert (await elsewhere.open("/password")).status == 200
    before = here.cookie
    await here.press("Change the password", **new, present=PASSWORD)
    assert "Your password is changed." in here.said
    assert here.cookie != before
    assert (await elsewhere.open("/password")).address.startswith("/sign-in")
    assert (await Browser(scene).sign_in("ann@example.com")).status == 401
    assert (await Browser(scene).sign_in("ann@example.com", new["password"])).status == 200


async def test_who_came_by_a_link_sets_a_first_password(scene: Scene) -> None:
    made = await scene.call(
        "POST", "/v1/tenants/cardinal/sign-in-links", {"email": "eve@example.com", "role": "viewer"}
    )
    path = made.body["url"].removeprefix("https://jobferry.example.com")
    browser = await (await (await Browser(scene).open(path)).press("Sign in")).open("/password")
    assert "You have no password yet" in browser.said
    await browser.press("Change the password", password=PASSWORD, again=PASSWORD)
    assert (await Browser(scene).sign_in("eve@example.com")).address == HOME


async def test_operator_pages_have_a_strict_policy_and_no_secret(scene: Scene, operator: Browser) -> None:
    for one in (each for each in INSTANCE_PAGES if each.method == "GET"):
        await operator.open(one.path)
        assert operator.status == 200
        if one.path.endswith(".csv"):
            continue
        policy = operator.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert operator.headers["Cache-Control"] == "no-store"
        assert "style=" not in operator.text
        assert not any(secret in operator.text for secret in (*SECRETS, scene.key, PASSWORD, operator.cookie))


async def test_operators_switch_to_the_same_page_of_another_tenant(scene: Scene, operator: Browser) -> None:
    await other_tenant(scene)
    await operator.open("/operator")
    await operator.press("Go to this tenant", tenant="cardinal")
    assert operator.address == HOME
    await operator.open(f"{HOME}/connections/main/settings")
    await operator.press("Go to this tenant", tenant="other")
    assert operator.address == "/t/other/connections", "not to a connection that it does not have"
    chosen = operator.page.xpath("//select[@id='switch']/option[@selected]/@value")
    assert chosen == ["other"]
    await operator.press("Go to this tenant", tenant="")
    assert operator.address == "/operator/tenants"
    await operator.open("/operator/switch?tenant=other&at=//evil.example")
    assert operator.address == "/t/other"
    assert (await operator.open("/operator/switch?tenant=nobody")).status == 404


async def test_others_have_no_switch(scene: Scene) -> None:
    await other_tenant(scene)
    browser = await somebody(scene, Role.ADMINISTRATOR)
    assert "Other Fire" not in browser.text
    assert (await browser.open("/operator/switch?tenant=other")).status == 404
