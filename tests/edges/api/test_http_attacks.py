"""Whatever comes over the wire gets an answer or a closed door: never a 500, never a hang, never all the room."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from time import perf_counter

import pytest
from structlog.testing import capture_logs

from adapters.inbound.server.limits import BODY_LIMIT, HOOK_BODY_LIMIT, LONGEST_LINE, MOST_HEADERS
from adapters.net.bounded_json import DEEPEST
from tests.support.http_scene import SECRETS, TENANT, Scene, api
from tests.support.raw_http import CLOSE, HASTY, LIVEZ, connected, exchange, parsed, post


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api(limits=HASTY) as running:
        yield running


def whole(scene: Scene, body: bytes, *headers: str) -> bytes:
    return post(scene, f"Content-Length: {len(body)}", "Connection: close", *headers, body=body)


@pytest.mark.parametrize(
    "framing, body",
    [
        (("Content-Length: 4", "Transfer-Encoding: chunked"), b"0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Content-Length: 4"), b"0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), b"0\r\n\r\n"),
        (("Transfer-Encoding: xchunked",), b"0\r\n\r\n"),
        (("Transfer-Encoding : chunked",), b"0\r\n\r\n"),
        (("Content-Length: 4", "Content-Length: 5"), b"{}   "),
        (("Content-Length: -4",), b"{}"),
        (("Content-Length: +2",), b"{}"),
        (("Content-Length: 0x2",), b"{}"),
        (("Content-Length: 99999999999999999999999",), b"{}"),
        (("Transfer-Encoding: chunked",), b"zz\r\n{}\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"2\r\n{}XX\r\n0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"ffffffffffffffffffff\r\n{}"),
    ],
)
async def test_a_body_whose_end_can_be_read_two_ways_is_refused(
    scene: Scene, framing: tuple[str, ...], body: bytes
) -> None:
    answer = await exchange(scene, post(scene, *framing, body=body))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (400, "MALFORMED_REQUEST")
    assert b"ok" not in answer.rest, "the second request was taken for one"


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100,
        b"\0" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /livez HTTP/3.7\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        LIVEZ + b" folded\r\n\r\n",
        LIVEZ + b"X Y: 1\r\n\r\n",
        LIVEZ + b"X: a\0b\r\n\r\n",
        b"GET /livez HTTP/1.1\nHost: x\n\n",
        b"GET http://[::1/livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://x:99999/livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"get /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"G\xffT /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_with_a_problem_and_closed(scene: Scene, data: bytes) -> None:
    with capture_logs() as lines:
        answer = await exchange(scene, data)
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (400, "MALFORMED_REQUEST")
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    assert [line["event"] for line in lines] == ["request.malformed"]


@pytest.mark.parametrize(
    "first_line, status",
    [
        (b"GET http://evil.example/livez HTTP/1.1", 200),
        (b"GET http://evil.example/v1/tenants HTTP/1.1", 401),
        (b"GET //livez HTTP/1.1", 404),
        (b"GET //[ HTTP/1.1", 404),
        (b"GET /../../etc/passwd HTTP/1.1", 404),
        (b"CONNECT evil.example:443 HTTP/1.1", 404),
        (b"OPTIONS * HTTP/1.1", 404),
        (b"TRACE /livez HTTP/1.1", 405),
        (b"GET /v1/../livez HTTP/1.1", 401),
        (b"GET /livez HTTP/1.0", 200),
    ],
)
async def test_odd_but_lawful_targets_are_answered(scene: Scene, first_line: bytes, status: int) -> None:
    answer = await exchange(scene, first_line + b"\r\nHost: x\r\n" + CLOSE + b"\r\n")
    assert answer is not None
    assert answer.status == status
    assert status == 200 or answer.problem["status"] == status


@pytest.mark.parametrize("path", ["%00", "%ff%fe", "%zz", "x%00y/sends", "%ed%a0%80/sends?state=%ff", "a%2f..%2fb"])
async def test_odd_bytes_in_a_path(scene: Scene, path: str) -> None:
    lines = (f"GET /v1/tenants/{path} HTTP/1.1", "Host: x", f"Authorization: Bearer {scene.key}", "Connection: close")
    answer = await exchange(scene, "\r\n".join((*lines, "", "")).encode())
    assert answer is not None
    assert answer.problem["status"] in (400, 404, 422)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /" + b"a" * (LONGEST_LINE + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        LIVEZ + b"X: " + b"a" * (LONGEST_LINE + 1) + b"\r\n\r\n",
        LIVEZ + b"a" * (LONGEST_LINE + 1) + b": 1\r\n\r\n",
        LIVEZ + b"X: 1\r\n" * (MOST_HEADERS + 1) + b"\r\n",
    ],
)
async def test_a_head_beyond_all_need(scene: Scene, data: bytes) -> None:
    answer = await exchange(scene, data)
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (431, "HEAD_TOO_LARGE")


async def test_a_line_without_end_is_cut_off(scene: Scene) -> None:
    async with connected(scene) as (_, writer), asyncio.timeout(5):
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"a" * 100_000)
                await writer.drain()


async def test_an_unknown_expectation(scene: Scene) -> None:
    answer = await exchange(scene, post(scene, "Expect: 200-maybe", "Content-Length: 2", body=b"{}"))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (417, "EXPECTATION_FAILED")


async def test_no_answer_says_what_jobferry_is_built_with(scene: Scene) -> None:
    head = b" HTTP/1.1\r\nHost: x\r\n" + CLOSE + b"\r\n"
    asked = [b"GET " + path + head for path in (b"/livez", b"/sign-in", b"/v1/tenants", b"/none", b"/metrics")]
    asked += [b"no http\r\n\r\n", post(scene, "Expect: 200-maybe", "Content-Length: 2", body=b"{}")]
    for data in asked:
        answer = await exchange(scene, data)
        assert answer is not None
        assert answer.headers["server"] == "jobferry"


@pytest.mark.parametrize(
    "header", ["Content-Encoding: gzip", "Content-Encoding: br", "Transfer-Encoding: gzip, chunked"]
)
async def test_compressed_bodies_are_refused_unread(scene: Scene, header: str) -> None:
    framing = () if header.startswith("Transfer") else ("Content-Length: 5",)
    answer = await exchange(scene, post(scene, header, *framing, "Connection: close", body=b"0\r\n\r\n"))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (415, "CONTENT_ENCODING_NOT_SUPPORTED")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 900_000,
        b'{"a":' * 150_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"slug": ' + b"9" * 900_000 + b"}",
        b'{"slug": "a", "slug": "b"}',
        b'{"servicetrade": {"username": "u", "user\\u006eame": "v"}}',
        b"\xef\xbb\xbf{}",
        b'{"slug": 1e999999999}',
        b'{"slug": [[-1e999]]}',
        b'{"slug": "' + b"\\" * 899_999 + b'"}',
    ],
)
async def test_json_that_hurts_or_that_two_readers_read_differently(scene: Scene, body: bytes) -> None:
    answer = await exchange(scene, whole(scene, body))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (400, "MALFORMED_JSON")
    assert len(answer.rest) < 2000


async def test_json_as_deep_as_allowed_is_read(scene: Scene) -> None:
    answer = await exchange(scene, whole(scene, b"[" * DEEPEST + b"]" * DEEPEST))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (422, "BAD_INPUT")


async def test_a_body_that_says_it_is_too_large_is_not_waited_for(scene: Scene) -> None:
    started = perf_counter()
    answer = await exchange(scene, post(scene, f"Content-Length: {BODY_LIMIT + 1}"))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (413, "BODY_TOO_LARGE")
    assert perf_counter() - started < HASTY.body_seconds


async def test_a_body_in_chunks_is_counted(scene: Scene) -> None:
    chunk = b"%x\r\n" % 50_000 + b" " * 50_000 + b"\r\n"
    answer = await exchange(scene, post(scene, "Transfer-Encoding: chunked", body=chunk * 21))
    assert answer is not None
    assert (answer.status, answer.problem["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_body_longer_than_it_says_ends_where_it_says(scene: Scene) -> None:
    """What is behind it is the next request, and none at all."""
    body = json.dumps(TENANT).encode()
    async with connected(scene) as (reader, writer), asyncio.timeout(5):
        writer.write(post(scene, f"Content-Length: {len(body)}", body=body))
        first = parsed(await reader.readuntil(b"\r\n\r\n"))
        assert first is not None
        assert first.status == 201
        await reader.readexactly(int(first.headers["content-length"]))
        writer.write(b"and more of it\r\n\r\n")
        second = parsed(await reader.read(-1))
    assert second is not None
    assert second.problem["code"] == "MALFORMED_REQUEST"


async def test_fifty_requests_at_once_are_answered_in_turn(scene: Scene) -> None:
    answer = await exchange(scene, (LIVEZ + b"\r\n") * 49 + LIVEZ + CLOSE + b"\r\n")
    assert answer is not None
    assert answer.rest.count(b"200 OK") == 49


async def test_the_hook_takes_what_it_cannot_read_for_news_of_any_job(scene: Scene) -> None:
    await scene.furnish()
    await scene.call("PUT", "/v1/tenants/cardinal/servicetrade-webhook")
    [hook] = scene.service_trade.hooks.values()
    path = hook.url.removeprefix("https://jobferry.example.com")
    for request in (
        post(scene, f"Content-Length: {HOOK_BODY_LIMIT + 1}", path=path),
        post(scene, "Content-Length: 40", path=path, body=b"{"),
        post(scene, "Content-Encoding: gzip", "Content-Length: 4", "Connection: close", path=path, body=b"\x1f\x8b00"),
        post(scene, "Content-Length: 300", "Connection: close", path=path, body=b'{"a":' * 60),
    ):
        scene.transactions.rows.due_work.clear()
        started = perf_counter()
        answer = await exchange(scene, request)
        assert answer is not None
        assert answer.status == 204
        assert len(scene.transactions.rows.due_work) == 1, request
        assert b": 40" in request or perf_counter() - started < HASTY.body_seconds, "only the second one is waited for"


async def test_a_malformed_request_is_not_repeated_anywhere(scene: Scene) -> None:
    with capture_logs() as lines:
        answer = await exchange(scene, b"GET /livez HTTP/1.1\r\nHost: x\r\n" + SECRETS[0].encode() + b"\0: 1\r\n\r\n")
    assert answer is not None
    assert SECRETS[0] not in str(lines) + answer.rest.decode()
