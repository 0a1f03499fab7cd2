"""Posting to addresses that tenants named, on real sockets."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

import pytest

from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from adapters.sandbox.certificates import SandboxAuthority
from core.model.shared.errors import BadInput
from ports.webhook_sender import Posted
from tests.support.receiver import receiver

LOOPBACK = ip_network("127.0.0.0/8")
SENDER = AiohttpWebhookSender(allowed_networks=(LOOPBACK,))
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that speaks no HTTP of its own; its port. Every connection is over when the block is."""
    serving: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(one(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*serving)


async def test_the_body_arrives_to_the_letter_with_its_headers() -> None:
    async with receiver() as hook:
        assert await SENDER.post(hook.url + "?a=%2F", {"webhook-id": "evt_1"}, b'{"a": 1}') == Posted(204, "HTTP 204")
    [arrived] = hook.arrived
    assert arrived.body == b'{"a": 1}'
    assert arrived.headers["webhook-id"] == "evt_1"
    assert arrived.headers["Content-Type"] == "application/json"
    assert "Cookie" not in arrived.headers


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiver() as other, receiver(307) as hook:
        hook.headers["Location"] = other.url
        assert (await SENDER.post(hook.url, {}, b"{}")).status == 307
        assert other.arrived == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as hook:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert (await SENDER.post(hook.url, {}, b"{}")).accepted
        assert (len(proxy.arrived), len(hook.arrived)) == (0, 1)


async def test_plain_http_goes_to_allowed_networks_only() -> None:
    strict = AiohttpWebhookSender()
    async with receiver() as hook:
        posted = await strict.post(hook.url, {}, b"{}")
        assert posted.status is None
        assert "JOBFERRY_ALLOWED_NETWORKS" in posted.detail
        with pytest.raises(BadInput) as caught:
            strict.check(hook.url)
        assert (caught.value.code, caught.value.errors[0].pointer) == ("WEBHOOK_URL_REFUSED", "/url")
        SENDER.check(hook.url)
        assert hook.arrived == []


async def test_a_receiver_that_does_not_answer_is_given_up_in_time() -> None:
    hasty = AiohttpWebhookSender(allowed_networks=(LOOPBACK,), deadline_seconds=0.2)
    async with receiver(answers=False) as hook, asyncio.timeout(5):
        posted = await hasty.post(hook.url, {}, b"{}")
    assert posted == Posted(None, "No answer within 0.2 seconds.")


async def test_a_long_answer_is_neither_read_to_its_end_nor_repeated() -> None:
    async with receiver(200) as hook:
        hook.text = "SECRET-OF-THE-RECEIVER" * 1_000_000
        assert await SENDER.post(hook.url, {}, b"{}") == Posted(200, "HTTP 200")


async def test_an_answer_that_never_ends_still_counts_by_its_status() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        await writer.drain()
        await reader.read()  # until the sender hangs up

    async with raw_server(drip) as port, asyncio.timeout(8):
        assert (await SENDER.post(f"http://127.0.0.1:{port}/", {}, b"")).status == 200


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"])
async def test_what_is_no_http_is_a_failure_and_no_error(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async with raw_server(serve) as port:
        posted = await SENDER.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert posted.status is None
    assert posted.detail


@pytest.mark.parametrize(
    ("url", "said"), [("http://127.0.0.1:1/", "No connection"), ("https://no-such-host.invalid/", "name service")]
)
async def test_what_cannot_be_reached_is_told(url: str, said: str) -> None:
    posted = await SENDER.post(url, {}, b"{}")
    assert posted.status is None
    assert said in posted.detail


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    context = SandboxAuthority().server_context()
    served = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(await reader.read(1))

    async with raw_server(serve, context) as port:
        posted = await SENDER.post(f"https://localhost:{port}/", {}, b"{}")
    assert (posted.status, served) == (None, [])
    assert "certificate" in posted.detail
