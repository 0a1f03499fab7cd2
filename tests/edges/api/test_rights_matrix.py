"""Every caller, by what it may do, with every act on a key or a person, by what that may do.

An act is allowed if, and only if, the caller may itself do all that the key or person may do. Otherwise a key that may
manage keys could make itself, or get to know, one that may do more.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.inbound.api.routes import ROUTES
from core.model.access.api_key import ApiKey, Scope
from core.model.access.caller import Caller
from core.model.access.person import SCOPES, Person, Role
from core.model.shared.errors import Forbidden
from core.services.access.api_keys import KeyRequest
from tests.edges.api.test_http_isolation import ACTS_ON_RIGHTS
from tests.support.browser_scene import Browser, person
from tests.support.http_scene import CONNECTION, TENANT, Scene, api
from tests.support.storage_scene import a_person

SETS = [frozenset(some) for count in range(1, 5) for some in itertools.combinations(sorted(Scope), count)]
MANAGERS = [some for some in SETS if Scope.MANAGE in some]
T = "/v1/tenants/cardinal"
OPERATOR = Caller(who="test")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def tenant_of(scene: Scene, slug: str = "cardinal") -> str:
    return (await scene.use_cases.find_tenant(slug)).id


def names(scopes: frozenset[Scope]) -> str:
    return "+".join(sorted(scopes))


async def key(scene: Scene, scopes: frozenset[Scope], *, days: int = 0, slug: str = "cardinal") -> tuple[str, str]:
    """The id and the text of a new key of the tenant."""
    ends = scene.clock.now() + timedelta(days=days) if days else None
    request = KeyRequest(name=names(scopes), tenant_id=await tenant_of(scene, slug), scopes=scopes, expires_at=ends)
    made = await scene.use_cases.api_keys.create(request, OPERATOR)
    return made.key.id, made.text


def test_every_call_on_a_key_or_a_link_is_in_the_matrix() -> None:
    on_rights = {
        route.name
        for route in ROUTES
        if route.method != "GET" and "{tenant}" in route.path and ("/keys" in route.path or "sign-in" in route.path)
    }
    assert on_rights == ACTS_ON_RIGHTS


@pytest.mark.parametrize("held", MANAGERS, ids=names)
async def test_a_key_acts_only_on_what_may_do_no_more_than_it(scene: Scene, held: frozenset[Scope]) -> None:
    _, caller = await key(scene, held)
    tenant_id = await tenant_of(scene)
    for wanted in SETS:
        target, _ = await key(scene, wanted)
        calls = [
            ("POST", f"{T}/keys", {"name": "x", "scopes": sorted(wanted)}, 201),
            ("POST", f"{T}/keys/{target}/rotate", {"overlap_seconds": 0}, 201),
        ]
        for role in SCOPES:
            if SCOPES[role] == wanted and role is not Role.OPERATOR:
                calls.append(("POST", f"{T}/sign-in-links", {"email": f"{role}@example.com", "role": role.value}, 201))
        ends, _ = await key(scene, wanted)
        calls.append(("DELETE", f"{T}/keys/{ends}", None, 204))
        for method, path, body, done in calls:
            before = [(one.id, one.expires_at, one.revoked_at) for one in await all_keys(scene, tenant_id)]
            answer = await scene.call(method, path, body, key=caller)
            assert answer.status == (done if wanted <= held else 403), (names(held), names(wanted), path, answer.text)
            if answer.status == 403:
                assert answer.body["code"] == "SCOPE_MISSING"
                after = [(one.id, one.expires_at, one.revoked_at) for one in await all_keys(scene, tenant_id)]
                assert after == before
            elif done == 201 and "/keys" in path:
                assert set(answer.body["scopes"]) == wanted


async def all_keys(scene: Scene, tenant_id: str | None) -> list[ApiKey]:
    return list((await scene.use_cases.api_keys.page(tenant_id, limit=500)).keys)


async def test_a_key_rotates_itself_into_its_equal(scene: Scene) -> None:
    own, text = await key(scene, frozenset({Scope.MANAGE}))
    rotated = await scene.call("POST", f"{T}/keys/{own}/rotate", {}, key=text)
    assert (rotated.status, rotated.body["scopes"]) == (201, ["manage"])
    send = await scene.call("POST", f"{T}/sends", {"job_id": "5", "connection": "main"}, key=rotated.body["key"])
    assert send.status == 403


async def test_a_key_that_ends_makes_none_that_outlives_it(scene: Scene) -> None:
    own, text = await key(scene, frozenset(Scope), days=7)
    other, _ = await key(scene, frozenset({Scope.READ}))
    ends = (scene.clock.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = (scene.clock.now() + timedelta(days=30)).isoformat()
    sooner = (scene.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for path, body, wanted in (
        (f"{T}/keys", {"name": "x", "scopes": ["read"]}, ends),
        (f"{T}/keys", {"name": "x", "scopes": ["read"], "expires_at": later}, ends),
        (f"{T}/keys", {"name": "x", "scopes": ["read"], "expires_at": sooner}, sooner),
        (f"{T}/keys/{other}/rotate", {}, ends),
        (f"{T}/keys/{own}/rotate", {}, ends),
    ):
        made = await scene.call("POST", path, body, key=text)
        assert (made.status, made.body["expires_at"][:19]) == (201, wanted[:19]), (path, made.text)


async def test_nobody_of_a_tenant_acts_on_an_operators_key_or_on_another_tenants(scene: Scene) -> None:
    """Also without the routes in front, which answer as if nothing were there."""
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin"})
    tenant_id, other = await tenant_of(scene), await tenant_of(scene, "bluefin")
    administrator = Caller(person=a_person(tenant_id=tenant_id, role=Role.ADMINISTRATOR))
    keys = scene.use_cases.api_keys
    for owner, scopes in ((None, frozenset()), (other, frozenset({Scope.READ}))):
        target = await keys.create(KeyRequest(name="x", tenant_id=owner, scopes=scopes), OPERATOR)
        before = await all_keys(scene, owner)
        acts: list[Awaitable[object]] = [
            keys.create(KeyRequest(name="y", tenant_id=owner, scopes=scopes), administrator),
            keys.rotate(owner, target.key.id, timedelta(), administrator),
            keys.revoke(owner, target.key.id, administrator),
        ]
        for act in acts:
            with pytest.raises(Forbidden):
                await act
        assert await all_keys(scene, owner) == before


Act = Callable[[Scene, str | None, str, Caller], Awaitable[object]]
ACTS: dict[str, Act] = {
    "set_password": lambda s, t, e, by: s.use_cases.manage_people.set_password(t, e, "four words are enough", by=by),
    "make_link": lambda s, t, e, by: s.use_cases.sign_in.make_link(t, e, by=by),
    "remove": lambda s, t, e, by: s.use_cases.manage_people.remove(t, e, by=by),
}


async def callers(scene: Scene) -> list[tuple[frozenset[Scope], str | None, Caller]]:
    """What they may do, where, and who they are: keys of every set of scopes, people of every role, the operator."""
    tenant_id = await tenant_of(scene)
    found: list[tuple[frozenset[Scope], str | None, Caller]] = [(frozenset(Scope), None, OPERATOR)]
    for scopes in SETS:
        request = KeyRequest(name="x", tenant_id=tenant_id, scopes=scopes)
        found.append((scopes, tenant_id, Caller((await scene.use_cases.api_keys.create(request, OPERATOR)).key)))
    for role in SCOPES:
        owner = None if role is Role.OPERATOR else tenant_id
        found.append((SCOPES[role], owner, Caller(person=a_person(tenant_id=owner, role=role))))
    return found


@pytest.mark.parametrize("act", ["add", "set_role", *ACTS])
async def test_nobody_acts_on_a_person_who_may_do_more(scene: Scene, act: str) -> None:
    people, tenant_id = scene.use_cases.manage_people, await tenant_of(scene)
    roles = [role for role in SCOPES if not (act == "set_role" and role is Role.OPERATOR)]
    number = itertools.count()
    for (held, place, by), role in itertools.product(await callers(scene), roles):
        owner, email = (None if role is Role.OPERATOR else tenant_id), f"p{next(number)}@example.com"
        allowed = place is None or (owner == place and SCOPES[role] <= held)
        if act != "add":
            await people.add(owner, email, "Pat", Role.VIEWER if act == "set_role" else role, by=OPERATOR)
        before = await people.find(owner, email)
        doing: Awaitable[object]
        if act == "add":
            doing = people.add(owner, email, "Pat", role, by=by)
        elif act == "set_role":
            doing = people.set_role(tenant_id, email, role, by=by)
            allowed = allowed and (place is None or SCOPES[Role.VIEWER] <= held)
        else:
            doing = ACTS[act](scene, owner, email, by)
        if allowed:
            await doing
            continue
        with pytest.raises(Forbidden):
            await doing
        assert await people.find(owner, email) == before, (act, role, held)


async def test_a_richer_person_cannot_be_made_a_poorer_one(scene: Scene) -> None:
    people, tenant_id = scene.use_cases.manage_people, await tenant_of(scene)
    await people.add(tenant_id, "ann@example.com", "Ann", Role.ADMINISTRATOR, by=OPERATOR)
    request = KeyRequest(name="x", tenant_id=tenant_id, scopes=frozenset({Scope.READ, Scope.MANAGE}))
    by = Caller((await scene.use_cases.api_keys.create(request, OPERATOR)).key)
    with pytest.raises(Forbidden):
        await people.set_role(tenant_id, "ann@example.com", Role.VIEWER, by=by)
    found: Person | None = await people.find(tenant_id, "ann@example.com")
    assert found
    assert found.role is Role.ADMINISTRATOR


async def test_a_key_cannot_lead_secrets_that_it_does_not_have_to_another_address(scene: Scene) -> None:
    """Neither to another host, nor port, nor without encryption; the operator may."""
    _, text = await key(scene, frozenset(Scope))
    path, there = f"{T}/connections/main", "https://other.example.com:8482/ws"
    secrets = {name: CONNECTION[name] for name in ("authorization_id", "enhanced_auth")}
    for body in (
        {"endpoint_url": there},
        {"endpoint_url": there, "check": False},
        {"endpoint_url": "https://spectrum.example.com:9999/ws", "authorization_id": "AUTH-7711-XYZ"},
        {"endpoint_url": "http://spectrum.example.com:8482/ws", "enhanced_auth": secrets["enhanced_auth"]},
        {"endpoint_url": there, "enhanced_auth": None},
    ):
        before = (await scene.call("GET", path)).body
        refused = await scene.call("PATCH", path, body, headers={"If-Match": "*"}, key=text)
        assert (refused.status, refused.body["code"]) == (403, "SCOPE_MISSING"), (body, refused.text)
        assert (await scene.call("GET", path)).body == before
    for body, caller in (
        ({"name": "Renamed"}, text),
        ({"endpoint_url": there, **secrets}, text),
        ({"endpoint_url": CONNECTION["endpoint_url"]}, scene.key),
    ):
        changed = await scene.call("PATCH", path, body, headers={"If-Match": "*"}, key=caller)
        assert changed.status == 200, changed.text


async def test_a_key_that_makes_itself_an_administrator_cannot_lead_them_there_either(scene: Scene) -> None:
    _, text = await key(scene, frozenset(Scope))
    body = {"email": "eve@example.com", "role": "administrator"}
    link = (await scene.call("POST", f"{T}/sign-in-links", body, key=text)).body["url"]
    browser = Browser(scene)
    await (await browser.open(f"/{link.split('/', 3)[3]}")).press("Sign in")
    settings, there = "/t/cardinal/connections/main/settings", "https://other.example.com:8482/ws"
    client = {"enhanced_auth.client_id": "client-1", "enhanced_auth.client_secret": "cs-that-stays-inside"}
    before = (await scene.call("GET", f"{T}/connections/main")).body
    for given in ({}, {"authorization_id": "AUTH-7711-XYZ"}, client):
        await (await browser.open(settings)).press("Save", endpoint_url=there, **given)
        assert (browser.status, "for somebody who cannot read them" in browser.said) == (403, True)
        assert (await scene.call("GET", f"{T}/connections/main")).body == before
    await browser.press("Save", endpoint_url=there, authorization_id="AUTH-7711-XYZ", **client)
    assert "Saved." in browser.said
    await person(scene, "ops@example.com", Role.OPERATOR)
    operator = await Browser(scene).sign_in("ops@example.com")
    await (await operator.open(settings)).press("Save", endpoint_url=str(CONNECTION["endpoint_url"]))
    assert "Saved." in operator.said
