"""Every reader of foreign bytes, each with inputs of its own. One call is one input; only our errors may come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from random import Random
from typing import Any, cast
from urllib.parse import urlencode

from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpVersion11, RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from adapters.inbound.api.servicetrade_hook import jobs_named_in
from adapters.inbound.console.forms import Field, parsed, read_form
from adapters.inbound.console.handlers import connection_form, tenants
from adapters.inbound.console.handlers.sign_in import SESSION, is_same_origin
from adapters.inbound.console.setting_fields import connection_fields, tenant_fields
from adapters.inbound.schema.connections import ConnectionIn
from adapters.inbound.schema.tenants import TenantIn
from adapters.inbound.server.peers import is_local, is_loopback, peer_of
from adapters.inbound.server.reading import read_body, read_document
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from adapters.outbound.spectrum import examine, rotation, token
from adapters.outbound.spectrum import transport as spectrum_transport
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.masking import Masking
from adapters.outbound.spectrum.services import NEEDED, SERVICES
from adapters.outbound.spectrum.wsdl import wsdl_of
from core.model.mappings.alias import AliasKind
from core.model.mappings.alias_csv import read_csv
from core.model.sending.answer import UnknownReason
from core.model.shared.errors import JobferryError
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from tests.faults.support.mutations import foreign_json, spoiled
from tests.support.http_scene import CONNECTION
from tests.support.spectrum_scene import AUTHORIZATION_ID, fault, soap

Read = Callable[[Random], Awaitable[None]]
OURS = (JobferryError, web.HTTPRequestEntityTooLarge)
"""What a reader may raise: the second is aiohttp's, and our middleware answers it."""
STATUSES = (200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 429, 500, 502, 503)
_TYPES = ("text/xml", "text/xml; charset=utf-8", "text/html", "", "application/json", "text/xml; charset=x", "a/b; c")
_MASKING = Masking([AUTHORIZATION_ID])


def _answer(rng: Random, body: bytes) -> spectrum_transport.HttpAnswer:
    cut = rng.choice(list(UnknownReason)) if rng.randrange(20) == 0 else None
    return spectrum_transport.HttpAnswer(rng.choice(STATUSES), rng.choice(_TYPES), body, cut=cut)


async def spectrum_write(rng: Random) -> None:
    service = SERVICES[rng.choice(NEEDED)]
    codes = ("A", "I", "M", "E", "G", "W", "S", "X", "")
    rows = [(rng.choice(codes), f"no {AUTHORIZATION_ID} & more", "Zone") for _ in range(rng.randrange(4))]
    text = fault("Server", "x") if rng.randrange(6) == 0 else soap(*rows, method=service.name)
    body = spoiled(rng, text.replace(" & ", " &amp; ").encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1"))))
    _MASKING.outcome(judge(_answer(rng, body), service))
    _MASKING.evidence(body)


async def spectrum_wsdl(rng: Random) -> None:
    service = SERVICES[rng.choice(NEEDED)]
    examine._judge(_answer(rng, spoiled(rng, wsdl_of(service).encode())), service, signed=rng.random() < 0.5)


async def spectrum_token(rng: Random) -> None:
    body = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
    token._granted(_answer(rng, foreign_json(rng, body)))
    secret = {"client_secret": "s", "expires_at": "2027-01-01T00:00:00Z", "expires_in": 60}
    rotation._new_secret(_answer(rng, foreign_json(rng, secret)))


_STUB = {"id": 2274011930042369, "name": "Harborview Foods"}
_JOB = {
    "id": 2412087334600705,
    "name": "Repair Job",
    "type": "repair",
    "status": "completed",
    "number": 104482,
    "customerPo": "PO-77120",
    "description": "Replace the valve",
    "completedOn": 1795180320,
    "updated": 1795180321,
    "customer": _STUB,
    "location": _STUB,
    "contract": _STUB,
    "assignedOffice": _STUB,
    "offices": [_STUB],
    "serviceLine": {"id": 2, "name": "Sprinkler", "abbr": "SPR"},
    "tags": [{"id": 1, "name": "urgent"}],
    "externalIds": {"spectrum": "T104482"},
}
_ITEM = {
    "id": 2412088000012289,
    "name": "Check valve",
    "quantity": 1,
    "cost": 412.85,
    "usedOn": 1795093200,
    "libItem": {"id": 5, "type": "part", "code": "CV-4G", "externalIds": {"spectrum": "CV4G"}},
    "serviceLine": {"id": 2, "name": "Sprinkler"},
    "externalIds": {},
}
_DATA: Mapping[str, Any] = {
    "auth": {"authToken": "0123"},
    "job": {**_JOB, "jobs": [_JOB, {**_JOB, "id": 7}], "totalPages": 1},
    "jobitem": {"jobItems": [_ITEM, {**_ITEM, "id": 8}], "totalPages": 1},
    "company": {**_STUB, "externalIds": {"spectrum": "HARVIEW"}},
    "location": {**_STUB, "externalIds": []},
    "externalid": {"value": "HV-MSA-26"},
    "libitem": _ITEM["libItem"],
    "comment": {"comments": [{"id": 3, "content": "m text", "created": 1}], "totalPages": 1},
    "webhook": {"webhooks": [{"id": 4, "hookUrl": "https://x/y", "enabled": True}], "id": 4, "totalPages": "1"},
}
_ACCOUNT = ServiceTradeAccount("ten_1", "https://st.example.com/api", PasswordLogin("ada", Secret("right")))


class _Answering(Transport):
    """Answers each request with a foreign form of a good answer."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    async def carry(self, base_url: str, request: Request) -> HttpAnswer:
        rng, data = self._rng, _DATA.get(request.path.split("/")[1], {})
        envelope = {"messages": {"error": ["no"]}, "data": data, "meta": {"stats": {"resourceBalanceMs": 59983}}}
        if request.path == "/auth" and rng.randrange(8):  # most inputs come further than to the sign-in
            return HttpAnswer(200, b'{"data": {"authToken": "t"}}')
        status = 200 if rng.randrange(6) else rng.choice(STATUSES)
        body = foreign_json(rng, envelope)
        return HttpAnswer(status, body, rng.choice(("", "5", "x", "-1", "Wed, 21 Oct 2099 07:28:00 GMT")))


class _Plain(Transport):
    """Answers with good data, each envelope as `told` makes it."""

    def __init__(self, told: Callable[[Any], bytes]) -> None:
        self._told = told

    async def carry(self, base_url: str, request: Request) -> HttpAnswer:
        return HttpAnswer(200, self._told({"messages": {}, "data": _DATA[request.path.split("/")[1]], "meta": {}}))


async def read_plainly(told: Callable[[Any], bytes]) -> tuple[object, object]:
    """A job and its items, out of envelopes that become bytes by `told`."""
    transport = _Plain(told)
    system = AiohttpServiceTrade(transport, Sessions(transport), Budget(sleep=_no_sleep))
    job = str(_JOB["id"])
    return await system.read_job(_ACCOUNT, job, "spectrum"), await system.read_items(_ACCOUNT, job, "spectrum")


async def _no_sleep(_: float) -> None:
    await asyncio.sleep(0)


async def _all(listed: AsyncIterator[Any]) -> None:
    async for _ in listed:
        pass


async def servicetrade(rng: Random) -> None:
    transport = _Answering(rng)
    system = AiohttpServiceTrade(transport, Sessions(transport), Budget(sleep=_no_sleep))
    account, job = _ACCOUNT, str(_JOB["id"])
    match rng.randrange(12):
        case 0 | 1 | 2:
            await system.read_job(account, job, "spectrum")
        case 3 | 4:
            await system.read_items(account, job, "spectrum")
        case 5:
            await system.find_job_id(account, "104482")
        case 6:
            await _all(system.upcoming_jobs(account))
        case 7:
            await _all(system.changed_since(account, datetime(2026, 1, 1, tzinfo=UTC)))
        case 8:
            await system.complete_job(account, job)
        case 9:
            await system.webhooks(account)
            await system.register_webhook(account, "https://x.example.com/y")
        case 10:
            await system.replace_comment(account, job, "m", "m text")
            await system.set_failure_tag(account, job, "urgent", rng.random() < 0.5)
        case _:
            await system.write_external_id(account, job, "spectrum", "T1")
            await system.read_code(account, AliasKind.CONTRACT, "7", "spectrum")
            await system.check(account)


async def webhook(rng: Random) -> None:
    entity = {"id": 2412087334600705, "type": rng.choice((3, "3", "job", " Job ", 5))}
    jobs_named_in(foreign_json(rng, {"data": [{"action": "updated", "entity": entity}] * rng.randrange(3)}))


async def csv_import(rng: Random) -> None:
    rows = ["kind,record_id,name,code", 'location,2274012005539841,"Plant, 2",HV0002', "company,7,Harborview,HARVIEW"]
    text = rng.choice(("\n", "\r\n", "\r")).join(rows).replace(",", rng.choice((",", ",", ";", "\t")))
    read_csv(spoiled(rng, text.encode(rng.choice(("utf-8", "utf-8-sig", "utf-16", "latin-1"))), 6))


def _request(headers: Mapping[str, str], body: bytes) -> web.Request:
    """A request as aiohttp gives it to a handler: foreign bytes in its headers are lone surrogates."""
    payload = StreamReader(cast(BaseProtocol, _Connection()), 2**16, loop=asyncio.get_running_loop())
    payload.feed_data(body)
    payload.feed_eof()
    given = CIMultiDictProxy(CIMultiDict({"Host": "localhost:8480", **headers}))
    message = RawRequestMessage("POST", "/", HttpVersion11, given, (), True, None, False, False, URL("/"))
    unused = cast(Any, None)
    return web.Request(message, payload, cast(Any, _Connection()), unused, unused, asyncio.get_running_loop())


class _Connection:
    """What a request asks of its connection: it never needs to wait, and comes from this machine without TLS."""

    _reading_paused = False
    ssl_context = None
    peername = ("127.0.0.1", 50_000)
    sockname = ("127.0.0.1", 8_480)

    def pause_reading(self) -> None: ...

    def resume_reading(self, *, resume_parser: bool = True) -> None: ...


async def form(rng: Random) -> None:
    is_tenant = rng.random() < 0.5
    inputs = tenant_fields() if is_tenant else connection_fields(None)
    typed = {one.name: rng.choice(_TYPED) for one in rng.sample(inputs, rng.choice((0, 1, 2, len(inputs))))}
    given = {**{one.name: _FILLED_IN[one.name] for one in inputs if one.name in _FILLED_IN}, **typed}
    if rng.random() < 0.5:
        kind, body = "application/x-www-form-urlencoded", f"{urlencode(given)}&file=x&a.b.c=1".encode()
    else:
        kind = "multipart/form-data; boundary=x"
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n' for name, one in given.items()
        ]
        parts.append('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nkind,x\r\n--x--\r\n')
        body = "".join(parts).encode()
    if rng.randrange(10) == 0:
        kind = _text(rng, kind)
    fields = await read_form(_request({"Content-Type": kind}, spoiled(rng, body, 6)))
    kinds = ("text", "secret", "number", "choice", "check", "lines", "pairs", "long", "json")
    fields.pop("file", "")  # nothing but an import reads it
    for name, text in fields.items():
        parsed(Field(name=name, label="", kind=rng.choice(kinds)), text)
    if is_tenant:
        read_document(tenants._new(fields), TenantIn)
    else:
        asked = read_document(connection_form._new(fields), ConnectionIn)
        asked.connection()
        asked.secrets()


_FILLED_IN = {
    "slug": "main",
    "name": "Cardinal Fire",
    "external_system": "spectrum",
    "endpoint_url": "https://spectrum.example.com:8482/ws",
    "company_code": "101",
    "authorization_id": "AUTH-7711",
    "servicetrade.username": "ada",
    "servicetrade.password": "right",
}
_TYPED = (
    "Cardinal Fire",
    "101",
    "3",
    " ",
    "on",
    "",
    "{}",
    "a = b",
    "spectrum.example.com",
    "2027-01-31",
    "9999-12-31",
    "cf",
)
"""What somebody may type into an input."""


async def body(rng: Random) -> None:
    request = _request({"Content-Type": "application/json"}, foreign_json(rng, CONNECTION))
    given = await read_body(request, ConnectionIn)
    given.connection()
    given.secrets()


async def cookies(rng: Random) -> None:
    cookie = _text(rng, '__Host-jobferry=abc123; jobferry-local=abc; other="a;b"; __Host-jobferry=second')
    request = _request(
        {"Cookie": cookie, "Host": _text(rng, rng.choice(("localhost:8480", "[::1]:80", "x.example.com")))}, b""
    )
    SESSION.of(request)
    is_local(request)
    is_same_origin(_request({"Origin": _text(rng, "https://[::1]:8480")}, b""))


_PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))


async def forwarded(rng: Random) -> None:
    hops = (
        "203.0.113.7",
        "203.0.113.7:443",
        "[2001:db8::1]:80",
        "[2001:db8::1]",
        "10.0.0.1",
        "unknown",
        "_x",
        "fe80::1%eth0",
    )
    header = _text(rng, ", ".join(rng.choice(hops) for _ in range(rng.randrange(4))))
    request = _request({"X-Forwarded-For": header, "Forwarded": f"for={header}"}, b"")
    peer_of(rng.choice((_PROXIES, ())), request)
    is_loopback(request)


def _text(rng: Random, good: str) -> str:
    """The text spoiled as a header can be: it has no line ends and holds foreign bytes as lone surrogates."""
    found = spoiled(rng, good.encode()).decode("utf-8", "surrogateescape")
    return found.replace("\r", "").replace("\n", "").replace("\0", "")


READERS: Mapping[str, Read] = {
    "what Spectrum answers to a write": spectrum_write,
    "Spectrum's descriptions of its services": spectrum_wsdl,
    "Spectrum's tokens and secrets": spectrum_token,
    "ServiceTrade's records": servicetrade,
    "ServiceTrade's webhooks": webhook,
    "imported CSV files": csv_import,
    "forms": form,
    "JSON bodies": body,
    "cookies": cookies,
    "forwarded headers": forwarded,
}
