"""The pages about the API: a page for each call, shape and error, links that lead somewhere, and a search."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.inbound.server.problem_types import all_codes
from tests.support.api_document import DOCUMENT
from tests.support.http_scene import Scene, api

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPERATIONS = [one for item in DOCUMENT["paths"].values() for one in item.values()]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


async def page(scene: Scene, address: str) -> str:
    answer = await scene.call("GET", address, key=None)
    assert answer.status == 200, address
    return answer.text


def addresses() -> list[str]:
    calls = [f"/docs/calls/{one['operationId']}" for one in OPERATIONS]
    events = [f"/docs/calls/{one['post']['operationId']}" for one in DOCUMENT["webhooks"].values()]
    shapes = [f"/docs/shapes/{name}" for name in DOCUMENT["components"]["schemas"]]
    return ["/docs", "/problems", *calls, *events, *shapes, *(f"/problems/{code}" for code in all_codes())]


async def test_every_link_of_every_page_leads_to_something(scene: Scene) -> None:
    texts = {address: await page(scene, address) for address in addresses()}
    for address, text in texts.items():
        assert "`" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL), address
        assert "<script" not in text, address
        for link in re.findall(r'href="(/(?:docs|problems)[^"]*|#[^"]*)"', text):
            there, _, anchor = link.partition("#")
            assert (there or address) in texts, f"{address}: {link}"
            assert not anchor or f'id="{anchor}"' in texts[there or address], f"{address}: {link}"


async def test_the_page_of_a_call_shows_its_samples_fields_and_errors(scene: Scene) -> None:
    text = html.unescape(await page(scene, "/docs/calls/request_send"))
    for said in ("Request a send", "POST /v1/tenants/{tenant}/sends", "curl -sS", "import requests", "Idempotency-Key"):
        assert said in text
    assert '<a href="/docs/shapes/ItemsMode">ItemsMode</a>' in text
    assert '<a href="/problems/IDEMPOTENCY_KEY_REUSED">' in text
    assert (await scene.call("GET", "/docs/calls/no_such", key=None)).status == 404
    assert (await scene.call("GET", "/docs/shapes/NoSuch", key=None)).status == 404


async def test_words_find_calls_fields_and_errors_and_foreign_text_stays_text(scene: Scene) -> None:
    found = await page(scene, "/docs?q=Cancel+SEND")
    assert 'id="cancel_send"' in found
    assert 'id="list_keys"' not in found
    assert "/docs/calls/request_send" in await page(scene, "/docs?q=idempotency")
    assert "/problems/KEY_ENDED" in await page(scene, "/docs?q=key_ended")
    assert "0 calls, 0 shapes of fields and 0 errors" in await page(scene, "/docs?q=nothing-has-this")
    assert "<b>" not in await page(scene, "/docs?q=%3Cb%3E")
    assert 'id="list_keys"' in await page(scene, "/docs?q=+")
