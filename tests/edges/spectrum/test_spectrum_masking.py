"""No secret survives in what is kept or shown of a call, however the other side spells it."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.outbound.spectrum.masking import KEPT_BYTES, Masking
from core.model.sending.answer import Refused
from tests.support.spectrum_scene import AUTHORIZATION_ID, FIELDS, http, raw_server, soap, spectrum, target


@pytest.mark.parametrize(
    "spelling",
    [
        "a<b&\"c'",
        "A<B&\"C'",
        "a&lt;b&amp;&quot;c&apos;",
        "a&lt;b&amp;&#34;c&#39;",
        "&#97;&#x3C;&#0098;&#x0026;&#x22;c&#x27;",
    ],
)
def test_every_spelling_of_a_secret_is_masked(spelling: str) -> None:
    masking = Masking(["a<b&\"c'"])
    assert masking.text(f"before {spelling} after") == "before *** after"
    assert masking.evidence(f"<x>{spelling}</x>".encode()) == "<x>***</x>"
    assert masking.evidence(f"<x>{spelling}</x>".encode("utf-16")).endswith("<x>***</x>")


def test_evidence_is_cut_after_masking_and_can_be_stored() -> None:
    text = Masking(["SECRET-ID"]).evidence(b"\x00" + b"x" * (KEPT_BYTES - 4) + b"SECRET-ID" + "€".encode() * 9)
    assert len(text.encode()) <= KEPT_BYTES
    assert text.endswith("***")
    assert "\x00" not in text


_TEXT = st.text(st.characters(exclude_characters="*"), max_size=40)


@given(_TEXT.filter(bool), _TEXT, _TEXT)
@example("\ud800", "", "")
def test_no_secret_is_left_whole(secret: str, before: str, after: str) -> None:
    assert secret not in Masking([secret]).text(before + secret + after)


def test_secrets_beside_each_other_and_inside_each_other() -> None:
    masking = Masking(["abcd", "cdef", "x&"])
    assert masking.text("abcdABCD") == "******"
    assert masking.text("1 abcdef 2") == "1 *** 2"
    assert masking.text("&lt;x&amp;&amp;x&#38;y&amp;abcd&gt;") == "&lt;***&amp;***y&amp;***&gt;"


def test_letters_that_grow_with_their_case_move_no_mask() -> None:
    masking = Masking(["Straße", "ΑΣ"])
    assert masking.text("ﬃ İ Straße ŉ STRAßE &amp; &#83;traße ας ασ ΑΣ") == "ﬃ İ *** ŉ *** &amp; *** *** *** ***"


def test_a_reference_to_no_character_is_text() -> None:
    text = "&#9999999;&#x110000;&#;&nbsp;&#97 &; &"
    assert Masking(["b"]).text(text) == text.replace("b", "***")


def test_a_long_answer_is_masked_as_far_as_it_is_kept() -> None:
    """However much of it is secrets, and wherever they are."""
    masking = Masking(["SECRET-ID" * 100])
    secret = b"SECRET-ID" * 100
    assert "SECRET" not in masking.evidence(secret * 2_000)
    assert masking.evidence(b"x" * (KEPT_BYTES - 4) + secret + b"y" * 1_000_000).endswith("x***y")
    assert masking.evidence(secret * 300 + b"the end") == "***" * 300 + "the end"


def test_no_secret_masks_nothing() -> None:
    assert Masking([""]).text("as it is") == "as it is"


async def test_request_answer_rows_and_details_come_back_masked() -> None:
    secret = "A&<1>-id"
    escaped = "A&amp;&lt;1&gt;-id"
    refusal = soap(("A", f"{escaped} is not authorized", escaped))
    async with raw_server(http(refusal)) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url, authorization_id=secret), FIELDS, leave_by=None)
    assert escaped.encode() in server.requests[0]
    assert "<Authorization_ID>***</Authorization_ID>" in exchange.request
    assert "<GUID>" in exchange.request
    assert "CUST1" in exchange.request
    assert isinstance(exchange.outcome, Refused)
    assert [(row.code, row.text, row.column) for row in exchange.outcome.rows] == [
        ("A", "*** is not authorized", "***")
    ]
    assert "*** is not authorized" in exchange.answer
    assert secret not in repr(exchange)
    assert escaped not in repr(exchange)


async def test_an_echoed_token_is_masked() -> None:
    granted = http(json.dumps({"access_token": "tok-123", "expires_in": 900}), content_type="application/json")
    echo = http(f"<html>Bearer tok-123 {AUTHORIZATION_ID} s3cret</html>", "500 Broken", "text/html")
    async with raw_server(echo, paths={"/connect/token": [granted]}) as server, spectrum() as adapter:
        exchange = await adapter.write_header(target(server.url, client_secret="s3cret"), FIELDS, leave_by=None)
    assert exchange.answer == "<html>Bearer *** *** ***</html>"
