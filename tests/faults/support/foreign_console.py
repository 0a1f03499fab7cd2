"""The readers of what browsers, programs and proxies send to us, each with inputs of its own."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from ipaddress import ip_network
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from adapters.inbound.console.days import day_of
from adapters.inbound.console.forms import Field, parsed, read_form
from adapters.inbound.console.handlers import connection_form, tenants
from adapters.inbound.console.handlers.codes.code_inputs import given_codes, once_of, typed_codes
from adapters.inbound.console.handlers.notifications import Choosing
from adapters.inbound.console.handlers.sign_in import KEPT_LOCAL, SESSION, is_same_origin
from adapters.inbound.console.kept_form import KeptForm, filled_in, kept_in
from adapters.inbound.console.send_filters import filters_of
from adapters.inbound.console.setting_fields import connection_fields, tenant_fields
from adapters.inbound.schema.connections import ConnectionIn
from adapters.inbound.schema.tenants import TenantIn
from adapters.inbound.schema.webhook_endpoints import WebhookEndpointIn
from adapters.inbound.server.peers import is_local, is_loopback, peer_of
from adapters.inbound.server.reading import read_body, read_document
from core.model.notifications.recipient import named_in, signed_by
from core.model.planning.job_address import job_in_address
from core.model.shared.errors import BadInput
from core.model.shared.secret import Secret
from tests.faults.support.mutations import foreign_json, spoiled
from tests.faults.support.raw_request import header_text, raw_request
from tests.support.http_scene import CONNECTION

Read = Callable[[Random], Awaitable[None]]


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
        kind = header_text(rng, kind)
    fields = await read_form(raw_request({"Content-Type": kind}, spoiled(rng, body, 6)))
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
    request = raw_request({"Content-Type": "application/json"}, foreign_json(rng, CONNECTION))
    given = await read_body(request, ConnectionIn)
    given.connection()
    given.secrets()


async def cookies(rng: Random) -> None:
    cookie = header_text(rng, '__Host-jobferry=abc123; jobferry-local=abc; other="a;b"; __Host-jobferry=second')
    request = raw_request(
        {"Cookie": cookie, "Host": header_text(rng, rng.choice(("localhost:8480", "[::1]:80", "x.example.com")))}, b""
    )
    SESSION.of(request)
    is_local(request)
    is_same_origin(raw_request({"Origin": header_text(rng, "https://[::1]:8480")}, b""))


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
    header = header_text(rng, ", ".join(rng.choice(hops) for _ in range(rng.randrange(4))))
    request = raw_request({"X-Forwarded-For": header, "Forwarded": f"for={header}"}, b"")
    peer_of(rng.choice((_PROXIES, ())), request)
    is_loopback(request)


_PLACES = (
    "https://app.servicetrade.com/job/2412087334600705",
    "https://app.servicetrade.com/#/jobs/2412087334600705/items?x=1",
    "https://app.servicetrade.com/x?jobId=2412087334600705",
)


async def addresses(rng: Random) -> None:
    """Of ServiceTrade's pages, of links in mails, and in filters of the list of sends."""
    job_in_address(_typed(rng, rng.choice(_PLACES)))
    token = _typed(rng, "ten_1.rcp_1.c2lnbmF0dXJl")
    named_in(token)
    signed_by(token, Secret("ab" * 32))
    good = {"text": "104482", "state": "retrying", "connection": "main", "from": "2026-11-01", "to": "2026-11-30"}
    await filters_of(_REQUEST, {name: _typed(rng, text) for name, text in good.items()})


async def _all(tenant_id: str) -> Sequence[Any]:
    return [SimpleNamespace(slug="main", id="con_1")]


_REQUEST: Any = SimpleNamespace(
    tenant=SimpleNamespace(id="ten_1"),
    zone=ZoneInfo("America/Chicago"),
    use_cases=SimpleNamespace(find_connection=SimpleNamespace(all=_all)),
)


async def small_forms(rng: Random) -> None:
    """Codes, choices of notifications, keys of programs, webhook endpoints, a window and a day."""
    codes = {"code.site.2": "HV2", "name.site.2": "Plant 2", "known.site.2": "", "once": "x", "code.customer.1": "H"}
    choice = {"kind.failed": "on", "digest_hour": "7", "quiet_from": "22", "quiet_until": "6", "address": "a@b.cd"}
    endpoint = {"url": "https://hooks.example.com/x", "description": "d", "event.send.failed": "on"}
    form = {_typed(rng, name, 30): _typed(rng, text) for name, text in {**codes, **choice, **endpoint}.items()}
    once_of(form, "snd_1")
    typed_codes(form)
    day_of(_typed(rng, "2026-11-30"))
    Choosing.filled("new", form).choice()
    given_codes(form)
    read_document({"url": form.get("url", ""), "events": ["send.failed"]}, WebhookEndpointIn)


_KEPT = KeptForm("per_1", "/t/cardinal/keys", "/t/cardinal/keys", {"name": "ERP", "scope.read": "on", "day": "2"})
_PAGE = """<!doctype html><html><body><main><form method="POST" action="/t/cardinal/keys">
<input name="name"><input type="checkbox" name="scope.read"><textarea name="text"></textarea>
<select name="day"><option value="1">1<option value="2">2</select><input type="hidden" name="x" value="1">
<button>Make</button></form></main></body></html>"""


async def kept_forms(rng: Random) -> None:
    document = foreign_json(rng, asdict(_KEPT)) if rng.randrange(2) else json.dumps(asdict(_KEPT)).encode()
    packed = base64.urlsafe_b64encode(zlib.compress(document)).decode()
    cookie = header_text(rng, packed) if rng.randrange(3) == 0 else packed
    found = kept_in(raw_request({"Cookie": f"{KEPT_LOCAL}={cookie}", "Host": "localhost:8480"}, b""))
    if found is None:
        raise BadInput("not read", fix="")
    filled_in(_PAGE, found)


def _typed(rng: Random, text: str, often: int = 3) -> str:
    """What somebody typed, foreign in one of `often` cases. A form with other bytes or U+0000 is refused before."""
    if rng.randrange(often):
        return text
    return spoiled(rng, text.encode()).decode("utf-8", "replace").replace("\0", "")


CONSOLE_READERS: Mapping[str, Read] = {
    "forms": form,
    "small forms": small_forms,
    "forms kept in a cookie": kept_forms,
    "addresses, links and filters": addresses,
    "JSON bodies": body,
    "cookies": cookies,
    "forwarded headers": forwarded,
}
