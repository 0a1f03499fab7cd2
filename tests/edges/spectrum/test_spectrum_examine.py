"""The look at a connection: each step, what it saw, and the fix where it failed."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from adapters.outbound.spectrum import remedies
from adapters.outbound.spectrum.list_permission import READS
from adapters.outbound.spectrum.services import NEEDED, SERVICES
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.spectrum.wsdl import wsdl_of
from core.model.catalogue import CATALOGUE
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import NotSent, NotSentReason
from core.model.sending.diagnosis import diagnose
from core.model.shared.check_step import CheckState, CheckStep
from core.model.work_orders.optional_fields import ADD_TASK, CUSTOMERS_READ, ITEMS_READ, UPDATE_CUSTOMER, WRITE_NOTES
from core.model.work_orders.spectrum_fields import CONNECTION_TEST
from tests.support.spectrum_scene import (
    AUTHORIZATION_ID,
    Behaviour,
    envelope,
    fault,
    http,
    raw_server,
    soap,
    spectrum,
    target,
)
from tests.support.spectrum_spellings import SPELLINGS

OK, FAILED, SKIPPED, UNKNOWN = CheckState.OK, CheckState.FAILED, CheckState.SKIPPED, CheckState.UNKNOWN
NAMES = ["dns", "connection", "tls", "token", *NEEDED, "authorization", *READS.values(), "permission"]
TEST, READ, CUSTOMERS = f"/ws/{CONNECTION_TEST}", f"/ws/{ITEMS_READ}", f"/ws/{CUSTOMERS_READ}"
ACCEPTS = soap(("S", "Successful", ""), method=CONNECTION_TEST)
WSDLS: Mapping[str, Sequence[Behaviour]] = {
    **{f"/wsdls/{name}.jws": [http(wsdl_of(SERVICES[name]))] for name in NEEDED},
    TEST: [http(ACCEPTS)],
    READ: [http(soap(method=ITEMS_READ))],
    CUSTOMERS: [http(soap(method=CUSTOMERS_READ))],
}
HEADER = "/wsdls/WorkOrderHeader.jws"


async def examined(where: SpectrumTarget, adapter: SoapSpectrum | None = None) -> dict[str, CheckStep]:
    async with adapter or spectrum() as looking:
        steps = [step async for step in looking.examine(where)]
    assert [step.name for step in steps] == NAMES
    assert all(bool(step.code) == bool(step.fix) == (step.state is FAILED) for step in steps)
    assert all(step.detail for step in steps)
    return {step.name: step for step in steps}


def states(steps: Mapping[str, CheckStep]) -> list[CheckState]:
    return [steps[name].state for name in NAMES]


async def test_a_sound_plain_connection() -> None:
    async with raw_server(paths=WSDLS) as server:
        steps = await examined(target(server.url))
    assert states(steps) == [OK, OK, SKIPPED, SKIPPED, *[OK] * 6, UNKNOWN]
    assert "Plain http" in steps["tls"].detail
    assert "first send" in steps["permission"].detail
    posted = [request.split(b" ")[1].decode() for request in server.requests if not request.startswith(b"GET")]
    assert posted == [TEST, CUSTOMERS, READ], "of the calls that are no look at a description, both change nothing"


@pytest.mark.parametrize(
    "name",
    ["SOAP that calls itself a web page", "UTF-16", "UTF-32", "latin1", "blank line", "gzip", "one part in base64"],
)
async def test_a_description_in_another_spelling_is_read(name: str) -> None:
    spelt = SPELLINGS[name](wsdl_of(SERVICES["WorkOrderHeader"]))
    answer = http(spelt.body, content_type=spelt.content_type, **spelt.headers)
    async with raw_server(paths={**WSDLS, HEADER: [answer]}) as server:
        assert (await examined(target(server.url)))["WorkOrderHeader"].state is OK


async def test_who_stops_looking_leaves_no_call_behind() -> None:
    """Each step comes before the next is there; and nobody waits for an answer that nobody wants any more."""
    asked = asyncio.Event()

    async def silent(_: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    paths = {**WSDLS, "/wsdls/AddWOOtherCharges.jws": [silent]}
    async with raw_server(paths=paths) as server, spectrum(deadline_seconds=60) as looking:
        steps = looking.examine(target(server.url))
        seen = [(await anext(steps)).name for _ in range(6)]
        assert seen == NAMES[:6]
        await asyncio.wait_for(asked.wait(), 5)
        before = asyncio.all_tasks()
        await steps.aclose()  # type: ignore[attr-defined]
        ended = {task for task in before if task.get_coro().__qualname__.endswith("_service")}  # type: ignore[union-attr]
        await asyncio.wait(ended, timeout=3)
        assert ended
        assert all(task.done() for task in ended)


async def test_a_sound_connection_with_tls_and_token() -> None:
    granted = http(json.dumps({"access_token": "t1", "expires_in": 900}), content_type="application/json")
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    async with raw_server(paths={**WSDLS, "/connect/token": [granted]}, tls=tls) as server:
        steps = await examined(
            target(server.url, client_secret="s3cret", ca_certificate=authority.cert_pem.bytes().decode())
        )
    assert states(steps) == [*[OK] * 10, UNKNOWN]
    assert steps["tls"].detail.startswith("TLSv1.3")
    assert all(b"Bearer t1" in request for request in server.requests if request.startswith(b"GET"))


async def test_an_unknown_host_skips_the_rest() -> None:
    steps = await examined(target("https://spectrum.invalid"))
    assert states(steps) == [FAILED, *[SKIPPED] * 9, UNKNOWN]
    assert steps["dns"].code == "ENDPOINT_UNREACHABLE"
    assert "dns failed" in steps["tls"].detail


async def test_a_wrong_port_fails_at_the_connection() -> None:
    async with raw_server(paths=WSDLS) as server:
        closed = server.url.replace("http:", "https:")
    steps = await examined(target(closed))
    assert states(steps) == [OK, FAILED, *[SKIPPED] * 8, UNKNOWN]
    assert "nothing answers there" in steps["connection"].detail
    assert any("8482" in step for step in steps["connection"].fix)


async def test_plain_http_to_a_network_that_is_not_allowed() -> None:
    async with raw_server(paths=WSDLS) as server:
        steps = await examined(target(server.url), SoapSpectrum())
    assert states(steps) == [SKIPPED, FAILED, *[SKIPPED] * 8, UNKNOWN]
    assert any("let the Jobferry operator allow calls to it" in step for step in steps["connection"].fix)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("flaw", "words"), [("expired", "has expired"), ("untrusted", "not trusted"), ("ca", "readable")]
)
async def test_a_certificate_that_does_not_hold_fails_at_tls(flaw: str, words: str) -> None:
    authority = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=-1 if flaw == "expired" else 1)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_before=ends - timedelta(days=9), not_after=ends).configure_cert(tls)
    trusted = {"expired": authority.cert_pem.bytes().decode(), "untrusted": None, "ca": "nonsense"}[flaw]
    async with raw_server(paths=WSDLS, tls=tls) as server:
        steps = await examined(target(server.url, ca_certificate=trusted))
    assert states(steps) == [OK, OK, FAILED, *[SKIPPED] * 7, UNKNOWN]
    assert words in steps["tls"].detail
    assert steps["tls"].code == "CERTIFICATE_INVALID"


async def test_a_refused_client_fails_at_the_token() -> None:
    refused = http('{"error":"invalid_client"}', "401 Unauthorized")
    async with raw_server(paths={**WSDLS, "/connect/token": [refused]}) as server:
        steps = await examined(target(server.url, client_secret="s3cret"))
    assert states(steps) == [OK, OK, SKIPPED, FAILED, *[SKIPPED] * 6, UNKNOWN]
    assert steps["token"].code == "AUTH_SECRET_EXPIRED"


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


_LACKING = wsdl_of(SERVICES["WorkOrderHeader"]).replace('<xsd:element name="Zone" type="xsd:string"/>', "")


@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        (http("<html>Welcome</html>", content_type="text/html"), "ENDPOINT_NOT_SPECTRUM", "web page"),
        (http(status="404 Not Found"), "WEB_SERVICE_DISABLED", "does not offer WorkOrderHeader"),
        (http(status="401 Unauthorized"), "AUTH_ENHANCED_TURNED_ON", "sign-in"),
        (http(status="503 Service Unavailable"), "ERP_MAINTENANCE", "503"),
        (
            http(status="302 Found", Location="https://x.example.com/login?a=b"),
            "ENDPOINT_NOT_SPECTRUM",
            "x.example.com",
        ),
        (http("{}"), "ENDPOINT_NOT_SPECTRUM", "not complete XML"),
        (http("<definitions/>"), "WEB_SERVICE_DISABLED", "does not describe"),
        (http(_LACKING), "WEB_SERVICE_DISABLED", "it lacks Zone"),
        (http(wsdl_of(SERVICES["WorkOrderHeader"]))[:-30], "ENDPOINT_UNREACHABLE", "middle of the answer"),
        (b"220 mail.example.com ESMTP\r\n", "ENDPOINT_NOT_SPECTRUM", "not answer with HTTP"),
        (_hang_up, "ENDPOINT_UNREACHABLE", "connection broke"),
    ],
)
async def test_one_service_that_is_not_as_it_should_be(behaviour: Behaviour, code: str, words: str) -> None:
    async with raw_server(paths={**WSDLS, HEADER: [behaviour]}) as server:
        steps = await examined(target(server.url))
    assert states(steps) == [OK, OK, SKIPPED, SKIPPED, FAILED, *[OK] * 5, UNKNOWN]
    assert steps["WorkOrderHeader"].code == code
    assert words in steps["WorkOrderHeader"].detail


def test_an_examination_and_a_send_name_the_same_codes() -> None:
    codes = {remedy.code for remedy in vars(remedies).values() if isinstance(remedy, remedies.Remedy)}
    assert codes <= CATALOGUE.keys()
    for reason, remedy in remedies.OF_REASON.items():
        assert remedy.code == diagnose(NotSent(reason, "")).findings[0].code
    assert remedies.OF_REASON.keys() == set(NotSentReason) - {NotSentReason.GATE_CLOSED}


async def test_the_needed_services_are_read_side_by_side() -> None:
    together = asyncio.Barrier(3)

    def meeting(answer: bytes) -> Behaviour:
        async def behave(writer: asyncio.StreamWriter) -> None:
            await together.wait()
            writer.write(answer)
            await writer.drain()

        return behave

    paths = {
        path: [meeting(answer) for answer in answers if isinstance(answer, bytes)] if "wsdls" in path else answers
        for path, answers in WSDLS.items()
    }
    async with raw_server(paths=paths) as server:
        steps = await examined(target(server.url))
    assert states(steps)[4:7] == [OK, OK, OK]


async def test_a_stranger_is_not_told_whether_a_name_exists() -> None:
    steps = await examined(target("https://spectrum.invalid"), SoapSpectrum(hosted=True))
    assert states(steps) == [UNKNOWN, FAILED, *[SKIPPED] * 8, UNKNOWN]
    assert steps["connection"].code == "ENDPOINT_UNREACHABLE"


def said(code: str, text: str, column: str = "Authorization_ID", service: str = CONNECTION_TEST) -> bytes:
    return http(soap((code, text, column), method=service))


def said_of_items(code: str, text: str, column: str) -> bytes:
    """A read's answer, whose rows have other names and stand one level deeper."""
    row = f"<response><Error_Code>{code}</Error_Code><Error_Description>{text}</Error_Description>"
    row += f"<Error_Column>{column}</Error_Column></response>"
    data = f"<returnArray><returnData><{ITEMS_READ}>{row}</{ITEMS_READ}></returnData></returnArray>"
    return http(envelope(f"<{ITEMS_READ}Response>{data}</{ITEMS_READ}Response>"))


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (http(ACCEPTS), OK, "accepts the Authorization ID"),
        (said("A", "Authorization ID is not valid or not active"), FAILED, "is not valid or not active"),
        (said("A", "The code A-1 was not found", ""), FAILED, "refuses the Authorization ID"),
        (said("A", "Not authorized for WSTestConnection"), UNKNOWN, "may not use Spectrum's connection test"),
        (said("A", "Not authorized for this web service"), UNKNOWN, "may not use Spectrum's connection test"),
        (said("I", "Version does not match", "Version"), UNKNOWN, "only at the version number"),
        (http(soap(method=CONNECTION_TEST)), UNKNOWN, "without a result"),
        (
            http(fault("Client", f"could not find WebService named {CONNECTION_TEST}"), "500 Error"),
            UNKNOWN,
            "not offer",
        ),
        (http(status="404 Not Found"), UNKNOWN, "does not offer"),
        (http(fault("Server", "Error executing Web Service"), "500 Error"), UNKNOWN, "No clear answer"),
        (http(ACCEPTS)[:-40], UNKNOWN, "No clear answer"),
        (http("<html>Welcome</html>", content_type="text/html"), UNKNOWN, "No clear answer"),
        (http(ACCEPTS.replace(CONNECTION_TEST, "OtherService")), UNKNOWN, "No clear answer"),
        (http(status="401 Unauthorized"), FAILED, "asks for a sign-in"),
    ],
)
async def test_what_the_connection_test_says_of_the_authorization_id(
    answer: bytes, state: CheckState, words: str
) -> None:
    """Only a clear refusal fails; what the answer does not show is said to be unknown."""
    async with raw_server(paths={**WSDLS, TEST: [answer]}) as server:
        steps = await examined(target(server.url))
    assert steps["authorization"].state is state
    assert words in steps["authorization"].detail
    assert steps["read_items"].state is (SKIPPED if state is FAILED else OK)
    assert AUTHORIZATION_ID not in "".join(step.detail for step in steps.values())


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (said_of_items("W", "At most 500 rows", ""), OK, "of company A1 (GetInventoryItems): yes"),
        (said_of_items("A", "Authorization ID may not use this company", "Authorization_ID"), FAILED, "company A1"),
        (said_of_items("I", "Does not exist", "pCompany_Code"), FAILED, "Does not exist"),
        (said_of_items("A", "Not authorized", "Authorization_ID"), SKIPPED, "Sends do not need it"),
        (http(status="404 Not Found"), SKIPPED, "Sends do not need it"),
        (http(soap(method=ITEMS_READ))[:-30], UNKNOWN, "May read the items: not known"),
    ],
)
async def test_what_a_read_says_of_the_company(answer: bytes, state: CheckState, words: str) -> None:
    async with raw_server(paths={**WSDLS, READ: [answer]}) as server:
        steps = await examined(target(server.url))
    assert (steps["authorization"].state, steps["read_items"].state) == (OK, state)
    assert words in steps["read_items"].detail


async def test_a_refusal_that_repeats_the_authorization_id_shows_it_nowhere() -> None:
    async with raw_server(paths={**WSDLS, TEST: [said("A", f"{AUTHORIZATION_ID} is not valid")]}) as server:
        steps = await examined(target(server.url))
    assert steps["authorization"].state is FAILED
    assert AUTHORIZATION_ID not in repr(steps)
    assert "*** is not valid" in steps["authorization"].detail


async def test_the_services_that_settings_switch_on_are_looked_at_too() -> None:
    """Without a write it is known whether they are there as expected; whether they are allowed is not."""
    paths = {
        **WSDLS,
        f"/wsdls/{ADD_TASK}.jws": [http(wsdl_of(SERVICES[ADD_TASK]))],
        "*": [http(status="404 Not Found")],
    }
    async with raw_server(paths=paths) as server, spectrum() as looking:
        steps = {step.name: step async for step in looking.examine(target(server.url), (ADD_TASK, WRITE_NOTES))}
        posted = [request.split(b" ")[1].decode() for request in server.requests if not request.startswith(b"GET")]
    assert [*steps] == [*NAMES[:7], ADD_TASK, WRITE_NOTES, *NAMES[7:]]
    assert steps[ADD_TASK].state is OK
    assert "known after the first write" in steps[ADD_TASK].detail
    assert steps[WRITE_NOTES].code == "WEB_SERVICE_DISABLED"
    assert "switch off the setting" in steps[WRITE_NOTES].fix[-1]
    assert posted == [TEST, CUSTOMERS, READ]


async def test_of_many_customers_only_the_beginning_is_read() -> None:
    """The list has no end here: the test would wait for it otherwise."""
    start, _ = soap(method=CUSTOMERS_READ).split("</returnData>")
    row = "<response><Customer_Code>C{}</Customer_Code></response>"
    rows = "".join(row.format(number) for number in range(2_000))

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + f"{start}<a>{rows}".encode())
        await writer.drain()
        await asyncio.Event().wait()

    async with raw_server(paths={**WSDLS, CUSTOMERS: [endless]}) as server:
        steps = await examined(target(server.url), spectrum(deadline_seconds=60))
    assert steps["read_customers"].state is OK


async def test_a_spectrum_that_is_older_than_the_change_of_customers_fails_nothing() -> None:
    paths = {**WSDLS, "*": [http(status="404 Not Found")]}
    async with raw_server(paths=paths) as server, spectrum() as looking:
        steps = {step.name: step async for step in looking.examine(target(server.url), (UPDATE_CUSTOMER,))}
    assert (steps[UPDATE_CUSTOMER].state, steps[UPDATE_CUSTOMER].code) == (SKIPPED, None)
    assert "new in Spectrum 2025 R2" in steps[UPDATE_CUSTOMER].detail
