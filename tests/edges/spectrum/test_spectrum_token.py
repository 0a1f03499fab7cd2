"""Enhanced authentication: one token a connection, fetched in time, renewed once after a 401."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs

import pytest

from adapters.net.egress import Egress
from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import Transport
from core.model.sending.answer import Accepted, NotSent, NotSentReason, Unknown, UnknownReason
from core.model.shared.secret import Secret
from tests.support.spectrum_scene import (
    FIELDS,
    LOOPBACK,
    Behaviour,
    RawServer,
    http,
    raw_server,
    soap,
    spectrum,
    target,
)

TOKEN, CALL = "/connect/token", "/ws/WorkOrderHeader"
GOOD = http(soap())


def token(value: str, expires_in: object = 3600) -> bytes:
    body = json.dumps({"access_token": value, "expires_in": expires_in, "token_type": "Bearer"})
    return http(body, content_type="application/json")


def paths(tokens: list[Behaviour], calls: list[Behaviour]) -> dict[str, list[Behaviour]]:
    return {TOKEN: tokens, CALL: calls}


def bearers(server: RawServer) -> list[str]:
    calls = [request for request in server.requests if request.startswith(f"POST {CALL}".encode())]
    return [call.partition(b"Authorization: Bearer ")[2].partition(b"\r\n")[0].decode() for call in calls]


async def test_a_token_is_fetched_once_and_goes_with_every_call() -> None:
    async with raw_server(paths=paths([token("t1")], [GOOD])) as server, spectrum() as adapter:
        here = target(server.url, client_secret="s3cret")
        for _ in range(2):
            assert (await adapter.write_header(here, FIELDS, leave_by=None)).outcome == Accepted()
    assert server.served[TOKEN] == 1
    assert bearers(server) == ["t1", "t1"]
    form = parse_qs(server.requests[0].partition(b"\r\n\r\n")[2].decode())
    assert form == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-1"],
        "client_secret": ["s3cret"],
        "scope": ["spectrumapi"],
    }


async def test_calls_at_once_share_one_fetch() -> None:
    async with raw_server(paths=paths([token("t1"), token("t2")], [GOOD])) as server, spectrum() as adapter:
        here = target(server.url, client_secret="s3cret")
        await asyncio.gather(*(adapter.write_header(here, FIELDS, leave_by=None) for _ in range(5)))
    assert server.served[TOKEN] == 1


async def test_a_changed_secret_fetches_afresh() -> None:
    async with raw_server(paths=paths([token("t1"), token("t2")], [GOOD])) as server, spectrum() as adapter:
        await adapter.write_header(target(server.url, client_secret="old"), FIELDS, leave_by=None)
        await adapter.write_header(target(server.url, client_secret="new"), FIELDS, leave_by=None)
    assert bearers(server) == ["t1", "t2"]


async def test_a_token_is_renewed_a_minute_before_it_expires() -> None:
    now = [0.0]
    async with raw_server(paths=paths([token("t1", 100), token("t2", 100)], [GOOD])) as server:
        tokens = Tokens(Transport(Egress(LOOPBACK), connect_seconds=1.0), clock=lambda: now[0])
        here = target(server.url, client_secret="s3cret")
        until = asyncio.get_running_loop().time() + 5
        assert await tokens.token(here, until) == Secret("t1")
        now[0] = 39.0
        assert await tokens.token(here, until) == Secret("t1")
        now[0] = 41.0
        assert await tokens.token(here, until) == Secret("t2")


async def test_a_401_renews_the_token_and_repeats_once() -> None:
    unauthorized = http(status="401 Unauthorized")
    async with (
        raw_server(paths=paths([token("t1"), token("t2")], [unauthorized, GOOD])) as server,
        spectrum() as adapter,
    ):
        exchange = await adapter.write_header(target(server.url, client_secret="s"), FIELDS, leave_by=None)
    assert exchange.outcome == Accepted()
    assert bearers(server) == ["t1", "t2"]


async def test_a_second_401_leaves_it_unknown() -> None:
    async with (
        raw_server(paths=paths([token("t1")], [http(status="401 Unauthorized")])) as server,
        spectrum() as adapter,
    ):
        outcome = (await adapter.write_header(target(server.url, client_secret="s"), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.UNAUTHENTICATED
    assert (server.served[TOKEN], server.served[CALL]) == (2, 2)


async def test_without_enhanced_authentication_a_401_is_not_repeated() -> None:
    async with raw_server(http(status="401 Unauthorized")) as server, spectrum() as adapter:
        outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, Unknown)
    assert server.connections == 1


UNAUTHORIZED = http("first", "401 Unauthorized")
REFUSAL = http(soap(("I", "not valid", "Zone")))


@pytest.mark.parametrize(
    ("calls", "tokens", "said", "in_evidence"),
    [
        ([UNAUTHORIZED, REFUSAL], [token("t1"), token("t2")], "I Zone: not valid", "not valid"),
        ([UNAUTHORIZED], [token("t1"), http(status="400 Bad")], "token service refuses", "first"),
        ([UNAUTHORIZED], [token("t1"), http(status="503 Away")], "without a usable token", "first"),
    ],
)
async def test_after_a_401_only_a_success_of_the_repeat_is_clear(
    calls: list[Behaviour], tokens: list[Behaviour], said: str, in_evidence: str
) -> None:
    """A gateway may answer 401 to a header that stands; that the repeat was refused or stayed does not undo it."""
    async with raw_server(paths=paths(tokens, calls)) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url, client_secret="s3cret"), FIELDS, leave_by=None)
    assert isinstance(exchange.outcome, Unknown)
    assert (exchange.outcome.reason, exchange.outcome.status) == (UnknownReason.HTTP_ERROR, 401)
    assert said in exchange.outcome.detail
    assert in_evidence in exchange.answer
    assert "S1001" in exchange.request


async def test_a_403_is_not_repeated() -> None:
    async with raw_server(paths=paths([token("t1")], [http(status="403 Forbidden")])) as server, spectrum() as adapter:
        await adapter.write_header(target(server.url, client_secret="s"), FIELDS, leave_by=None)
    assert server.served[CALL] == 1


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (http('{"error":"invalid_client"}', "400 Bad Request"), NotSentReason.TOKEN_REFUSED),
        (http(status="401 Unauthorized"), NotSentReason.TOKEN_REFUSED),
        (http(status="503 Service Unavailable"), NotSentReason.TOKEN_UNUSABLE),
        (http(status="302 Found", Location="https://elsewhere.example.com/"), NotSentReason.TOKEN_UNUSABLE),
        (http("<html>", content_type="text/html"), NotSentReason.TOKEN_UNUSABLE),
        (http("[]"), NotSentReason.TOKEN_UNUSABLE),
        (token(""), NotSentReason.TOKEN_UNUSABLE),
        (token("line\nbreak"), NotSentReason.TOKEN_UNUSABLE),
        (http("[" * 100_000), NotSentReason.TOKEN_UNUSABLE),
        (_hang_up, NotSentReason.TOKEN_UNREACHABLE),
        (_silence, NotSentReason.TOKEN_UNREACHABLE),
    ],
)
async def test_without_a_token_nothing_is_sent(behaviour: Behaviour, reason: NotSentReason) -> None:
    async with raw_server(paths=paths([behaviour], [GOOD])) as server, spectrum(deadline_seconds=2.0) as adapter:
        exchange = await adapter.write_header(target(server.url, client_secret="s3cret"), FIELDS, leave_by=None)
    assert isinstance(exchange.outcome, NotSent)
    assert exchange.outcome.reason is reason
    assert "s3cret" not in repr(exchange)
    assert CALL not in server.served


@pytest.mark.parametrize("expires_in", ["soon", None, True, 1e400, -5, 10**400])
async def test_an_odd_lifetime_does_not_hurt(expires_in: object) -> None:
    async with raw_server(paths=paths([token("t1", expires_in)], [GOOD])) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url, client_secret="s"), FIELDS, leave_by=None)
    assert exchange.outcome == Accepted()
    assert bearers(server) == ["t1"]
