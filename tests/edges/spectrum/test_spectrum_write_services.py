"""Every service that a connection may switch on and that writes: no cut or mangled answer counts as a success."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from random import Random

import pytest

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.answer_text import document_of
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.spectrum.transport import HttpAnswer
from core.model.sending.answer import Accepted, AnswerRow, Refused, Unknown
from core.model.work_orders.optional_fields import CUSTOMERS_READ, ITEMS_READ, OPTIONAL_FIELDS
from tests.support.spectrum_answers import by_chunks, by_closing, by_length, is_whole_and_without_complaint
from tests.support.spectrum_scene import LOOPBACK, http, raw_server, soap, target

WRITES = sorted(OPTIONAL_FIELDS.keys() - {CUSTOMERS_READ, ITEMS_READ})
FRAMINGS = [by_length, by_chunks, by_closing]
Rows = tuple[tuple[str, str, str], ...]
KEY, REFUSED = ("G", "000000000000000000000001", "System_Key"), ("I", "not on file", "Work_Task")
ANSWERS: dict[str, tuple[Rows, Accepted | Refused]] = {
    "nothing to say": ((), Accepted()),
    "a returned value": ((KEY,), Accepted((AnswerRow(*KEY),))),
    "a refusal": ((REFUSED,), Refused((AnswerRow(*REFUSED),))),
}
_ENVELOPE = re.compile(r"^(<\?.*?\?>)?<s:Envelope[^>]*>", re.DOTALL)
_PLAIN_ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
FULL = os.environ.get("FAULTS") == "full"
QUICK, LONG = 40, 4000
"""How many mangled answers of each kind are tried."""
SAMPLE = 41
"""Every so many bytes an answer is cut in the quick test over a socket."""


def judged(body: bytes, service: str, **more: object) -> Accepted | Refused | Unknown:
    return judge(HttpAnswer(200, "text/xml", body, **more), SERVICES[service])  # type: ignore[arg-type]


def test_every_service_of_the_table_that_writes_is_tried() -> None:
    assert {"AddWOTask", "AddWOSiteAddress", "AddCustomer", "UpdateCustomer", "WOHeaderNotes"} <= set(WRITES)
    assert "UpdateWorkOrderHeader_UDF" in WRITES


@pytest.mark.parametrize("service", WRITES)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_cut_of_the_document_is_unknown(service: str, name: str) -> None:
    rows, meaning = ANSWERS[name]
    document = soap(*rows, method=service).encode()
    for length in range(len(document)):
        assert isinstance(judged(document[:length], service), Unknown), length
    assert judged(document, service) == meaning


async def cut_answers(service: str, framed: Callable[[bytes], bytes], rows: Rows, step: int) -> None:
    """An answer that ends at each of these bytes is unknown, and was asked for once."""
    whole = framed(soap(*rows, method=service).encode())
    lengths = [*range(0, len(whole), step), len(whole) - 1]
    given = {"WO_Number": "S1001"} if "WO_Number" in SERVICES[service].elements else {}
    async with (
        raw_server(*(whole[:length] for length in lengths)) as server,
        SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=10, connect_seconds=2) as spectrum,
    ):
        for length in lengths:
            exchange = await spectrum.add_record(target(server.url), service, given, leave_by=float("inf"))
            assert isinstance(exchange.outcome, Unknown), (length, exchange.outcome)
    assert len(server.requests) == len(lengths)


@pytest.mark.parametrize("service", WRITES)
async def test_an_answer_that_is_cut_on_its_way_is_unknown(service: str) -> None:
    await cut_answers(service, by_closing, (KEY,), SAMPLE)


@pytest.mark.long
@pytest.mark.parametrize("framed", FRAMINGS)
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("service", WRITES)
async def test_an_answer_that_is_cut_anywhere_is_unknown(
    service: str, name: str, framed: Callable[[bytes], bytes]
) -> None:
    await cut_answers(service, framed, ANSWERS[name][0], 1 if FULL else 8)


def mangled(document: bytes, dice: Random) -> bytes:
    """Bytes lost, doubled, changed or put in, in one place or two."""
    for _ in range(dice.randint(1, 2)):
        at, size = dice.randrange(len(document)), dice.choice((1, 2, 7, 30, 120))
        part = document[at : at + size]
        document = document[:at] + dice.choice(
            (
                document[at + size :],
                part + document[at:],
                bytes(byte ^ dice.randrange(1, 256) for byte in part) + document[at + size :],
                dice.randbytes(size) + document[at:],
                b"\0" * size + document[at + size :],
            )
        )
    return document


def mangled_answers(service: str, tries: int) -> None:
    dice = Random(service)
    for rows, meaning in ANSWERS.values():
        document = soap(*rows, method=service).encode()
        for _ in range(tries):
            body = mangled(document, dice)
            outcome = judged(body, service)
            if isinstance(outcome, Accepted):
                # What stands before the envelope's content is not read, and another parser knows other letters.
                read = _ENVELOPE.sub(_PLAIN_ENVELOPE, document_of(body, "text/xml")).encode()
                assert is_whole_and_without_complaint(read, service), (meaning, body)


@pytest.mark.parametrize("service", WRITES)
def test_a_mangled_answer_is_a_success_only_if_it_is_a_whole_answer(service: str) -> None:
    mangled_answers(service, QUICK)


@pytest.mark.long
@pytest.mark.parametrize("service", WRITES)
def test_many_mangled_answers(service: str) -> None:
    mangled_answers(service, LONG)


@pytest.mark.parametrize("service", WRITES)
@pytest.mark.parametrize("other", [*WRITES, "WorkOrderHeader"])
def test_the_answer_of_another_service_is_none(service: str, other: str) -> None:
    outcome = judged(soap(method=other).encode(), service)
    assert isinstance(outcome, Accepted if other == service else Unknown)


@pytest.mark.parametrize("service", WRITES)
@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"<html><body>OK</body></html>", b'{"status": "ok"}', soap().encode()[:-1], b"\xff\xfe", b"<a/>"],
)
async def test_what_is_no_answer_of_the_service_is_unknown_and_asked_for_once(service: str, body: bytes) -> None:
    given = {"WO_Number": "S1001"} if "WO_Number" in SERVICES[service].elements else {}
    async with (
        raw_server(http(body)) as server,
        SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=10, connect_seconds=2) as spectrum,
    ):
        exchange = await spectrum.add_record(target(server.url), service, given, leave_by=float("inf"))
    assert isinstance(exchange.outcome, Unknown), exchange.outcome
    assert len(server.requests) == 1
