"""Whether a write left or not, and what became of it, for everything that can go wrong between two sockets."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
import structlog
import trustme
from lxml import etree

from adapters.net.egress import Egress
from adapters.net.guarded_connector import allowed, resolve
from adapters.net.trust import tls_context
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.spectrum.transport import ANSWER_LIMIT
from core.model.sending.answer import Accepted, NotSent, NotSentReason, Unknown, UnknownReason, shows_life
from tests.support.spectrum_scene import (
    AUTHORIZATION_ID,
    FIELDS,
    LOOPBACK,
    http,
    listening,
    raw_server,
    soap,
    spectrum,
    target,
)

GOOD = http(soap())


# --- what leaves


async def test_a_write_is_one_post_with_every_element_once_and_in_order() -> None:
    async with raw_server(GOOD) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert exchange.outcome == Accepted()
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /ws/WorkOrderHeader HTTP/1.1"
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    assert headers["soapaction"] == f'"{server.url}/ws/WorkOrderHeader"'
    assert headers["content-type"] == "text/xml; charset=utf-8"
    assert headers["accept-encoding"] == "identity"
    assert "authorization" not in headers
    (call,) = etree.fromstring(body)[0]
    assert call.tag == "{http://www.northgate-is.com/proiv/webservices/types}WorkOrderHeader"
    assert tuple(child.tag for child in call) == SERVICES["WorkOrderHeader"].elements
    sent = {child.tag: child.text or "" for child in call}
    assert sent["Authorization_ID"] == AUTHORIZATION_ID
    assert len(sent["GUID"]) == 36
    assert {name: text for name, text in sent.items() if text}.keys() == {*FIELDS, "Authorization_ID", "GUID"}


async def test_every_write_has_its_own_connection_and_guid() -> None:
    guids = iter(["guid-1", "guid-2"])
    async with (
        raw_server(GOOD) as server,
        SoapSpectrum(allowed_networks=LOOPBACK, new_guid=lambda: next(guids)) as adapter,
    ):
        await adapter.write_header(target(server.url), FIELDS, leave_by=None)
        await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert server.connections == 2
    assert [b"guid-1" in server.requests[0], b"guid-2" in server.requests[1]] == [True, True]


@pytest.mark.parametrize(
    "fields",
    [
        {**FIELDS, "WO_Number": " "},
        {**FIELDS, "No_Such_Field": "x"},
        {**FIELDS, "GUID": "x"},
        {**FIELDS, "Authorization_ID": "x"},
        {**FIELDS, "Company_Code": "ZZ"},
        {**FIELDS, "Summary_Description": "bell \x07"},
        {**FIELDS, "Summary_Description": "half \ud800"},
    ],
)
async def test_what_may_not_go_out_is_refused_before_anything_connects(fields: dict[str, str]) -> None:
    async with raw_server(GOOD) as server, spectrum() as adapter:
        with pytest.raises(ValueError):
            await adapter.write_header(target(server.url), fields, leave_by=None)
    assert server.connections == 0


async def test_text_arrives_as_it_was() -> None:
    text = 'Ümläut € <&> "quoted" ]]> two\nlines'
    async with raw_server(GOOD) as server, spectrum() as adapter:
        await adapter.write_header(target(server.url), {**FIELDS, "Summary_Description": text}, leave_by=None)
    (call,) = etree.fromstring(server.requests[0].partition(b"\r\n\r\n")[2])[0]
    assert call.findtext("Summary_Description") == text


async def test_a_timed_out_guid_is_renewed_once() -> None:
    timed_out = http(soap(("A", "Time out has occurred.", "GUID")))
    async with raw_server(timed_out, GOOD) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert exchange.outcome == Accepted()
    first, second = (etree.fromstring(r.partition(b"\r\n\r\n")[2]).findtext(".//GUID") for r in server.requests)
    assert first != second

    async with raw_server(timed_out) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert type(exchange.outcome).__name__ == "Refused"
    assert server.connections == 2


async def test_the_environments_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with raw_server(GOOD) as server, spectrum() as adapter:
        assert (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome == Accepted()


async def test_no_log_line_holds_a_secret_or_a_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        async with raw_server(GOOD) as server, spectrum() as adapter:
            await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert [line["event"] for line in lines] == ["spectrum.call_ended"]
    assert lines[0]["outcome"] == "accepted"
    said = caplog.text + repr(lines)
    assert AUTHORIZATION_ID not in said
    assert "CUST1" not in said


# --- nothing left


async def test_a_closed_port_is_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with spectrum() as adapter:
            outcome = (await adapter.write_header(target(url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.REFUSED


async def test_an_unknown_host_is_not_sent() -> None:
    async with spectrum() as adapter:
        outcome = (await adapter.write_header(target("https://spectrum.invalid"), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.DNS
    assert "spectrum.invalid" in outcome.detail


async def test_a_silent_name_service_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    async with spectrum(connect_seconds=0.05) as adapter:
        outcome = (await adapter.write_header(target("https://spectrum.example.com"), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.DNS


async def test_plain_http_outside_the_allowed_networks_is_not_sent() -> None:
    async with (
        raw_server(GOOD) as server,
        SoapSpectrum(allowed_networks=[ip_network("10.0.0.0/8")]) as adapter,
    ):
        outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.REFUSED
    assert server.connections == 0


async def test_plain_http_that_no_address_could_make_right_is_named() -> None:
    async with raw_server(GOOD) as server, SoapSpectrum() as adapter:
        outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.ADDRESS_NOT_ALLOWED
    assert "JOBFERRY_ALLOWED_NETWORKS" in outcome.detail
    assert server.connections == 0


async def test_the_examined_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def rebinding(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "203.0.113.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async with raw_server(GOOD) as server, spectrum() as adapter:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
        url = server.url.replace("127.0.0.1", "rebinding.example.com")
        outcome = (await adapter.write_header(target(url), FIELDS, leave_by=None)).outcome
    assert outcome == Accepted()
    assert asked == ["rebinding.example.com"]


async def test_ipv4_spelt_as_ipv6_is_still_ipv4() -> None:
    addresses = await resolve("::ffff:127.0.0.1", 8482, 1.0)
    assert addresses == [ip_address("127.0.0.1")]
    assert not Egress([ip_network("::/0")]).allows("http", ip_address("::ffff:127.0.0.1"), 8482)


async def test_an_address_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(*_: object, **__: object) -> None:
        raise AssertionError("the name service was asked for an address")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    assert await resolve("127.0.0.1", 8482, 1.0) == [ip_address("127.0.0.1")]
    assert await resolve("::1", 8482, 1.0) == [ip_address("::1")]
    with pytest.raises(AssertionError):
        await resolve("127.1", 8482, 1.0)


async def test_only_the_allowed_addresses_of_a_host_are_used() -> None:
    here, there, inside = ip_address("127.0.0.1"), ip_address("9.9.9.9"), ip_address("10.0.0.1")
    host = ("both.example.com", 8482)
    assert allowed(Egress(LOOPBACK), "http", *host, [there, here, inside]) == [here]
    assert allowed(Egress(), "https", *host, [there, here, inside]) == [there]


# --- TLS


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def _serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _expired(authority: trustme.CA) -> trustme.LeafCert:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return authority.issue_cert("localhost", not_before=yesterday - timedelta(days=1), not_after=yesterday)


async def test_a_private_authority_is_believed_where_the_connection_names_it(authority: trustme.CA, pem: str) -> None:
    async with raw_server(GOOD, tls=_serving(authority.issue_cert("localhost"))) as server, spectrum() as adapter:
        known = await adapter.write_header(target(server.url, ca_certificate=pem), FIELDS, leave_by=None)
        assert known.outcome == Accepted()
        stranger = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(stranger, NotSent)
    assert stranger.reason is NotSentReason.TLS
    assert "not trusted" in stranger.detail
    assert len(server.requests) == 1


def test_one_authority_is_read_once(pem: str) -> None:
    assert tls_context(pem) is tls_context(pem)
    assert tls_context(pem) is not tls_context(None)
    assert tls_context(None).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("client_secret", [None, "s3cret"])
@pytest.mark.parametrize("flaw", ["expired", "wrong_host", "unreadable_ca"])
async def test_a_certificate_that_does_not_hold_is_not_sent(
    authority: trustme.CA, pem: str, flaw: str, client_secret: str | None
) -> None:
    """Also while a token is fetched it is a matter of the certificate: somebody answers at this address."""
    certificate = {
        "expired": _expired(authority),
        "wrong_host": authority.issue_cert("elsewhere.example.com"),
        "unreadable_ca": authority.issue_cert("localhost"),
    }[flaw]
    words = {"expired": "has expired", "wrong_host": "another host name", "unreadable_ca": "not readable"}[flaw]
    async with raw_server(GOOD, tls=_serving(certificate)) as server, spectrum() as adapter:
        ca = "not a certificate" if flaw == "unreadable_ca" else pem
        here = target(server.url, ca_certificate=ca, client_secret=client_secret)
        outcome = (await adapter.write_header(here, FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.TLS
    assert shows_life(outcome) is None
    assert words in outcome.detail
    assert server.requests == []


async def test_a_port_that_does_not_speak_tls_is_not_sent() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(http(status="400 Bad Request"))
        writer.close()

    outcome = await _write_over_tls_to(plain)
    assert outcome.reason is NotSentReason.TLS
    assert "does not speak TLS" in outcome.detail


@pytest.mark.parametrize(
    ("hangs", "reason"), [(True, NotSentReason.REFUSED), (False, NotSentReason.TLS)], ids=["hangs", "hangs up"]
)
async def test_a_handshake_that_comes_to_nothing_is_not_sent(hangs: bool, reason: NotSentReason) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if hangs:
            await reader.read()
        writer.transport.abort()

    assert (await _write_over_tls_to(greet)).reason is reason


async def _write_over_tls_to(
    greet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> NotSent:
    async with listening(greet) as port, spectrum(deadline_seconds=60, connect_seconds=0.2) as adapter:
        async with asyncio.timeout(5):
            outcome = (await adapter.write_header(target(f"https://127.0.0.1:{port}"), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent)
    return outcome


# --- it left, and no clean answer came


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _drip(writer: asyncio.StreamWriter) -> None:
    for byte in GOOD:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def _cut(writer: asyncio.StreamWriter) -> None:
    writer.write(GOOD[:-20])
    await writer.drain()


async def _flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n<a>")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


def _bomb() -> bytes:
    packed = gzip.compress(soap().encode() + b" " * 50_000_000)
    return http(packed, Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        pytest.param(_hang_up, UnknownReason.CONNECTION_LOST, id="hangs up"),
        pytest.param(_silence, UnknownReason.TIMEOUT, id="silence"),
        pytest.param(_drip, UnknownReason.TIMEOUT, id="drip"),
        pytest.param(_cut, UnknownReason.TRUNCATED, id="cut off"),
        pytest.param(_flood, UnknownReason.TOO_LARGE, id="flood"),
        pytest.param(_bomb(), UnknownReason.TOO_LARGE, id="gzip bomb"),
        pytest.param(b"220 mail.example.com ESMTP\r\n", UnknownReason.NOT_SOAP, id="no http"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", UnknownReason.TRUNCATED, id="empty"),
        pytest.param(http("<html><br></html>", content_type="text/html"), UnknownReason.NOT_SOAP, id="html"),
    ],
)
async def test_once_connected_everything_unclear_is_unknown(behaviour: bytes, reason: UnknownReason) -> None:
    async with raw_server(behaviour) as server, spectrum(deadline_seconds=2.0) as adapter:
        exchange = await adapter.write_header(target(server.url), FIELDS, leave_by=None)
    assert isinstance(exchange.outcome, Unknown)
    assert exchange.outcome.reason is reason
    assert len(server.requests) == 1
    assert len(exchange.answer.encode()) <= 16_384


async def test_no_cut_of_a_good_answer_is_accepted() -> None:
    cuts = [GOOD[:length] for length in range(len(GOOD))]
    async with raw_server(*cuts, GOOD) as server, spectrum() as adapter:
        for cut in cuts:
            outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
            assert isinstance(outcome, Unknown), cut
        assert (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome == Accepted()


async def test_an_answer_of_just_the_limit_is_read() -> None:
    body = soap()
    padded = body + " " * (ANSWER_LIMIT - len(body))
    async with raw_server(http(padded), http(padded + " ")) as server, spectrum() as adapter:
        assert (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome == Accepted()
        outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.TOO_LARGE


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with raw_server(GOOD) as elsewhere:
        moved = http(status=status, Location=f"{elsewhere.url}/ws/WorkOrderHeader?id={AUTHORIZATION_ID}")
        async with raw_server(moved) as server, spectrum() as adapter:
            outcome = (await adapter.write_header(target(server.url), FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.REDIRECT
    assert elsewhere.url in outcome.detail
    assert AUTHORIZATION_ID not in outcome.detail
    assert elsewhere.connections == 0
