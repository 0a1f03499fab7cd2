"""The shapes that ServiceTrade's envelope and records are met in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.outbound.servicetrade.envelope import Envelope, open_envelope
from adapters.outbound.servicetrade.granted import granted_by
from adapters.outbound.servicetrade.records import JobRecord, job_members, read


@pytest.mark.parametrize(
    ("messages", "texts"),
    [
        ({"error": ["Location is required"], "validation": ["id: wrong"]}, ("Location is required", "id: wrong")),
        (["Location is required"], ("Location is required",)),
        ("Location is required", ("Location is required",)),
        ({"error": "Location is required"}, ("Location is required",)),
        ({"error": [], "validation": None}, ()),
        (None, ()),
        ("", ()),
        (7, ()),
    ],
)
def test_messages_of_any_shape(messages: Any, texts: tuple[str, ...]) -> None:
    assert open_envelope(json.dumps({"messages": messages}).encode()).messages == texts


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b'{"data": null, "meta": [], "messages": {}}', b'{"data": []}'])
def test_nothing_said(body: bytes) -> None:
    assert open_envelope(body) == Envelope()


@pytest.mark.parametrize("told", [9983, 9983.0, "9983"])
def test_the_balance(told: object) -> None:
    body = json.dumps({"meta": {"stats": {"resourceBalanceMs": told}}}).encode()
    assert open_envelope(body).balance_ms == 9983


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"text"', b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_envelope(body: bytes) -> None:
    with pytest.raises(ValueError):
        open_envelope(body)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (b"caf\xe9 \x80", "caf\u00e9 \u20ac"),
        (b"caf\xc3\xa9", "caf\u00e9"),
        (b"a\tb\nc\x00d", "a\tb\nc\x00d"),
        (b"\xed\xa0\xbd!", "\ud83d!"),
    ],
)
def test_one_odd_text_makes_no_answer_unreadable(told: bytes, text: str) -> None:
    assert open_envelope(b'{"data": {"id": 5, "description": "' + told + b'"}}').data == {"id": 5, "description": text}


@pytest.mark.parametrize("text", ["1e401", "1e-401", "1e9999999999999999999", "9" * 5000, "0." + "1" * 500])
def test_a_number_out_of_all_bounds_stays_as_it_is_written(text: str) -> None:
    assert open_envelope(f'{{"data": {{"x": {text}}}}}'.encode()).data == {"x": text}


@pytest.mark.parametrize("told", ["true", '"nan"', '"Infinity"', "1e999", "[]", "{}", '"soon"'])
def test_an_odd_balance_is_none(told: str) -> None:
    body = f'{{"meta": {{"stats": {{"resourceBalanceMs": {told}}}}}}}'.encode()
    assert open_envelope(body).balance_ms is None


def test_a_quotation_is_short_and_printable() -> None:
    quotation = Envelope(messages=("a\x1b[31m\nb", "x" * 500)).quotation
    assert len(quotation) == 200
    assert quotation.isprintable()
    assert quotation.startswith("a [31m b; xxx")


def job_record(data: dict[str, Any]) -> JobRecord:
    return read(JobRecord, job_members(data))


def test_bare_ids_and_names_beside_the_job() -> None:
    job = job_record(
        {
            "job": {"id": "12", "customer": 3, "location": "4", "contract": 5, "externalIds": []},
            "contracts": [{"id": 5, "name": "Master"}],
        }
    )
    assert (job.id, job.customer and job.customer.id, job.location and job.location.id) == ("12", "3", "4")
    assert job.contract
    assert (job.contract.id, job.contract.name) == ("5", "Master")


@pytest.mark.parametrize("nothing", [None, 0, "", {}, {"id": None}, []])
def test_a_reference_to_nothing(nothing: object) -> None:
    assert job_record({"id": 12, "customer": nothing}).customer is None


def test_a_blank_external_id_counts_as_set_and_null_does_not() -> None:
    job = job_record({"id": 12, "externalIds": {"spectrum": "", "west": None, "east": 7}})
    assert job.externalIds == {"spectrum": "", "east": "7"}


def test_null_members_are_empty() -> None:
    job = job_record({"id": 12, "description": None, "customerPo": None, "tags": None, "number": "", "completedOn": 0})
    assert (job.description, job.customerPo, job.tags, job.number, job.completedOn) == ("", "", [], None, None)


def test_a_record_that_is_none_says_which_members_are_wrong_and_what_they_hold() -> None:
    with pytest.raises(ValueError, match=r'^id is missing, description is \{"x": "y"\}, customerPo is true$'):
        read(JobRecord, {"description": {"x": "y"}, "customerPo": True})


@pytest.mark.parametrize("body", [b"{}", b'{"data": {"authToken": null}}', b'{"data": []}', b'{"access_token": ""}'])
def test_a_sign_in_that_grants_nothing(body: bytes) -> None:
    assert granted_by(body) is None


def test_an_oauth_answer_without_a_lifetime() -> None:
    granted = granted_by(b'{"access_token": "a", "expires_in": "1800"}')
    assert granted is not None
    assert (granted.seconds, granted.refresh_token) == (1800, None)


@pytest.mark.parametrize("told", ['"soon"', "null", "[]", "{}", "-5", "true", '""'])
def test_a_lifetime_that_cannot_be_read_refuses_no_token(told: str) -> None:
    granted = granted_by(f'{{"access_token": "a", "expires_in": {told}, "refresh_token": {told}}}'.encode())
    assert granted is not None
    assert granted.seconds == 3600
