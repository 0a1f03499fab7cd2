"""Wrong passwords: they are slowed down, and keep nobody out who has the right one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network

import aiohttp
import pytest

from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.console.sign_in_tries import (
    AHEAD,
    AHEAD_OF_A_PEER,
    TRIES_A_MINUTE,
    TRIES_OF_A_PEER,
    SignInTries,
)
from adapters.inbound.server.rate_limit import SLOWED_SECONDS
from core.model.access.person import Role
from core.services.access.sign_in import MOST_GUESSES
from tests.support.browser_scene import PASSWORD, Browser, person, somebody
from tests.support.http_scene import TENANT, UNLIMITED, Scene, SteppingClock, api

ANN, BOB = "ann@example.com", "bob@example.com"
KNOWN = "__Host-jobferry-known"
THERE = [f"198.51.100.{number}" for number in range(1, 255)]
"""Addresses of attackers."""
HOME = "203.0.113.7"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Behind a proxy on this machine, so that a test may come from anywhere."""
    async with api(limits=replace(UNLIMITED, trusted_proxies=(ip_network("127.0.0.0/8"),))) as running:
        await running.furnish()
        await person(running, ANN, Role.SENDER)
        await person(running, BOB, Role.SENDER)
        yield running


async def sign_in(
    scene: Scene, email: str = ANN, password: str = PASSWORD, *, peer: str = HOME, known: str = ""
) -> tuple[int, str]:
    """The status, and the mark of the browser."""
    headers = {"X-Forwarded-For": peer} | ({"Cookie": f"{KNOWN}={known}"} if known else {})
    form = {"email": email, "password": password}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.post(f"{scene.url}/sign-in", data=form, headers=headers, allow_redirects=False) as answer,
    ):
        mark = answer.cookies[KNOWN].value if KNOWN in answer.cookies else ""
        return answer.status, mark


async def test_wrong_passwords_from_everywhere_slow_the_right_one_down_but_do_not_keep_it_out(scene: Scene) -> None:
    for peer in THERE[: 3 * TRIES_A_MINUTE]:
        assert (await sign_in(scene, password="wrong words", peer=peer))[0] == 401
    assert set(scene.clock.paused) == {SLOWED_SECONDS}, "a fixed time, however many there are"
    scene.clock.paused.clear()
    assert (await sign_in(scene))[0] == 303
    assert sum(scene.clock.paused) <= SLOWED_SECONDS
    scene.clock.paused.clear()
    assert (await sign_in(scene, BOB))[0] == 303
    assert scene.clock.paused == [], "another account is not slowed down"


async def test_a_known_browser_is_let_through_without_a_wait(scene: Scene) -> None:
    _, mark = await sign_in(scene)
    for known in (mark, mark + "x"):
        slowed = 0.0
        for peer in THERE[: 2 * TRIES_A_MINUTE]:
            await sign_in(scene, password="wrong words", peer=peer)
            scene.clock.paused.clear()
            assert (await sign_in(scene, known=known))[0] == 303
            slowed += sum(scene.clock.paused)
        assert (slowed == 0.0) is (known == mark), "a forged mark is none"


async def test_a_known_browser_does_not_wait_for_a_guesser_with_its_own_address(scene: Scene) -> None:
    _, mark = await sign_in(scene)
    for _ in range(TRIES_A_MINUTE + 2):
        await sign_in(scene, password="wrong words")
    assert scene.clock.paused, "the guesser waits"
    scene.clock.paused.clear()
    assert (await sign_in(scene, known=mark))[0] == 303
    assert scene.clock.paused == []


async def test_wrong_passwords_of_the_own_address_are_slowed_down_too(scene: Scene) -> None:
    """One after the other from one address: each waits for its turn, and the right one comes in."""
    for _ in range(2 * TRIES_A_MINUTE):
        assert (await sign_in(scene, password="wrong words"))[0] == 401
    assert len(scene.clock.paused) == TRIES_A_MINUTE
    assert scene.clock.paused == pytest.approx([60 / TRIES_A_MINUTE] * TRIES_A_MINUTE)
    assert (await sign_in(scene))[0] == 303


async def test_a_colleague_with_the_same_address_does_not_wait(scene: Scene) -> None:
    for _ in range(TRIES_A_MINUTE + 3):
        await sign_in(scene, BOB, "wrong words")
    scene.clock.paused.clear()
    assert (await sign_in(scene))[0] == 303
    assert scene.clock.paused == []


async def test_right_passwords_are_not_counted(scene: Scene) -> None:
    for _ in range(2 * TRIES_OF_A_PEER):
        assert (await sign_in(scene))[0] == 303
    assert scene.clock.paused == []


async def test_a_known_browser_that_guesses_waits_for_itself_only(scene: Scene) -> None:
    _, stolen = await sign_in(scene)
    _, mark = await sign_in(scene)
    assert stolen != mark
    for _ in range(TRIES_A_MINUTE + 1):
        assert (await sign_in(scene, password="wrong words", known=stolen, peer=THERE[0]))[0] == 401
    assert scene.clock.paused == pytest.approx([60 / TRIES_A_MINUTE])
    scene.clock.paused.clear()
    assert (await sign_in(scene, known=mark))[0] == 303
    assert (await sign_in(scene))[0] == 303
    assert scene.clock.paused == []


async def test_more_marks_are_no_more_guesses_of_another_persons_password(scene: Scene) -> None:
    """A tenant may add anybody's address, sign in under it with a password of its own, and so have marks."""
    bluefin = {**TENANT, "slug": "bluefin", "name": "Bluefin"}
    assert (await scene.call("POST", "/v1/tenants", bluefin)).status == 201
    await person(scene, ANN, Role.VIEWER, "bluefin", "a password of our own")
    statuses = []
    for number in range(3 * TRIES_A_MINUTE):
        _, mark = await sign_in(scene, password="a password of our own", peer=THERE[0])
        assert mark
        statuses.append((await sign_in(scene, password=f"guess {number}", peer=THERE[0], known=mark))[0])
    assert set(statuses) == {401}
    assert scene.clock.paused == pytest.approx([60 / TRIES_A_MINUTE] * 2 * TRIES_A_MINUTE)
    scene.clock.paused.clear()
    _, mark = await sign_in(scene)
    assert (await sign_in(scene, known=mark))[0] == 303
    assert scene.clock.paused == [], "who has the right one does not wait"


async def test_many_at_once_from_one_address_get_no_more_guesses_than_one_after_the_other() -> None:
    clock, waited, go_on = SteppingClock(), [], asyncio.Event()

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        await go_on.wait()

    tries = SignInTries(clock.boot_seconds, pause)
    turns = [asyncio.create_task(tries.turn(HOME, ANN, "")) for _ in range(100)]
    await asyncio.sleep(0)
    done = [one.result() for one in turns if one.done()]
    assert sum(one.refused_for is None for one in done) == TRIES_A_MINUTE
    assert len(waited) == AHEAD
    assert waited == pytest.approx([6.0 * number for number in range(1, AHEAD + 1)])
    assert all(one.refused_for and one.refused_for <= 60 for one in done if one.refused_for is not None)
    accounts = [asyncio.create_task(tries.turn(HOME, f"p{number}@example.com", "")) for number in range(500)]
    await asyncio.sleep(0)
    checked = sum(one.done() and one.result().refused_for is None for one in accounts)
    assert checked == TRIES_OF_A_PEER - TRIES_A_MINUTE - AHEAD
    assert len(waited) == AHEAD + AHEAD_OF_A_PEER
    go_on.set()
    await asyncio.gather(*turns, *accounts)


async def test_the_known_browsers_cookie_is_bound_to_this_host_and_hidden_from_scripts(scene: Scene) -> None:
    async with scene.http.post(
        f"{scene.url}/sign-in", data={"email": ANN, "password": PASSWORD}, allow_redirects=False
    ) as answer:
        [cookie] = [one for one in answer.headers.getall("Set-Cookie") if "-known=" in one]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="))
    assert "Domain" not in cookie


async def test_guessing_the_own_password_ends_the_session(scene: Scene) -> None:
    thief = await somebody(scene, Role.VIEWER, "eve@example.com")
    own = await Browser(scene).sign_in("eve@example.com")
    await thief.open("/password")
    new = {"password": "quite another four words", "again": "quite another four words"}
    for number in range(MOST_GUESSES - 1):
        await thief.press("Change the password", **new, present=f"guess {number}")
        assert thief.status == 422
    await thief.press("Change the password", **new, present="the last guess")
    assert (thief.status, "wrong too often" in thief.said) == (401, True)
    assert (await thief.open("/password")).address.startswith("/sign-in")
    assert (await own.open("/password")).status == 200, "another session of the same person goes on"
    assert LOCAL_COOKIE not in own.text
