"""A send followed as server-sent events: resumed without a gap, over when it, its reader's key or the process is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from ports.change_feed import send_topic
from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, SENDS, TENANT, UNLIMITED, UNMAPPED, Scene, api, is_problem
from tests.support.storage_scene import a_line

SOON = 8.0
"""Seconds: room for a slow machine."""


@dataclass
class Reader:
    """One open stream."""

    response: aiohttp.ClientResponse

    async def block(self) -> dict[str, str]:
        """The next event, comment or setting, by field."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(SOON):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                fields[name] = value
        return fields

    async def event(self) -> tuple[str, Any]:
        """The next event's id and document."""
        while "data" not in (found := await self.block()):
            assert found, "the stream is over"
        assert found["event"] == "send"
        return found["id"], json.loads(found["data"])

    async def over(self) -> bool:
        """Whether nothing more comes."""
        async with asyncio.timeout(SOON):
            return (await self.response.content.read()) == b""


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@asynccontextmanager
async def following(scene: Scene, send_id: str, *, seen: str = "", key: str = "") -> AsyncIterator[Reader]:
    headers = {"Authorization": f"Bearer {key or scene.key}", **({"Last-Event-ID": seen} if seen else {})}
    async with scene.http.get(f"{scene.url}{SENDS}/{send_id}/events", headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        yield Reader(response)


async def test_a_send_is_followed_from_its_request_to_its_end(scene: Scene) -> None:
    send_id = await scene.send()
    async with following(scene, send_id) as reader:
        assert await reader.block() == {"retry": "2000"}
        _, first = await reader.event()
        assert (first["id"], first["state"]) == (send_id, "queued")
        await scene.work()
        ids = []
        while first["state"] != "sent":
            event_id, first = await reader.event()
            ids.append(event_id)
        assert first == (await scene.call("GET", f"{SENDS}/{send_id}")).body
        assert await reader.over()
    assert len(set(ids)) == len(ids)


async def test_who_comes_back_sees_what_is_new_and_nothing_twice(scene: Scene) -> None:
    send_id = await scene.send()
    async with following(scene, send_id) as reader:
        seen, _ = await reader.event()
    async with following(scene, send_id, seen=seen) as reader:
        await reader.block()
        await scene.work()
        last, told = await reader.event()
        assert last != seen
        while told["state"] != "sent":
            last, told = await reader.event()
    path = f"{SENDS}/{send_id}/events"
    again = await scene.call("GET", path, headers={"Last-Event-ID": last})
    assert (again.status, again.text) == (204, ""), "there is nothing to come back for"
    late = await scene.call("GET", path)
    assert late.text.count("event: send") == 1, "who has seen nothing sees the end, once"
    strange = await scene.call("GET", path, headers={"Last-Event-ID": "<none of ours>"})
    assert strange.text.count("event: send") == 1


async def test_what_waits_for_a_person_is_followed_until_he_has_acted(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    async with following(scene, send_id) as reader:
        _, told = await reader.event()
        assert told["state"] == "needs_attention"
        await scene.call("POST", f"{SENDS}/{send_id}/mark-done", {"reason": "Typed in."})
        while told["state"] != "done_by_hand":
            _, told = await reader.event()


async def test_a_line_that_changes_is_news_though_the_send_is_not(scene: Scene) -> None:
    send_id = await scene.send()
    async with following(scene, send_id) as reader:
        before, _ = await reader.event()
        [connection_id], tenant = scene.transactions.rows.connections, await scene.use_cases.find_tenant("cardinal")
        line = a_line(tenant_id=tenant.id, connection_id=connection_id, send_id=send_id)
        async with scene.transactions.begin(tenant.id) as t:
            await t.ledger.save([replace(line, job_id=JOB.id)])
        after, told = await reader.event()
        assert told["lines"][0]["id"] == "lin_1"
        assert after.partition("-")[0] == before.partition("-")[0], "the send itself stands as before"


async def test_a_stream_ends_soon_after_its_key(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    keys = scene.use_cases.api_keys
    made = await keys.create(KeyRequest(name="p", tenant_id=tenant.id, scopes=frozenset({Scope.READ})), Caller())
    async with following(scene, await scene.send(), key=made.text) as reader:
        await reader.event()
        await keys.revoke(tenant.id, made.key.id, Caller())
        assert await reader.over()
    assert is_problem(await scene.call("GET", SENDS, key=made.text), 401, "UNAUTHORIZED")


async def test_a_stream_ends_with_its_tenant(scene: Scene) -> None:
    async with following(scene, await scene.send()) as reader:
        await reader.event()
        tenant = await scene.use_cases.find_tenant("cardinal")
        async with scene.transactions.begin_instance() as i:
            await i.tenants.remove(tenant.id)
        assert await reader.over()


async def test_a_missing_send_is_a_problem_and_so_is_another_tenants(scene: Scene) -> None:
    assert is_problem(await scene.call("GET", f"{SENDS}/snd_none/events"), 404, "SEND_NOT_FOUND")
    send_id = await scene.send()
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin"})
    theirs = await scene.call("GET", f"/v1/tenants/bluefin/sends/{send_id}/events")
    assert is_problem(theirs, 404, "SEND_NOT_FOUND")


async def test_streams_are_counted_and_a_closed_one_makes_room() -> None:
    async with api(limits=replace(UNLIMITED, streams_per_owner=1)) as scene:
        await scene.furnish()
        send_id = await scene.send()
        async with following(scene, send_id) as reader:
            await reader.event()
            refused = await scene.call("GET", f"{SENDS}/{send_id}/events")
            assert is_problem(refused, 429, "TOO_MANY_STREAMS")
            assert refused.headers["Retry-After"] == "5"
        for _ in range(100):  # until the server has seen that the reader is gone
            if (await scene.call("HEAD", f"{SENDS}/{send_id}/events")).status == 200:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("a reader that is gone keeps its place")


async def test_a_person_has_so_many_streams_and_those_of_an_account_leave_some_to_others() -> None:
    limits = replace(UNLIMITED, streams_per_owner=3, streams_per_person=1, waiting_connections=4)
    async with api(limits=limits) as scene, AsyncExitStack() as stack:
        await scene.furnish()
        send_id = await scene.send()
        people = [await somebody(scene, email=f"p{n}@example.com") for n in range(3)]
        for number, (who, status, code) in enumerate(
            (
                (people[0], 200, ""),
                (people[0], 429, "1 of your pages are told of changes already."),
                (people[1], 200, ""),
                (people[2], 429, "This account has as many event streams open as it may have now."),
            )
        ):
            headers = {"Cookie": f"{LOCAL_COOKIE}={who.cookie}", "Accept": "application/json"}
            answer = await stack.enter_async_context(
                scene.http.get(f"{scene.url}/t/cardinal/events?seen={number}", headers=headers)
            )
            assert answer.status == status
            assert status == 200 or code in await answer.text()
        key = {"Authorization": f"Bearer {scene.key}"}
        other = await stack.enter_async_context(scene.http.get(f"{scene.url}{SENDS}/{send_id}/events", headers=key))
        assert other.status == 200, "an operator's program is another owner"


async def test_a_stream_is_over_after_its_time_and_can_be_taken_up() -> None:
    async with api(limits=replace(UNLIMITED, stream_seconds=0.3)) as scene:
        await scene.furnish()
        send_id = await scene.send()
        async with following(scene, send_id) as reader:
            seen, _ = await reader.event()
            assert await reader.over()
        async with following(scene, send_id, seen=seen) as reader:
            assert await reader.block() == {"retry": "2000"}
            assert await reader.over(), "nothing happened meanwhile, so nothing is told"


async def test_when_the_process_ends_its_streams_end_at_once() -> None:
    async with aiohttp.ClientSession() as outside, asyncio.timeout(SOON):
        async with api() as scene:
            await scene.furnish()
            headers = {"Authorization": f"Bearer {scene.key}"}
            response = await outside.get(f"{scene.url}{SENDS}/{await scene.send()}/events", headers=headers)
            await Reader(response).event()
        # Cut off by the shutdown's own limit, the answer would lack its end and raise here.
        assert await Reader(response).over()


async def test_a_failure_of_our_own_ends_the_stream_and_writes_nothing_into_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_id = await scene.send()
    async with following(scene, send_id) as reader:
        await reader.event()
        monkeypatch.setattr(scene.transactions, "begin", None)
        scene.transactions.change_feed.tell(send_topic(send_id))
        assert await reader.over()
