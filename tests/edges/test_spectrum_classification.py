"""Every kind of answer to a write, judged: accepted, refused or unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.transport import HttpAnswer
from core.model.answer import Accepted, AnswerRow, RefusalReason, Refused, Unknown, UnknownReason
from tests.edges.spectrum_scene import envelope, fault, soap

HEADER = SERVICES["WorkOrderHeader"]
G = ("G", "S1001", "WO_Number")
GOOD = soap(G).encode()


def judged(
    body: str | bytes, status: int = 200, content_type: str = "text/xml", cut: UnknownReason | None = None
) -> Accepted | Refused | Unknown:
    content = body.encode() if isinstance(body, str) else body
    return judge(HttpAnswer(status, content_type, content, cut=cut), HEADER)


def reason(outcome: Accepted | Refused | Unknown) -> object:
    return outcome.reason if isinstance(outcome, Refused | Unknown) else None


@pytest.mark.parametrize(
    ("body", "returned"),
    [
        (soap(), ()),
        (soap(G), (AnswerRow(*G),)),
        (soap(("g", "  S1001 ", " WO_Number")), (AnswerRow(*G),)),
        (soap().replace("<returnArray><returnData></returnData></returnArray>", ""), ()),
        (soap(G).replace("response>", "RESPONSE>").replace("error_code", "Error_Code"), (AnswerRow(*G),)),
        (soap(G).replace("WorkOrderHeaderResponse", "workorderheaderresponse"), (AnswerRow(*G),)),
        ("\ufeff" + soap(G) + "\r\n", (AnswerRow(*G),)),
        (soap(G).replace("S1001", "<![CDATA[S1001]]>"), (AnswerRow(*G),)),
    ],
)
def test_a_complete_answer_without_a_complaint_is_accepted(body: str, returned: tuple[AnswerRow, ...]) -> None:
    assert judged(body) == Accepted(returned)


def test_every_cut_of_a_good_answer_is_unknown() -> None:
    assert judged(GOOD) == Accepted((AnswerRow(*G),))
    for length in range(len(GOOD)):
        outcome = judged(GOOD[:length])
        assert isinstance(outcome, Unknown), length
        assert outcome.reason is UnknownReason.TRUNCATED, length


@given(st.binary(max_size=400))
def test_noise_is_never_accepted_or_refused(body: bytes) -> None:
    assert isinstance(judged(body), Unknown)
    assert isinstance(judged(b"<" + body), Unknown)


@pytest.mark.parametrize("code", "AIME")
def test_complaints_are_refusals_and_all_of_them_are_kept(code: str) -> None:
    rows = ((code, "not valid", "Bill_Customer_Code"), ("M", "missing", "Lead_Source"))
    assert judged(soap(*rows)) == Refused(tuple(AnswerRow(*row) for row in rows))


@pytest.mark.parametrize(
    "rows",
    [
        [("S", "fine", "")],
        [("W", "careful", "")],
        [G, ("I", "not valid", "Zone")],
        [("A", "no", ""), G],
        [("X", "what", "")],
        [("", "", "")],
        [("", "locked", "")],
        [("I", "not valid", "Zone"), ("X", "what", "")],
        [("I", "not valid", "Zone"), ("W", "careful", "")],
    ],
)
def test_codes_that_do_not_belong_to_a_write_leave_it_unknown(rows: list[tuple[str, str, str]]) -> None:
    assert reason(judged(soap(*rows))) is UnknownReason.MIXED_ANSWER


@pytest.mark.parametrize(
    "body",
    [
        soap(G, method="AddWOMaterialCost"),
        soap(G).replace("<returnArray>", "<returnArray><error_code>A</error_code>"),
        soap(G).replace("<returnData>", "<returnData>out of space"),
        soap(G).replace("</returnData>", "</returnData>out of space"),
        soap(G).replace("<column>", "<column>x</column><column>"),
        soap(G).replace("<returnArray>", "<fault/><returnArray>"),
    ],
)
def test_nothing_hides_beside_the_documented_shape(body: str) -> None:
    assert reason(judged(body)) is UnknownReason.MIXED_ANSWER


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "text/html; charset=utf-8"),
        ("  <HTML><p>Sign in<br></HTML>", "text/xml"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "application/xhtml+xml"),
    ],
)
def test_a_web_page_is_called_one(body: str, content_type: str) -> None:
    outcome = judged(body, content_type=content_type)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.NOT_SOAP
    assert "web page" in outcome.detail


@pytest.mark.parametrize(
    "body",
    [
        '{"ok": true}',
        b"\x1f\x8b\x08\x00",
        "<rss/>",
        envelope(""),
        envelope("<a/><b/>"),
        soap(G).replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:other"),
    ],
)
def test_what_is_not_a_soap_answer_is_unknown(body: str | bytes) -> None:
    assert reason(judged(body)) is UnknownReason.NOT_SOAP


@pytest.mark.parametrize("body", ["", " \r\n", b'<!DOCTYPE a [<!ENTITY e "x">]>' + GOOD.partition(b"?>")[2]])
def test_nothing_and_documents_with_a_dtd_are_unknown(body: str | bytes) -> None:
    assert reason(judged(body)) is UnknownReason.TRUNCATED


@pytest.mark.parametrize("status", [200, 500, 404])
def test_a_service_that_spectrum_does_not_know_is_a_refusal(status: int) -> None:
    outcome = judged(fault("Client", "Could not find WebService named WorkOrderHeader"), status)
    assert reason(outcome) is RefusalReason.SERVICE_MISSING


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("code", ["Server", "Client"])
def test_every_other_fault_is_unknown(code: str, status: int) -> None:
    outcome = judged(fault(code, "Error executing Web Service"), status)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.SERVER_FAULT
    assert "Error executing Web Service" in outcome.detail
    assert outcome.status == status


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, RefusalReason.UNAUTHENTICATED),
        (403, RefusalReason.UNAUTHENTICATED),
        (404, RefusalReason.SERVICE_MISSING),
        (301, UnknownReason.REDIRECT),
        (307, UnknownReason.REDIRECT),
        (202, UnknownReason.HTTP_ERROR),
        (400, UnknownReason.HTTP_ERROR),
        (429, UnknownReason.HTTP_ERROR),
        (500, UnknownReason.HTTP_ERROR),
        (503, UnknownReason.HTTP_ERROR),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", soap(), soap(("I", "not valid", "Zone"))])
def test_a_status_other_than_200_never_accepts(status: int, expected: object, body: str) -> None:
    outcome = judged(body, status)
    assert reason(outcome) is expected
    if isinstance(outcome, Unknown):
        assert outcome.status == status


def test_a_whole_envelope_on_a_cut_connection_is_still_unknown() -> None:
    assert reason(judged(soap(), cut=UnknownReason.TRUNCATED)) is UnknownReason.TRUNCATED
    assert reason(judged(soap(), cut=UnknownReason.TIMEOUT)) is UnknownReason.TIMEOUT
