"""Documents over REST: what goes, what may be kept of it, and which answers are a success; a cut one never is."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from adapters.outbound.spectrum.documents import judge_document
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.spectrum.transport import HttpAnswer
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.sending.answer import Accepted, AnswerRow, NotSent, Refused, Unknown, UnknownReason
from core.model.shared.secret import Secret
from tests.edges.spectrum.test_spectrum_sandbox import AUTHORIZATION_ID, FIELDS, target
from tests.support.spectrum_scene import http, raw_server, spectrum
from tests.support.spectrum_scene import target as target_at

NUMBER, PATH, LATE = FIELDS["WO_Number"], "/workOrders/images", float("inf")
DOCUMENT = {"WO_Number": NUMBER, "Image_Type": "pdf", "Image_Description": "signed.pdf", "Document_ID": ""}
CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 40
MADE = Accepted((AnswerRow("G", "00000001", "Document_ID"),))


@pytest.fixture
async def sandbox() -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start() as started:
        started.state.companies["101"].open_work_order(NUMBER)
        yield started


@pytest.fixture
async def adapter() -> AsyncIterator[SoapSpectrum]:
    async with spectrum() as opened:
        yield opened


@pytest.mark.parametrize("enhanced", [False, True])
async def test_a_document_is_added_with_its_content_and_nothing_of_that_is_kept(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum, enhanced: bool
) -> None:
    sandbox.state.settings.enhanced_auth = enhanced
    answer = await adapter.add_document(target(sandbox, enhanced=enhanced), DOCUMENT, CONTENT, leave_by=LATE)
    assert answer.outcome == MADE
    [stored] = sandbox.state.work_order("101", NUMBER).documents.values()
    assert (stored.type, stored.description, stored.sha256) == ("pdf", "signed.pdf", sha256(CONTENT).hexdigest())
    kept = answer.request + answer.answer
    assert AUTHORIZATION_ID not in kept
    assert b64encode(CONTENT).decode()[:40] not in kept
    assert f"{len(CONTENT):,} bytes" in kept


async def test_each_call_adds_one_and_none_is_made_by_itself(sandbox: SpectrumSandbox, adapter: SoapSpectrum) -> None:
    for _ in range(2):
        await adapter.add_document(target(sandbox), DOCUMENT, CONTENT, leave_by=LATE)
    assert len(sandbox.state.work_order("101", NUMBER).documents) == 2
    too_late = await adapter.add_document(target(sandbox), DOCUMENT, CONTENT, leave_by=0.0)
    assert isinstance(too_late.outcome, NotSent)
    sandbox.faults.add(Fault(FaultKind.STATUS, match=PATH, status=503))
    assert isinstance((await adapter.add_document(target(sandbox), DOCUMENT, CONTENT, leave_by=LATE)).outcome, Unknown)
    assert len(sandbox.state.work_order("101", NUMBER).documents) == 2


@pytest.mark.parametrize(
    "fields, column",
    [({"WO_Number": "NOBODY"}, "WO_Number"), ({"Image_Description": "x" * 41}, "Image_Description")],
)
async def test_what_cannot_be_stored_is_refused(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum, fields: dict[str, str], column: str
) -> None:
    answer = await adapter.add_document(target(sandbox), DOCUMENT | fields, CONTENT, leave_by=LATE)
    assert isinstance(answer.outcome, Refused)
    assert [row.column for row in answer.outcome.rows] == [column]


async def test_without_service_or_right_nobody_knows_because_a_proxy_may_say_so(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum
) -> None:
    stranger = target(sandbox, authorization_id="STRANGER")
    refused = (await adapter.add_document(stranger, DOCUMENT, CONTENT, leave_by=LATE)).outcome
    assert isinstance(refused, Unknown)
    assert (refused.reason, refused.status) == (UnknownReason.UNAUTHENTICATED, 401)
    sandbox.state.settings.images = False
    missing = (await adapter.add_document(target(sandbox), DOCUMENT, CONTENT, leave_by=LATE)).outcome
    assert isinstance(missing, Unknown)
    assert (missing.reason, missing.status) == (UnknownReason.SERVICE_NOT_THERE, 404)


STATUSES = [400, 401, 403, 404, 413, 415, 422]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [b"", b"<html>Forbidden</html>", b'{"message": "Forbidden"}', b'{"error": "no"}'])
def test_a_status_without_spectrums_own_words_does_not_say_that_nothing_was_stored(status: int, body: bytes) -> None:
    assert isinstance(judge_document(HttpAnswer(status, "application/json", body)), Unknown)


@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_in_spectrums_own_words_counts_whatever_its_status(status: int) -> None:
    rows = {"workOrderImages": [{"error_code": "A", "desc": "Not authorized", "column": "Authorization_ID"}]}
    assert judged(rows, status) == Refused((AnswerRow("A", "Not authorized", "Authorization_ID"),))


def judged(document: Any, status: int = 200) -> object:
    return judge_document(HttpAnswer(status, "application/json", json.dumps(document).encode()))


@pytest.mark.parametrize(
    "document",
    [
        {"workOrderImages": [{"Document_ID": "00000001", "error_code": "", "desc": ""}]},
        {"documentId": "00000001"},
        [{"DOCUMENT_ID": " 00000001 ", "error_code": "G"}],
        {"a": {"b": [{"Document_ID": "00000001"}, {"Document_ID": "00000001"}]}},
    ],
)
def test_an_answer_that_names_one_new_document_is_a_success(document: Any) -> None:
    assert judged(document) == MADE


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        "00000001",
        {"Document_ID": ""},
        {"Document_ID": None},
        {"workOrderImages": [{"Document_ID": "1"}, {"Document_ID": "2"}]},
        {"Document_ID": "1", "error_code": "I", "desc": "no"},
        {"Document_ID": "1", "errors": ["no"]},
        {"status": "ok"},
        {"error_code": "0", "desc": "stored"},
        {"workOrderImages": [{"error_code": "W", "desc": "stored, but large"}]},
        [{"error_code": "I", "desc": "no"}, {"error_code": "200"}],
    ],
)
def test_every_other_answer_is_unknown(document: Any) -> None:
    assert isinstance(judged(document), Unknown)


@pytest.mark.parametrize("status", [202, 204, 301, 409, 429, 500, 502, 503])
def test_a_status_that_says_nothing_of_the_document_is_unknown(status: int) -> None:
    assert isinstance(judged({"Document_ID": "1"}, status), Unknown)


def test_a_cut_answer_is_never_a_success() -> None:
    whole = json.dumps({"workOrderImages": [{"Document_ID": "00000001", "error_code": "", "desc": "stored"}]}).encode()
    for status in (200, 201):
        read = [judge_document(HttpAnswer(status, "application/json", whole[:end])) for end in range(len(whole))]
        assert all(isinstance(one, Unknown) for one in read)


@pytest.mark.parametrize("made", [["1", "2"], {"id": 1}, True, 1.5, "x" * 200, "1\x002", "1\ud8002", "\x1b[31m"])
def test_what_can_be_no_id_names_no_document(made: Any) -> None:
    assert isinstance(judged({"Document_ID": made}), Unknown)


async def test_no_spelling_of_the_authorization_id_is_kept(adapter: SoapSpectrum) -> None:
    odd = 'Zu"rich\\Ol<&7'
    login = b64encode(f"101:{odd}".encode()).decode()
    said = {"error_code": odd, "desc": f"{odd} {login}"}
    body = json.dumps(said) + " " * 9 + json.dumps(said, ensure_ascii=False)
    for status, answer in (("400 No", json.dumps(said)), ("200 OK", json.dumps(said)), ("500 Oh", body)):
        async with raw_server(http(answer, status)) as server:
            place = replace(target_at(server.url), company_code="101")
            place = replace(place, secrets=replace(place.secrets, authorization_id=Secret(odd)))
            exchange = await adapter.add_document(place, DOCUMENT, CONTENT, leave_by=LATE)
        for kept in (repr(exchange.outcome), exchange.request, exchange.answer):
            assert not [one for one in (odd, json.dumps(odd)[1:-1], login, "rich") if one.casefold() in kept.casefold()]
