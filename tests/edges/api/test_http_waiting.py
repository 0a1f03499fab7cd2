"""Callers who wait: how many may, what they cost, and that a process that stops lets them go."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from adapters.inbound.server.listener import ConnectionLimiter, serving
from tests.edges.api.test_http_reads import transactions_of
from tests.support.http_scene import JOB, SENDS, UNLIMITED, UNMAPPED, Answer, Scene, api

SOON = 20.0
BODY = {"job_id": JOB.id, "connection": "main"}


async def begin_to_wait(scene: Scene, callers: int) -> list[asyncio.Task[Answer]]:
    """So many callers that wait for the same send."""
    before = scene.transactions.change_feed.hearers
    headers = {"Prefer": "wait=60", "Idempotency-Key": "one"}
    waiting = [asyncio.create_task(scene.call("POST", SENDS, BODY, headers=headers)) for _ in range(callers)]
    async with asyncio.timeout(SOON):
        while scene.transactions.change_feed.hearers < before + callers:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return waiting


async def test_who_waits_asks_nothing_until_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with api() as scene:
        await scene.furnish()
        waiting = await begin_to_wait(scene, 20)
        with transactions_of(scene, monkeypatch) as begun:
            await asyncio.sleep(0.3)
            assert begun.count == 0
        await scene.work()
        assert {answer.body["state"] for answer in await asyncio.gather(*waiting)} == {"sent"}


async def test_one_too_many_is_answered_at_once() -> None:
    async with api(limits=replace(UNLIMITED, waits_per_owner=1)) as scene:
        await scene.furnish()
        [first] = await begin_to_wait(scene, 1)
        async with asyncio.timeout(SOON):
            headers = {"Prefer": "wait=60"}
            other = await scene.call("POST", SENDS, {**BODY, "job_id": UNMAPPED.id}, headers=headers)
        assert (other.status, other.body["state"]) == (202, "queued")
        assert "Preference-Applied" not in other.headers
        await scene.work()
        assert (await first).headers["Preference-Applied"] == "wait=60"


async def test_when_the_process_ends_who_waits_is_answered_at_once() -> None:
    async with aiohttp.ClientSession() as outside, asyncio.timeout(SOON):
        async with api() as scene:
            await scene.furnish()
            scene.http = outside
            [waiting] = await begin_to_wait(scene, 1)
        # Cut off by the shutdown's own limit, there would be no answer.
        answer = await waiting
        assert (answer.status, answer.body["state"]) == (202, "queued")


async def test_an_address_that_is_not_free_ends_nothing_so_that_another_may_be_tried() -> None:
    """The demo does so while another program has its usual port. Whoever waits in the process goes on waiting."""
    ended: list[web.Application] = []

    async def note(app: web.Application) -> None:
        ended.append(app)

    apps = web.Application(), web.Application()
    for app in apps:
        app.on_shutdown.append(note)
    limiter = ConnectionLimiter(UNLIMITED)
    async with serving(apps[0], "127.0.0.1", 0, limiter) as address:
        with pytest.raises(OSError, match="in use"):
            async with serving(apps[1], "127.0.0.1", int(address.rpartition(":")[2]), limiter):
                pass
        assert ended == []
    assert ended == [apps[0]]
