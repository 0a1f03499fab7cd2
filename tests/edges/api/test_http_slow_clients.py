"""Slow, greedy and silent clients: each runs out of time or room, and nobody else notices."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from time import perf_counter

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from adapters.inbound.server.listener import ConnectionLimiter, serving
from tests.support.http_scene import UNLIMITED, Scene, api
from tests.support.raw_http import CLOSE, HASTY, LIVEZ, PATIENCE, connected, exchange, parsed, post


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api(limits=HASTY) as running:
        yield running


@pytest.mark.long
@pytest.mark.parametrize("framing", ["Content-Length: 400", "Transfer-Encoding: chunked"])
async def test_a_body_that_never_ends_runs_out_of_time(scene: Scene, framing: str) -> None:
    answer = await exchange(scene, post(scene, framing, body=b"2\r\n{}\r\n"))
    assert answer is not None
    assert (answer.status, answer.problem["code"], answer.problem["retryable"]) == (408, "BODY_TOO_SLOW", True)


async def test_a_body_drop_by_drop_runs_out_of_time_too(scene: Scene) -> None:
    async with connected(scene) as (reader, writer), asyncio.timeout(5):
        writer.write(post(scene, "Content-Length: 40"))
        answering = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        while not answering.done():
            writer.write(b" ")
            await asyncio.wait({answering}, timeout=0.05)
        answer = parsed(answering.result())
    assert answer is not None
    assert answer.status == 408


async def test_a_client_that_goes_in_the_middle_of_its_body_is_no_failure_of_ours() -> None:
    with capture_logs() as lines:
        async with api(limits=HASTY) as scene:
            async with connected(scene) as (_, writer):
                writer.write(post(scene, "Content-Length: 400", body=b"{}"))
                await writer.drain()
                await scene.limiter.until(1)
            await scene.limiter.until(0)
    assert [(line["event"], line["status"]) for line in lines if "status" in line] == [("request.answered", 400)]


@pytest.mark.long
@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", b"GET /livez HTT", LIVEZ + b"X: "])
async def test_a_head_that_never_ends_is_cut_off(scene: Scene, sent: bytes) -> None:
    started = perf_counter()
    assert await exchange(scene, sent) is None
    assert perf_counter() - started < 5


@pytest.mark.long
async def test_a_head_drop_by_drop_is_cut_off_too(scene: Scene) -> None:
    async with connected(scene) as (reader, writer), asyncio.timeout(5):
        writer.write(LIVEZ)
        ending = asyncio.create_task(reader.read(-1))
        while not ending.done():
            writer.write(b"X: y\r\n")
            await asyncio.wait({ending}, timeout=0.1)


@pytest.mark.long
async def test_an_idle_connection_is_kept_for_a_while_and_then_closed(scene: Scene) -> None:
    async with connected(scene) as (reader, writer), asyncio.timeout(5):
        writer.write(LIVEZ + b"\r\n")
        assert b"200" in await reader.readline()
        await reader.read(-1)


@pytest.mark.long
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 10, id="few long answers"),
        pytest.param((LIVEZ + b"\r\n") * 1000, id="many short answers", marks=pytest.mark.long),
    ],
)
async def test_who_never_reads_his_answers_is_cut_off(scene: Scene, asked: bytes) -> None:
    async with connected(scene) as (_, writer), asyncio.timeout(30):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        with pytest.raises(ConnectionError):
            while True:
                writer.write(asked)
                await writer.drain()
    await scene.limiter.until(0)


@pytest.mark.long
async def test_who_reads_a_long_answer_slowly_gets_all_of_it() -> None:
    """As a CSV file over a slow line: there is always something that is not read yet."""
    piece, pieces = b"x" * 200_000, 60

    async def long_answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(pieces):
            await response.write(piece)
        return response

    app = web.Application()
    app.add_routes([web.get("/long", long_answer)])
    async with serving(app, "127.0.0.1", 0, ConnectionLimiter(HASTY)) as url, asyncio.timeout(PATIENCE):
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        narrow.setblocking(False)
        loop, read = asyncio.get_running_loop(), 0
        await loop.sock_connect(narrow, ("127.0.0.1", int(url.rpartition(":")[2])))
        await loop.sock_sendall(narrow, b"GET /long HTTP/1.0\r\nHost: x\r\n\r\n")
        while got := await loop.sock_recv(narrow, 65_536):
            read += len(got)
            await asyncio.sleep(len(got) / 4_000_000)  # so fast is the line
        narrow.close()
    assert read > pieces * len(piece)


async def test_one_hundred_megabytes_leave_no_trace(scene: Scene) -> None:
    """Bodies without end, anew after each refusal: to the API with and without key, and to the webhook."""
    chunk = b"%x\r\n" % 65_536 + b" " * 65_536 + b"\r\n"

    async def push(head: bytes, megabytes: int) -> None:
        left = megabytes * 16
        while left:
            async with connected(scene) as (_, writer):
                writer.write(head)
                try:
                    while left:
                        writer.write(chunk)
                        await writer.drain()
                        left -= 1
                except ConnectionError:
                    continue

    hook = post(scene, "Transfer-Encoding: chunked", path="/hooks/servicetrade/none")
    stranger = b"POST /v1/tenants HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    await push(hook, 1)
    tracemalloc.start()
    try:
        heads = (hook, stranger, post(scene, "Transfer-Encoding: chunked"))
        await asyncio.gather(*(push(head, 9) for head in heads for _ in range(4)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 25_000_000, peak


@pytest.mark.long
async def test_slow_clients_do_not_slow_down_others() -> None:
    """Two hundred of them at once, in every kind of slowness, and the answer of one who asks properly."""
    patient = replace(UNLIMITED, connections_per_peer=500)

    async def median(scene: Scene) -> float:
        times = []
        for _ in range(15):
            started = perf_counter()
            assert (await scene.call("GET", "/v1/tenants")).status == 200
            times.append(perf_counter() - started)
        return sorted(times)[7]

    async with api(limits=patient) as scene, AsyncExitStack() as stack:
        alone = await median(scene)
        for number in range(200):
            _, writer = await stack.enter_async_context(connected(scene))
            writer.write((LIVEZ + b"X: ", post(scene, "Content-Length: 400", body=b"{"), b"", b"GET /li")[number % 4])
        await scene.limiter.until(200)
        assert await median(scene) < max(10 * alone, 0.1)


async def test_one_peer_cannot_take_all_connections() -> None:
    limits = replace(HASTY, head_seconds=30.0, connections_per_peer=5)
    async with api(limits=limits) as scene, AsyncExitStack() as stack:
        writers = [(await stack.enter_async_context(connected(scene)))[1] for _ in range(5)]
        await scene.limiter.until(5)
        refused = await exchange(scene, b"")
        assert refused is not None
        assert (refused.status, refused.problem["code"]) == (503, "TOO_MANY_CONNECTIONS")
        assert refused.headers["retry-after"]
        assert scene.limiter.refused == 1
        writers[0].transport.abort()
        await scene.limiter.until(4)
        answer = await exchange(scene, LIVEZ + CLOSE + b"\r\n")
        assert answer is not None
        assert answer.status == 200


async def test_all_peers_together_have_a_limit_too() -> None:
    limits = replace(HASTY, head_seconds=30.0, connections=3)
    async with api(limits=limits) as scene, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(connected(scene))
        await scene.limiter.until(3)
        answer = await exchange(scene, LIVEZ + CLOSE + b"\r\n")
        assert answer is None or answer.status == 503
