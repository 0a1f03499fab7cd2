"""Every kind of answer to a write, judged: accepted, refused or unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.transport import HttpAnswer
from core.model.sending.answer import Accepted, AnswerRow, RefusalReason, Refused, Unknown, UnknownReason
from tests.support.spectrum_scene import envelope, fault, soap

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


@pytest.mark.parametrize("code", "AIME")
def test_a_warning_beside_a_complaint_is_a_refusal(code: str) -> None:
    rows = (("W", "careful", "Zone"), (code, "not valid", "Zone"))
    assert judged(soap(*rows)) == Refused(tuple(AnswerRow(*row) for row in rows))


@pytest.mark.parametrize("returned", [(), (G,)])
def test_a_warning_alone_or_beside_a_value_is_accepted(returned: tuple[tuple[str, str, str], ...]) -> None:
    warning = ("W", "careful", "Zone")
    outcome = judged(soap(*returned, warning))
    assert outcome == Accepted(tuple(AnswerRow(*row) for row in returned), (AnswerRow(*warning),))
    assert outcome.in_short.endswith("W Zone: careful")


@pytest.mark.parametrize(
    "rows",
    [
        [("S", "fine", "")],
        [G, ("W", "careful", ""), ("I", "not valid", "Zone")],
        [G, ("I", "not valid", "Zone")],
        [("A", "no", ""), G],
        [("X", "what", "")],
        [("", "", "")],
        [("", "locked", "")],
        [("I", "not valid", "Zone"), ("X", "what", "")],
        [("S", "fine", ""), ("W", "careful", "")],
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
        soap(G).replace("</desc>", "<response><error_code>E</error_code></response></desc>"),
        soap(G).replace("</column>", "<x><desc>E</desc></x></column>"),
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


MISSING = fault("Client", "Could not find WebService named WorkOrderHeader")
STATUS_REASONS = {
    401: UnknownReason.UNAUTHENTICATED,
    403: UnknownReason.UNAUTHENTICATED,
    404: UnknownReason.SERVICE_NOT_THERE,
    301: UnknownReason.REDIRECT,
    307: UnknownReason.REDIRECT,
}
"""What a status says by itself; every other one than 200 is an HTTP error."""


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_a_service_that_spectrum_does_not_know_is_a_refusal(status: int) -> None:
    outcome = judged(MISSING, status)
    assert outcome == Refused((), RefusalReason.SERVICE_MISSING, "Spectrum does not know the service WorkOrderHeader.")


@pytest.mark.parametrize("status", [202, 301, 401, 403, 410, 413, 429, 502, 503, 504])
def test_that_fault_under_a_status_of_somebody_else_is_unknown(status: int) -> None:
    assert reason(judged(MISSING, status)) is STATUS_REASONS.get(status, UnknownReason.HTTP_ERROR)


@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize(
    "body",
    [
        fault("Client", "Could not find WebService named AddWOMaterialCost"),
        fault("Client", "Could not find WebService named WorkOrderHeaderDetail"),
        fault("Client", "Could not find WebService named MyWorkOrderHeader"),
        fault("Client", "Could not find WebService"),
        fault("Client", "Could not find the record"),
        fault("Server", "Could not find WebService named WorkOrderHeader"),
        MISSING.replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:other"),
        MISSING[:-1],
        soap(("E", "Could not find WebService named WorkOrderHeader", "")).replace("<response>", "<x/><response>"),
    ],
)
def test_only_the_fault_that_names_this_service_proves_that_nothing_was_written(body: str, status: int) -> None:
    assert isinstance(judged(body, status), Unknown)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_that_fault_cut_short_is_unknown(status: int) -> None:
    assert isinstance(judged(MISSING, status, cut=UnknownReason.TRUNCATED), Unknown)


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("code", ["Server", "Client"])
def test_every_other_fault_is_unknown(code: str, status: int) -> None:
    outcome = judged(fault(code, "Error executing Web Service"), status)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.SERVER_FAULT
    assert "Error executing Web Service" in outcome.detail
    assert outcome.status == status


SERVICES_OWN = (400, 500)
"""Under these a refusal counts: test_spectrum_spellings.py."""
STATUSES = [*SERVICES_OWN, 201, 202, 204, 301, 307, 401, 403, 404, 405, 407, 408, 409, 410, 413, 414, 429]
STATUSES += [501, 502, 503, 504, 599]
BODIES = ("", "<html>", "<html></html>", soap(), soap(G), soap(("I", "not valid", "Zone")))


@pytest.mark.parametrize(
    ("status", "body"),
    [(status, body) for status in STATUSES for body in BODIES if status not in SERVICES_OWN or "not valid" not in body],
)
def test_a_status_other_than_200_neither_accepts_nor_refuses(status: int, body: str) -> None:
    outcome = judged(body, status)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is STATUS_REASONS.get(status, UnknownReason.HTTP_ERROR)
    assert outcome.status == status


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("body", [fault("Server", "Error executing Web Service"), b"\xff", b"<a>" * 100_000])
def test_what_a_status_says_stands_whatever_else_the_body_is(status: int, body: str | bytes) -> None:
    assert reason(judged(body, status)) is STATUS_REASONS[status]
    assert reason(judged(body, status, cut=UnknownReason.TRUNCATED)) is STATUS_REASONS[status]


def test_a_whole_envelope_on_a_cut_connection_is_still_unknown() -> None:
    assert reason(judged(soap(), cut=UnknownReason.TRUNCATED)) is UnknownReason.TRUNCATED
    assert reason(judged(soap(), cut=UnknownReason.TIMEOUT)) is UnknownReason.TIMEOUT
