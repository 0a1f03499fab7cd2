"""Signing in with OpenID Connect: the way there and back through a provider on a socket, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from lxml import html
from yarl import URL

from adapters.inbound.console.handlers.oidc import COOKIE, LOCAL_COOKIE
from adapters.inbound.console.sign_in_tries import AHEAD_OF_A_PEER, TRIES_OF_A_PEER, SignInTries
from adapters.outbound.oidc.auth_state import LIVES, AuthState
from adapters.outbound.oidc.oidc_identity import Client
from adapters.outbound.oidc.provider import KEPT_SECONDS
from adapters.outbound.oidc.transport import DEADLINE_SECONDS, MOST_BYTES
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.model.shared.errors import OperatorMends, TimeMends, Unauthorized
from core.model.shared.secret import Secret
from tests.support.browser_scene import person
from tests.support.http_scene import TENANT, Scene, SteppingClock, api
from tests.support.oidc_scene import BACK, CLIENT, SECRET, Provider, Visitor, identity_of, provider

ANN = "ann@example.com"
JOBS = "/t/cardinal/jobs"


@dataclass
class House:
    scene: Scene
    provider: Provider

    def visitor(self) -> Visitor:
        return Visitor(self.scene)


@asynccontextmanager
async def opened(**more: Any) -> AsyncIterator[House]:
    async with provider(SteppingClock()) as made:

        def identity(clock: SteppingClock) -> Any:
            made.clock = clock
            return identity_of(made, clock, **more)

        async with api(identity=identity) as scene:
            await scene.furnish()
            await person(scene, ANN, Role.SENDER)
            made.asked.clear()
            yield House(scene, made)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as one:
        yield one


async def refused(house: House, status: int, words: str, visitor: Visitor | None = None, door: str = "") -> Visitor:
    """Somebody comes back and is not let in; the page says why, and nothing of what is secret."""
    visitor = visitor or house.visitor()
    assert await visitor.step(door or await visitor.to_the_door()) == ""
    assert (visitor.status, words in " ".join(visitor.said.split())) == (status, True), (visitor.said, house.provider)
    house.scene.clock.advance(1 if door else 61)
    assert "What to do" in visitor.said
    assert not visitor.signed_in
    assert LOCAL_COOKIE not in visitor.cookies, "what was kept is used up"
    secrets = [SECRET, house.provider.last_code, house.provider.last_token]
    assert not any(one in visitor.said for one in secrets if len(one) > 20)
    return visitor


async def test_somebody_known_comes_in_where_they_wanted_to_go(house: House) -> None:
    visitor = house.visitor()
    await visitor.step(f"/sign-in?next={JOBS}")
    page: Any = html.fromstring(visitor.said)
    [button] = page.find_class("button")
    assert button.text_content() == "Sign in with Cardinal ID"
    there = await visitor.step(button.get("href"))
    assert visitor.status == 303
    back = await visitor.step(there)
    assert await visitor.step(back) == JOBS
    assert await visitor.step(JOBS) == ""
    assert "Ann, sender" in " ".join(visitor.said.split())
    tenant = await house.scene.use_cases.find_tenant("cardinal")
    actions = [entry.action for entry in (await house.scene.use_cases.list_audit(tenant.id)).entries]
    assert "person.signed_in_by_identity" in actions


async def test_the_address_is_folded_as_with_a_password(house: House) -> None:
    house.provider.email = "Ann@Example.COM"
    assert await house.visitor().sign_in() == "/"


async def test_a_letter_that_looks_like_one_of_the_address_is_another_one(house: House) -> None:
    """Whoever has the mailbox `\u212ate@` (with the Kelvin sign) has not `kate@`."""
    await person(house.scene, "kate@example.com", Role.OPERATOR)
    house.provider.email = "\N{KELVIN SIGN}ate@example.com"
    await refused(house, 401, "nobody here has that address")


async def test_what_goes_over_the_address_gives_away_nothing_that_is_kept(house: House) -> None:
    visitor = house.visitor()
    there = URL(await visitor.step("/sign-in/oidc"))
    kept = AuthState.read(visitor.cookies[LOCAL_COOKIE])
    assert kept
    assert (there.query["state"], there.query["nonce"], there.query["code_challenge"]) == (
        kept.state,
        kept.nonce,
        kept.challenge,
    )
    assert len({kept.state, kept.nonce, kept.verifier, kept.challenge, kept.secret}) == 5
    assert kept.verifier not in str(there)
    assert kept.secret not in str(there)
    assert (await house.visitor().step("/sign-in/oidc")) != str(there), "nothing is used twice"


async def test_the_cookie_is_bound_to_the_browser_the_host_and_a_short_time(house: House) -> None:
    for headers, name in (({}, LOCAL_COOKIE), ({"Host": "jobs.example.com"}, COOKIE)):
        async with house.scene.http.get(
            f"{house.scene.url}/sign-in/oidc", headers=headers, allow_redirects=False
        ) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"))
        assert ("Secure" in cookie) is (name == COOKIE)
        assert "Domain" not in cookie


async def test_somebody_elses_code_signs_nobody_in(house: House) -> None:
    """The attacker goes as far as the door, and gives the last address to somebody else."""
    attacker = house.visitor()
    door = await attacker.to_the_door()
    await refused(house, 401, "did not begin in this browser", house.visitor(), door)
    victim = house.visitor()
    own = await victim.to_the_door()
    await refused(house, 401, "did not begin in this browser", victim, door)
    state = URL(own).query["state"]
    swapped = str(URL(door).update_query(state=state))
    victim = house.visitor()
    again = await victim.to_the_door()
    swapped = str(URL(door).update_query(state=URL(again).query["state"]))
    await refused(house, 401, "does not prove who you are", victim, swapped)
    assert await attacker.step(door) == "", "the provider has seen that code"


async def test_an_answer_works_once(house: House) -> None:
    visitor = house.visitor()
    door = await visitor.to_the_door()
    kept = dict(visitor.cookies)
    assert await visitor.step(door) == "/"
    visitor.cookies.pop("jobferry-local")
    await refused(house, 401, "was used already", visitor, door)
    await refused(house, 401, "does not prove who you are", Visitor(house.scene, kept), door)


async def test_a_cookie_that_is_not_ours_is_none(house: House) -> None:
    for cookie in ("", "x", "a.b.c", f"{'A' * 43}.99999999999999999999.", f"{'A' * 43}.1.4pi", f"{'A' * 43}.1.4oKs"):
        visitor = house.visitor()
        door = await visitor.to_the_door()
        visitor.cookies[LOCAL_COOKIE] = cookie
        await refused(house, 401, "did not begin in this browser", visitor, door)


async def test_a_page_that_was_changed_on_the_way_is_refused(house: House) -> None:
    visitor = house.visitor()
    door = await visitor.to_the_door(JOBS)
    kept = AuthState.read(visitor.cookies[LOCAL_COOKIE])
    assert kept
    visitor.cookies[LOCAL_COOKIE] = AuthState(kept.secret, kept.begun, "/t/bluefin").text
    await refused(house, 401, "did not begin in this browser", visitor, door)


async def test_who_takes_too_long_begins_again(house: House) -> None:
    visitor = house.visitor()
    door = await visitor.to_the_door()
    house.scene.clock.advance(LIVES.total_seconds())
    await refused(house, 401, "took longer than ten minutes", visitor, door)


async def test_nobody_is_led_to_another_site(house: House) -> None:
    for page in ("//evil.example.com", "https://evil.example.com", "/sign-out", "/v1/tenants", "/%C3%A9"):
        assert await house.visitor().sign_in(page) == "/"
    departure = await identity_of(house.provider, house.scene.clock).begin("//evil.example.com")
    visitor = Visitor(house.scene, {LOCAL_COOKIE: departure.kept})
    assert await visitor.step(await visitor.step(departure.address)) == "/"


async def test_the_providers_own_no_is_told_in_our_words(house: House) -> None:
    for error, status, words in (
        ("access_denied", 401, "did not let you in, or you cancelled there"),
        ("server_error", 503, "cannot be reached at the moment"),
        ("invalid_scope", 503, "is not set up correctly"),
        ("<b>odd</b>", 401, "Cardinal ID did not sign you in."),
    ):
        house.provider.error = error
        assert "<b>odd" not in (await refused(house, status, words)).said
    assert house.provider.asked == ["description"], "no code, no token"


async def test_a_token_that_is_not_for_this_sign_in_is_refused(house: House) -> None:
    for claims in (
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"nonce": None},
        {"nonce": "another"},
        {"nonce": "\ud800"},
        {"exp": "tomorrow"},
    ):
        house.provider.claims = claims
        await refused(house, 401, "does not prove who you are")


async def test_a_token_for_several_that_names_us_is_good(house: House) -> None:
    house.provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert await house.visitor().sign_in() == "/"


async def test_an_expired_token_is_refused_with_a_minutes_grace(house: House) -> None:
    now = int(house.scene.clock.now().timestamp())
    house.provider.claims = {"exp": now - 59}
    assert await house.visitor().sign_in() == "/"
    house.provider.claims = {"exp": now - 60}
    await refused(house, 401, "does not prove who you are")


async def test_a_token_of_the_future_is_refused(house: House) -> None:
    house.provider.claims = {"iat": int(house.scene.clock.now().timestamp()) + 61}
    await refused(house, 401, "does not prove who you are")


async def test_only_the_providers_own_signature_counts(house: House) -> None:
    """Neither none at all, nor one that anybody can make who has read the public key."""
    for algorithm in ("none", "HS256"):
        house.provider.algorithm = algorithm
        await refused(house, 401, "does not prove who you are")


async def test_what_is_no_token_is_refused(house: House) -> None:
    for token in ("", "x", "a.b.c", "ImFsZyI.e30.", "eyJhbGciOltdfQ.e30.x", "\ud800.e30.x"):
        house.provider.token = token
        await refused(house, 401, "does not prove who you are")


async def test_a_token_signed_with_a_foreign_key_is_refused(house: House) -> None:
    visitor = house.visitor()
    door = await visitor.to_the_door()
    house.provider.signs_with = "second"
    forged = house.provider.sign(URL(door).query["state"])
    header = forged.split(".", maxsplit=1)[0]
    house.provider.signs_with = "first"
    own = house.provider.sign("x")
    house.provider.token = own.split(".", maxsplit=1)[0] + forged.removeprefix(header)
    await refused(house, 401, "does not prove who you are", visitor, door)


async def test_keys_are_kept_and_read_once_more_for_a_new_one(house: House) -> None:
    assert await house.visitor().sign_in() == "/"
    assert await house.visitor().sign_in() == "/"
    assert house.provider.asked == ["description", "token", "keys", "token"]
    house.provider.signs_with, house.provider.publishes = "second", ("first", "second")
    assert await house.visitor().sign_in() == "/"
    assert house.provider.asked[4:] == ["token", "keys"]
    house.provider.signs_with = "third"
    await refused(house, 401, "does not prove who you are")
    assert house.provider.asked[6:] == ["token", "keys"], "once, not for as long as it is not there"
    house.provider.signs_with = "first"
    house.scene.clock.advance(KEPT_SECONDS)
    assert await house.visitor().sign_in() == "/"
    assert house.provider.asked[8:] == ["description", "token", "keys"]


async def test_only_somebody_known_under_a_verified_address_comes_in(house: House) -> None:
    before = repr(house.scene.transactions.rows.people)
    for claims, words in (
        ({"email_verified": False}, "has not verified your e-mail address"),
        ({"email_verified": None}, "has not verified your e-mail address"),
        ({"email_verified": "true"}, "has not verified your e-mail address"),
        ({"email": None}, "did not say which e-mail address"),
        ({"email": ["ann@example.com"]}, "did not say which e-mail address"),
        ({"email": "ann\u0000@example.com"}, "did not say which e-mail address"),
        ({"email": "eve@example.com"}, "nobody here has that address"),
    ):
        house.provider.claims = claims
        await refused(house, 401, words)
    assert repr(house.scene.transactions.rows.people) == before, "nobody is made by it"


async def test_an_address_of_several_tenants_means_the_one_whose_page_they_want(house: House) -> None:
    await house.scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin", "name": "Bluefin"})
    await person(house.scene, ANN, Role.VIEWER, "bluefin")
    visitor = house.visitor()
    assert await visitor.sign_in("/t/bluefin/sends") == "/t/bluefin/sends"
    await visitor.step("/t/bluefin/sends")
    assert "Ann, viewer" in " ".join(visitor.said.split())
    assert await visitor.step(JOBS) == ""
    assert visitor.status == 404


async def without_password(house: House, email: str, role: Role, tenant: str = "cardinal") -> None:
    tenant_id = None if role is Role.OPERATOR else (await house.scene.use_cases.find_tenant(tenant)).id
    await house.scene.use_cases.manage_people.add(tenant_id, email, "Bo", role, by=Caller(who="test"))


async def choose(visitor: Visitor, words: str) -> str:
    """Press a button on the page that offers several accounts. Where it leads."""
    page: Any = html.fromstring(visitor.said)
    [form] = [one for one in page.iter("form") if one.find("button").text_content() == words]
    async with (
        aiohttp.ClientSession() as http,
        http.post(visitor.scene.url + form.get("action"), allow_redirects=False) as answer,
    ):
        visitor.status, visitor.said = answer.status, await answer.text()
        visitor.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
        return answer.headers.get("Location", "")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER, Role.ADMINISTRATOR, Role.OPERATOR])
async def test_somebody_without_a_password_comes_in(house: House, role: Role) -> None:
    house.provider.email = "bo@example.com"
    await without_password(house, "bo@example.com", role)
    visitor = house.visitor()
    assert await visitor.sign_in(JOBS) == JOBS
    await visitor.step(JOBS)
    assert f"Bo, {role.value}" in " ".join(visitor.said.split())


async def test_an_address_of_several_tenants_offers_a_choice(house: House) -> None:
    """Also with a page that is no tenant's; whoever chooses gets where they wanted to go."""
    await house.scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin", "name": "Bluefin"})
    await without_password(house, ANN, Role.VIEWER, "bluefin")
    for page, name, role in (("", "Bluefin", "Bo, viewer"), ("/password", "Cardinal Fire Protection", "Ann, sender")):
        visitor = house.visitor()
        assert await visitor.sign_in(page) == ""
        assert (visitor.status, visitor.signed_in, "Which account?" in visitor.said) == (200, False, True)
        assert visitor.headers["Cache-Control"] == "no-store"
        offered = Visitor(house.scene, dict(visitor.cookies), visitor.said)
        assert await choose(visitor, name) == (page or "/")
        await visitor.step("/password")
        assert role in " ".join(visitor.said.split())
        assert await choose(offered, name) == "", "a choice works once"
        assert offered.status == 401


async def test_a_page_of_a_tenant_that_does_not_know_them_does_not_keep_them_out(house: House) -> None:
    await house.scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin", "name": "Bluefin"})
    assert await house.visitor().sign_in("/t/bluefin/sends") == "/"


@pytest.mark.parametrize("page", ["", "/operator", JOBS])
async def test_an_operator_is_never_shadowed_by_a_tenants_people(house: House, page: str) -> None:
    """A tenant's administrator may add people under any address, also an operator's."""
    house.provider.email = "ops@example.com"
    await without_password(house, "ops@example.com", Role.OPERATOR)
    assert await house.visitor().sign_in(page) == (page or "/")
    await without_password(house, "ops@example.com", Role.VIEWER)
    visitor = house.visitor()
    assert await visitor.sign_in(page) == ""
    assert await choose(visitor, "All tenants, as an operator") == (page or "/")
    await visitor.step(page or "/operator")
    assert "Bo, operator" in " ".join(visitor.said.split())


async def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(house: House) -> None:
    house.provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert await house.visitor().sign_in() == "/"


async def test_an_answer_that_names_another_provider_is_refused(house: House) -> None:
    house.provider.described = {"authorization_response_iss_parameter_supported": True}
    await refused(house, 401, "does not prove who you are")
    visitor = house.visitor()
    door = URL(await visitor.to_the_door())
    other = str(door.update_query(iss="https://evil.example.com"))
    await refused(house, 401, "does not prove who you are", visitor, other)
    visitor = house.visitor()
    door = URL(await visitor.to_the_door())
    assert await visitor.step(str(door.update_query(iss=house.provider.issuer))) == "/"


async def test_a_provider_that_is_away_is_said_to_be(house: House) -> None:
    house.provider.token_status = 502
    await refused(house, 503, "cannot be reached at the moment")
    async with provider(house.scene.clock) as gone:
        pass
    with pytest.raises(TimeMends) as caught:
        await identity_of(gone, house.scene.clock).begin("")
    assert (caught.value.code, "nothing answers there" in caught.value.message) == ("IDENTITY_UNREACHABLE", True)


async def test_a_wrong_client_secret_is_for_the_operator(house: House) -> None:
    wrong = Client(id=CLIENT, secret=Secret("not this one"), back=BACK)
    identity = identity_of(house.provider, house.scene.clock, client=wrong)
    departure = await identity.begin("")
    door = URL(await house.visitor().step(departure.address))
    with pytest.raises(OperatorMends) as caught:
        await identity.finish(door.query, departure.kept)
    assert (caught.value.code, "client secret" in caught.value.message) == ("IDENTITY_SETUP", True)
    assert "not this one" not in caught.value.message + caught.value.fix


async def test_a_provider_has_to_be_who_the_settings_name(house: House) -> None:
    for described, words in (
        ({"issuer": "https://else.example.com"}, "issuer is https://else.example.com"),
        ({"issuer": "x\n" * 9}, "issuer is something else"),
        ({"jwks_uri": "file:///etc/passwd"}, "no usable jwks_uri"),
        ({"token_endpoint": None}, "no usable token_endpoint"),
    ):
        house.provider.described = described
        with pytest.raises(OperatorMends, match=words):
            await identity_of(house.provider, house.scene.clock).examine()
    house.provider.described = {}
    house.provider.publishes = ()
    with pytest.raises(OperatorMends, match="publishes no key"):
        await identity_of(house.provider, house.scene.clock).examine()


async def test_calls_go_only_where_calls_may_go(house: House) -> None:
    strict = identity_of(house.provider, house.scene.clock, allowed_networks=())
    with pytest.raises(OperatorMends, match="Plain http is allowed only in networks that the operator has listed"):
        await strict.begin("")
    elsewhere = identity_of(house.provider, house.scene.clock, allowed_networks=(ip_network("10.0.0.0/8"),))
    with pytest.raises(TimeMends, match="not allowed"):
        await elsewhere.begin("")
    assert house.provider.asked == []


async def test_a_provider_that_answers_anything_else_is_unreachable(house: House) -> None:
    over = asyncio.Event()

    async def nothing() -> web.Response:
        await over.wait()
        return web.Response()

    async def list_() -> web.Response:
        return web.json_response([])

    async def page() -> web.Response:
        return web.Response(text="<p>Welcome")

    async def large() -> web.Response:
        return web.json_response({"issuer": house.provider.issuer, "more": "x" * MOST_BYTES})

    async def moved() -> web.Response:
        return web.json_response({}, status=302, headers={"Location": f"{house.provider.issuer}/jwks"})

    async def gone() -> web.Response:
        return web.json_response({}, status=404)

    for instead, words in (
        (nothing, "no answer within 0.2 seconds"),
        (list_, "cannot be read"),
        (page, "cannot be read"),
        (large, "cannot be read"),
        (moved, "HTTP 302"),
        (gone, "HTTP 404"),
    ):
        house.provider.instead = instead
        with pytest.raises(TimeMends, match=words) as caught:
            seconds = 0.2 if instead is nothing else DEADLINE_SECONDS
            await identity_of(house.provider, house.scene.clock, deadline_seconds=seconds).begin("")
        assert caught.value.code == "IDENTITY_UNREACHABLE"
    over.set()
    assert house.provider.asked == ["description"] * 6, "and nowhere else"


async def test_without_a_provider_there_is_no_button_and_no_way() -> None:
    async with api() as scene:
        visitor = Visitor(scene)
        await visitor.step("/sign-in")
        assert "Sign in with" not in visitor.said
        for path in ("/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y"):
            assert await visitor.step(path) == ""
            assert (visitor.status, "only with a password or a link" in visitor.said) == (404, True)


async def test_a_whole_office_behind_one_address_comes_in_without_a_wait(house: House) -> None:
    for _ in range(2 * TRIES_OF_A_PEER):
        assert await house.visitor().sign_in() == "/"
    assert house.scene.clock.paused == []


async def test_tries_that_fail_are_slowed_down_and_a_right_one_still_comes_in(house: House) -> None:
    for _ in range(TRIES_OF_A_PEER + 3):
        visitor = house.visitor()
        await visitor.step("/sign-in/oidc/back?code=x&state=y")
        assert visitor.status == 401
    assert house.scene.clock.paused == pytest.approx([1.0] * 3)
    assert await house.visitor().sign_in() == "/"


async def test_too_many_tries_at_the_same_time_are_refused_before_the_provider_is_asked() -> None:
    waited, go_on = [], asyncio.Event()

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        await go_on.wait()

    tries = SignInTries(SteppingClock().boot_seconds, pause)
    turns = [asyncio.create_task(tries.turn_at_provider("203.0.113.7")) for _ in range(200)]
    await asyncio.sleep(0)
    done = [one.result() for one in turns if one.done()]
    assert sum(one.refused_for is None for one in done) == TRIES_OF_A_PEER
    assert waited == pytest.approx([float(number) for number in range(1, AHEAD_OF_A_PEER + 1)])
    assert {one.refused_for for one in done} - {None}
    assert (await tries.turn_at_provider("203.0.113.8")).refused_for is None
    go_on.set()
    await asyncio.gather(*turns)


async def test_nothing_secret_is_logged(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    visitor = house.visitor()
    await visitor.to_the_door()
    kept = AuthState.read(visitor.cookies[LOCAL_COOKIE])
    assert kept
    house.provider.claims = {"aud": "another"}
    door = URL(BACK).with_query(code=house.provider.last_code, state=kept.state)
    await refused(house, 401, "does not prove", visitor, str(door))
    logged = "".join(capfd.readouterr())
    assert "aud is not right" in logged
    secrets = (SECRET, house.provider.last_code, house.provider.last_token, kept.secret, kept.verifier, kept.state)
    assert not any(one in logged for one in secrets)


async def test_an_empty_answer_proves_nothing(house: House) -> None:
    identity = identity_of(house.provider, house.scene.clock)
    departure = await identity.begin("")
    kept = AuthState.read(departure.kept)
    assert kept
    for answer in ({}, {"code": "x"}, {"state": kept.state}, {"state": kept.state, "code": ""}):
        with pytest.raises(Unauthorized):
            await identity.finish(answer, departure.kept)
    assert house.provider.asked == ["description"]
