"""A process that has as much to do as it can take refuses programs with 503, and nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.inbound.server.owner_limit import SharedPlaces
from core.model.access.caller import Caller
from core.model.planning.job import JobSnapshot
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.access.api_keys import KeyRequest
from tests.support.browser_scene import somebody
from tests.support.http_scene import (
    CONNECTION,
    JOB,
    SENDS,
    TENANT,
    UNLIMITED,
    Answer,
    Scene,
    SteppingClock,
    api,
    is_problem,
)
from tests.support.raw_http import connected


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api(limits=replace(UNLIMITED, requests_at_once=4)) as running:
        await running.furnish()
        yield running


@asynccontextmanager
async def in_work(scene: Scene, many: int, key: str = "") -> AsyncIterator[None]:
    """So many requests whose bodies do not come."""
    head = f"POST {SENDS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key or scene.key}\r\nContent-Length: 9\r\n"
    async with AsyncExitStack() as stack:
        before = await number(scene, "jobferry_http_requests_in_work")
        for _ in range(many):
            _, writer = await stack.enter_async_context(connected(scene))
            writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode())
        async with asyncio.timeout(20):
            while await number(scene, "jobferry_http_requests_in_work") < before + many:
                pass
        yield


async def number(scene: Scene, name: str, *, missing: float | None = None) -> float:
    lines = (await scene.call("GET", "/metrics")).text.splitlines()
    found = next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), missing)
    assert found is not None, name
    return found


async def test_what_it_cannot_take_is_refused_and_everybody_else_goes_on(scene: Scene) -> None:
    other = (await scene.use_cases.api_keys.create(KeyRequest(name="other"), Caller())).text
    browser = await somebody(scene)
    async with in_work(scene, 3):
        refused = await scene.call("GET", SENDS)
        assert is_problem(refused, 503, "OVERLOADED")
        assert refused.body["retryable"]
        assert refused.headers["Retry-After"] == "5"
        assert scene.clock.paused == [5.0], "a caller who asks again at once is held up"
        assert (await scene.call("GET", SENDS, key=other)).status == 200, "one owner has three quarters at most"
        async with in_work(scene, 1, other):
            assert is_problem(await scene.call("GET", SENDS, key=other), 503, "OVERLOADED")
            for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/sign-in"):
                assert (await scene.call("GET", path, key=None)).status == 200
            await browser.open("/t/cardinal")
            assert browser.status == 200
            await browser.open(f"/t/cardinal/jobs/{JOB.id}")
            await browser.press("Send Job to Spectrum")
            assert browser.status == 200
        assert await number(scene, "jobferry_http_requests_shed_total") == 2
    async with asyncio.timeout(20):
        while (await scene.call("GET", SENDS)).status != 200:
            pass


async def test_accounts_whose_systems_hang_leave_places_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """One operator's key asks for all of them: what counts is whose systems are asked."""
    hung, free = {"bluefin", "coral"}, asyncio.Event()
    async with api(limits=replace(UNLIMITED, requests_at_once=8)) as scene:
        await scene.furnish()
        for slug in hung:
            assert (await scene.call("POST", "/v1/tenants", {**TENANT, "slug": slug})).status == 201
            assert (await scene.call("POST", f"/v1/tenants/{slug}/connections", CONNECTION)).status == 201
        ids = {(await scene.use_cases.find_tenant(slug)).id for slug in hung}
        read_job = scene.service_trade.read_job

        async def slow(account: ServiceTradeAccount, *asked: Any) -> JobSnapshot:
            if account.tenant_id in ids:
                await free.wait()
            return await read_job(account, *asked)

        monkeypatch.setattr(scene.service_trade, "read_job", slow)

        async def preview(slug: str) -> Answer:
            return await scene.call("POST", f"/v1/tenants/{slug}/jobs/{JOB.id}/preview", {"connection": "main"})

        waiting = [asyncio.create_task(preview(slug)) for slug in sorted(hung) for _ in range(2)]
        async with asyncio.timeout(20):
            while await number(scene, "jobferry_http_requests_in_work") < len(waiting):
                pass
        for slug in hung:
            refused = await preview(slug)
            assert is_problem(refused, 503, "REMOTE_SYSTEM_SLOW")
            assert refused.headers["Retry-After"] == "5"
            plain = await scene.call("POST", f"/v1/tenants/{slug}/sends", {"job_id": JOB.id, "connection": "main"})
            assert plain.status == 202, "what asks nobody is not refused, also of this account"
        assert scene.clock.paused == [5.0, 5.0], "a caller who asks again at once is held up"
        assert (await preview("cardinal")).status == 200
        free.set()
        assert {answer.status for answer in await asyncio.gather(*waiting)} == {404}
        assert is_problem(await preview("coral"), 404, "JOB_NOT_FOUND")


async def test_who_waits_for_the_end_of_a_send_no_longer_asks_a_remote_system(scene: Scene) -> None:
    """The account has one place for requests that ask ServiceTrade. The send asked it for the job's number, and only
    waits for the worker now."""
    asked = scene.call("POST", SENDS, {"job_number": JOB.number, "connection": "main"}, headers={"Prefer": "wait=20"})
    async with asyncio.timeout(20):
        waiting = asyncio.create_task(asked)
        while await number(scene, "jobferry_http_requests_in_work") or not scene.transactions.rows.sends:
            pass
        for _ in range(2):
            preview = await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})
            assert preview.status == 200, "its place is free until it asks again"
        assert not waiting.done()
        await scene.work()
        assert (await waiting).status == 200


def test_places_are_shared_and_a_new_owner_finds_some() -> None:
    places, of = SharedPlaces(150, 0.5), Counter[str]()
    with ExitStack() as stack:
        for owner in ("first", "second", "third"):
            while stack.enter_context(places.place(owner)):
                of[owner] += 1
        assert of == {"first": 50, "second": 34, "third": 22}
        with places.given_back("first"):
            assert places.taken == 105
        assert places.taken == 106
    assert places.taken == 0


async def test_refusals_are_told_together_and_not_line_by_line(scene: Scene) -> None:
    with capture_logs() as lines:
        async with in_work(scene, 3):
            for seconds in (0, 0, 10, 0):  # and each refused caller is held for five
                scene.clock.advance(seconds)
                assert (await scene.call("GET", SENDS)).status == 503
    told = [line for line in lines if line["event"] == "requests.refused"]
    assert [(line["refused"], line["since_start"], line["in_work"]) for line in told] == [(1, 1, 3), (2, 3, 3)]
    assert not [line for line in lines if line["event"] == "request.answered" and line["status"] == 503]


async def test_a_refusal_does_not_count_as_a_slow_answer(scene: Scene) -> None:
    before = await number(scene, 'jobferry_http_request_seconds_count{route="list_sends"}', missing=0)
    async with in_work(scene, 3):
        assert (await scene.call("GET", SENDS)).status == 503
    assert await number(scene, 'jobferry_http_request_seconds_count{route="list_sends"}', missing=0) == before


async def test_refused_callers_do_not_take_the_connections_of_people_and_health_checks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = asyncio.Event()

    async def hold(_: SteppingClock, seconds: float) -> None:
        await go_on.wait()

    monkeypatch.setattr(SteppingClock, "pause", hold)
    async with api(limits=replace(UNLIMITED, requests_at_once=4, connections=20)) as scene, AsyncExitStack() as stack:
        await scene.furnish()
        await stack.enter_async_context(in_work(scene, 3))
        ask = f"GET {SENDS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {scene.key}\r\n\r\n".encode()
        held: list[asyncio.StreamReader] = []
        for _ in range(10):
            reader, writer = await stack.enter_async_context(connected(scene))
            writer.write(ask)
            held.append(reader)
        async with asyncio.timeout(20):
            while await number(scene, "jobferry_http_requests_shed_total") < 10:
                pass
        for _ in range(20):
            async with connected(scene) as (reader, writer), asyncio.timeout(20):
                writer.write(ask)
                refused = (await reader.read()).decode()  # to the end of the connection
                assert refused.startswith("HTTP/1.1 503 ")
                assert "OVERLOADED" in refused
                assert "\r\nConnection: close\r\n" in refused
        assert (await scene.call("GET", "/livez", key=None)).status == 200
        go_on.set()
        for reader in held:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert head.startswith("HTTP/1.1 503 ")
            assert "Connection: close" not in head


async def test_who_waits_for_an_event_or_an_end_keeps_nobody_from_working(scene: Scene) -> None:
    send_id = await scene.send()
    signed = {"Authorization": f"Bearer {scene.key}"}
    async with AsyncExitStack() as stack:
        for _ in range(5):
            following = scene.http.get(f"{scene.url}{SENDS}/{send_id}/events", headers=signed)
            await stack.enter_async_context(following)
        waiting = [
            asyncio.create_task(
                scene.call("POST", SENDS, {"job_id": str(n), "connection": "main"}, headers={"Prefer": "wait=20"})
            )
            for n in range(3)
        ]
        async with asyncio.timeout(20):
            while len((await scene.call("GET", SENDS)).body["items"]) < 4:
                pass
        assert (await scene.call("GET", SENDS)).status == 200
        assert await number(scene, "jobferry_http_requests_in_work") == 0
        await scene.work()
        assert {one.status for one in await asyncio.gather(*waiting)} == {202}
    assert await number(scene, "jobferry_http_requests_in_work") == 0
