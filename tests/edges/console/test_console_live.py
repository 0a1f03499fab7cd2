"""Pages that move by themselves: news of a send as events, scripts that are what they say, sessions that still idle."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.inbound.console.assets import SCRIPTS
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from core.model.access.person import IDLE
from tests.edges.api.test_http_event_stream import Reader
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import Scene, api

HOME = "/t/cardinal"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def get(scene: Scene, browser: Browser, address: str, **headers: str) -> aiohttp.client._RequestContextManager:
    cookie = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
    return scene.http.get(scene.url + address, headers={**cookie, **headers}, allow_redirects=False)


async def news(reader: Reader) -> dict[str, str]:
    while "data" not in (found := await reader.block()):
        assert found, "the stream is over"
    return found


async def test_news_of_a_send_come_until_its_end(scene: Scene) -> None:
    browser = await somebody(scene)
    send_id = await scene.send()
    page = f"{HOME}/sends/{send_id}"
    [where] = (await browser.open(page)).page.xpath("//@sse-connect")
    async with get(scene, browser, where) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        reader = Reader(answer)
        await scene.work()
        while (found := await news(reader))["event"] != "end":
            assert found["event"] == "news"
        assert await reader.over()
    assert not (await browser.open(page)).page.xpath("//@sse-connect"), "what has ended is not followed"


async def test_what_the_page_shows_already_is_no_news(scene: Scene) -> None:
    browser = await somebody(scene)
    send_id = await scene.send()
    [where] = (await browser.open(f"{HOME}/sends/{send_id}")).page.xpath("//@sse-connect")
    async with get(scene, browser, where) as answer:
        assert "retry" in await Reader(answer).block()
        await browser.press("Cancel the send")
        assert (await news(Reader(answer)))["event"] == "end", "the first that comes is a change"


async def test_nobody_follows_what_is_not_theirs(scene: Scene) -> None:
    send_id = await scene.send()
    stranger = Browser(scene)
    async with get(scene, stranger, f"{HOME}/sends/{send_id}/events") as answer:
        assert (answer.status, answer.headers["Location"].startswith("/sign-in")) == (303, True)
    async with get(scene, await somebody(scene), f"{HOME}/sends/snd_none/events") as answer:
        assert answer.status == 404


async def test_a_stream_ends_with_its_session(scene: Scene) -> None:
    browser = await somebody(scene)
    send_id = await scene.send()
    async with get(scene, browser, f"{HOME}/sends/{send_id}/events") as answer:
        await news(Reader(answer))
        await (await browser.open(HOME)).press("Sign out")
        assert await Reader(answer).over()


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(scene: Scene) -> None:
    send_id = await scene.send()
    page = f"{HOME}/sends/{send_id}"
    for headers, address in (({"HX-Request": "true"}, page), ({}, f"{page}?again=1"), ({}, page)):
        browser = await somebody(scene, email=f"ann{len(address)}{len(headers)}@example.com")
        scene.clock.advance((IDLE - timedelta(minutes=1)).total_seconds())
        async with get(scene, browser, address, **headers) as answer:
            assert answer.status == 200
        scene.clock.advance(120)
        async with get(scene, browser, page) as answer:
            by_itself = bool(headers) or "again" in address
            assert (answer.status == 303) is by_itself


async def test_scripts_are_ours_to_serve_and_what_their_hash_says(scene: Scene) -> None:
    page = (await (await somebody(scene)).open(HOME)).page
    served = {script.get("src"): script.get("integrity") for script in page.iter("script")}
    assert list(served) == [script.path for script in SCRIPTS]
    for path, integrity in served.items():
        async with scene.http.get(scene.url + path) as answer:
            body = await answer.read()
            assert "immutable" in answer.headers["Cache-Control"]
        assert integrity == "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()
    told = Path("adapters/inbound/console/assets/vendored/README.md").read_text(encoding="utf-8")
    assert all(Path(script.file).name in told for script in SCRIPTS if script.known)
    assert [script.known == "" for script in SCRIPTS] == ["vendored" not in script.file for script in SCRIPTS]
    assert not list((await Browser(scene).open("/sign-in")).page.iter("script")), "none where passwords are typed"
