"""Every reader of foreign bytes, each with inputs of its own. One call is one input; only our errors may come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

from aiohttp import web

from adapters.inbound.api.servicetrade_hook import jobs_named_in
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from adapters.outbound.spectrum import authorization_check, examine, rotation, token
from adapters.outbound.spectrum import transport as spectrum_transport
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.documents import judge_document
from adapters.outbound.spectrum.list_permission import step_of
from adapters.outbound.spectrum.lists.list_reader import ListReader
from adapters.outbound.spectrum.masking import Masking
from adapters.outbound.spectrum.services import NEEDED, SERVICES
from adapters.outbound.spectrum.transport import NoMore
from adapters.outbound.spectrum.wsdl import wsdl_of
from core.model.mappings.alias import AliasKind
from core.model.mappings.alias_csv import read_csv
from core.model.mappings.list_csv import read_list_csv
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import ListedCode
from core.model.sending.answer import UnknownReason
from core.model.shared.errors import JobferryError
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from core.model.work_orders.spectrum_fields import CONNECTION_TEST
from tests.faults.support.foreign_console import CONSOLE_READERS, Read
from tests.faults.support.mutations import foreign_json, spoiled
from tests.support.spectrum_scene import AUTHORIZATION_ID, envelope, fault, soap

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


async def spectrum_document(rng: Random) -> None:
    row: dict[str, Any] = {
        "Document_ID": rng.choice(("1", "", 7, None)),
        "error_code": rng.choice(("", "I", "G", 5)),
        "desc": [{}],
    }
    body = foreign_json(rng, {"workOrderImages": [row] * rng.randrange(3), "errors": rng.choice(([], "no", None))})
    _MASKING.outcome(judge_document(_answer(rng, body)))


async def spectrum_wsdl(rng: Random) -> None:
    service = SERVICES[rng.choice(NEEDED)]
    examine._judge(_answer(rng, spoiled(rng, wsdl_of(service).encode())), service, signed=rng.random() < 0.5)


async def spectrum_test(rng: Random) -> None:
    name = CONNECTION_TEST
    rows = [(rng.choice(("S", "W", "I", "E", "A")), _TEST_WORDS[rng.randrange(4)], "Version")] * rng.randrange(3)
    text = soap(*rows, method=name) if rng.randrange(6) else fault("Client", f"could not find WebService named {name}")
    body = spoiled(rng, text.encode())
    authorization_check._tested(_MASKING.outcome(judge(_answer(rng, body), SERVICES[name], reads=True)))


async def spectrum_lists(rng: Random) -> None:
    kind = rng.choice(list(LIST_SERVICES))
    service, codes = LIST_SERVICES[kind], ("", "", "", "W", "A", "I", "X")
    rows = "".join(
        f"<response><{kind}_Code>  C{number}</{kind}_Code><Name>A &amp; B</Name><Error_Code>{rng.choice(codes)}"
        f"</Error_Code><Error_Description>no {AUTHORIZATION_ID}</Error_Description></response>"
        for number in range(rng.randrange(5))
    )
    data = f"<returnArray><returnData><{service}>{rows}</{service}></returnData></returnArray>"
    text = envelope(f"<{service}Response>{data}</{service}Response>")
    body = spoiled(rng, text.encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1"))))
    handed: list[ListedCode] = []

    async def take(some: Sequence[ListedCode]) -> None:
        handed.extend(some)

    reader = ListReader(kind, "101", take)
    head, piece = {"Content-Type": rng.choice(_TYPES)}, rng.choice((7, 100, 10_000))
    with suppress(NoMore):  # as the transport does: the rest is not read
        for start in range(0, len(body), piece):
            await reader.feed(head, body[start : start + piece])
    read = await reader.end(rng.choice(("", "", "The network is away.")))
    assert read.rows == len(handed)
    assert read.whole or read.detail
    step_of(kind, "101", read)


_TEST_WORDS = ("Successful", f"{AUTHORIZATION_ID} may not use this service", "Company 101 is unknown", "no")


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
_SERVICE = {"id": 5, "description": "Retest", "status": "closed", "serviceLine": {"name": "SPR"}, "job": _JOB["id"]}
_DATA: Mapping[str, Any] = {
    "auth": {"authToken": "0123", "user": {"timezone": "America/Chicago"}},
    "job": {**_JOB, "jobs": [_JOB, {**_JOB, "id": 7}], "totalPages": 1},
    "jobitem": {"jobItems": [_ITEM, {**_ITEM, "id": 8}], "totalPages": 1},
    "servicerequest": {"serviceRequests": [_SERVICE, {**_SERVICE, "id": 8}], "totalPages": 1},
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

    def __init__(self, rng: Random, of: Mapping[str, Any] | None = None) -> None:
        self._rng = rng
        self._of = of or _DATA

    async def carry(self, base_url: str, request: Request) -> HttpAnswer:
        rng, data = self._rng, self._of.get(request.path.split("/")[1], {})
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
        case 3:
            await system.read_services(account, job)
        case 4:
            await system.read_items(account, job, "spectrum")
        case 5:
            await system.find_job_ids(account, "104482")
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


_PLACE = {"street": "4100 Foundry Rd", "city": "Raleigh", "state": "NC", "postalCode": "27610"}
_PARTY = {
    **_STUB,
    "status": "active",
    "customer": True,
    "phoneNumber": "919-555-0100",
    "address": _PLACE,
    "company": _STUB,
    "locations": [_STUB, 7],
    "number": "C-77",
    "code": "CV-4G",
    "externalIds": {"spectrum": "HARVIEW"},
}
_RECORDS: Mapping[str, Any] = {
    key: {**_PARTY, "totalPages": 1, plural: [_PARTY, {**_PARTY, "id": 7}, _STUB]}
    for key, plural in (
        ("company", "companies"),
        ("location", "locations"),
        ("contract", "contracts"),
        ("libitem", "libItems"),
    )
} | {"externalid": {"value": "HV-MSA-26"}}


async def servicetrade_lists(rng: Random) -> None:
    transport = _Answering(rng, _RECORDS)
    system = AiohttpServiceTrade(transport, Sessions(transport), Budget(sleep=_no_sleep))
    kind = rng.choice(list(AliasKind))
    if rng.randrange(2):
        await _all(system.list_records(_ACCOUNT, kind, "spectrum"))
    else:
        await system.find_record(_ACCOUNT, kind, str(_STUB["id"]), "spectrum")


_ATTACHED = {
    "attachment": {"attachments": [{"id": 7, "name": "a.pdf", "purposeId": 1, "size": 9}] * 2, "totalPages": 1}
}


async def servicetrade_attachments(rng: Random) -> None:
    transport = _Answering(rng, _ATTACHED)
    system = AiohttpServiceTrade(transport, Sessions(transport), Budget(sleep=_no_sleep))
    await system.read_attachments(_ACCOUNT, str(_JOB["id"]))


async def webhook(rng: Random) -> None:
    entity = {"id": 2412087334600705, "type": rng.choice((3, "3", "job", " Job ", 5))}
    jobs_named_in(foreign_json(rng, {"data": [{"action": "updated", "entity": entity}] * rng.randrange(3)}))


async def csv_import(rng: Random) -> None:
    rows = ["kind,record_id,name,code", 'location,2274012005539841,"Plant, 2",HV0002', "company,7,Harborview,HARVIEW"]
    text = rng.choice(("\n", "\r\n", "\r")).join(rows).replace(",", rng.choice((",", ",", ";", "\t")))
    read_csv(spoiled(rng, text.encode(rng.choice(("utf-8", "utf-8-sig", "utf-16", "latin-1"))), 6))


async def list_import(rng: Random) -> None:
    rows = ["Site No,Site Name,Status,Zip", "HV-1,Harborview,A,94607", '"HV-2","Pier, 2",I,', "MUCHTOOLONGACODE,x,A,1"]
    text = rng.choice(("\n", "\r\n", "\r")).join(rows).replace(",", rng.choice((",", ";", "\t", "|")))
    content = spoiled(rng, text.encode(rng.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))), 6)
    chosen = rng.choice((None, {"code": "Site No"}, {"code": "nowhere"}))
    read_list_csv(content, rng.choice(list(AliasKind)), chosen)


READERS: Mapping[str, Read] = {
    "a list of codes that somebody exported": list_import,
    **CONSOLE_READERS,
    "what Spectrum answers to a write": spectrum_write,
    "what Spectrum answers to a document": spectrum_document,
    "Spectrum's descriptions of its services": spectrum_wsdl,
    "Spectrum's connection test": spectrum_test,
    "Spectrum's lists of codes": spectrum_lists,
    "Spectrum's tokens and secrets": spectrum_token,
    "ServiceTrade's records": servicetrade,
    "ServiceTrade's lists of companies, locations, contracts and items": servicetrade_lists,
    "ServiceTrade's attachments": servicetrade_attachments,
    "ServiceTrade's webhooks": webhook,
    "imported CSV files": csv_import,
}
