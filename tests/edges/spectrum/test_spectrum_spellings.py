"""One answer in many spellings: each is judged like its plain twin, and each cut of it is unknown."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.net.compression import unpacked
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.services import NEEDED, SERVICES
from adapters.outbound.spectrum.transport import ANSWER_LIMIT, HttpAnswer
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    Exchange,
    RefusalReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.work_orders.spectrum_fields import HEADER, LINES
from tests.support.spectrum_scene import FIELDS, RawServer, fault, http, raw_server, soap, spectrum, target
from tests.support.spectrum_spellings import SIGN, SPELLINGS, Spelt, declared, parts, told, twin

Rows = tuple[tuple[str, str, str], ...]
REFUSAL = ("I", f"Zone{SIGN}pr\u00fcfen: \u00e4\u00f6\u00df", "Zone")
KEY = ("G", "000000000000000000000001", "System_Key")
ANSWERS: dict[str, Rows] = {
    "nothing": (),
    "a key": (KEY,),
    "a warning": (KEY, ("W", f"knapp\u00e9{SIGN}", "Zone")),
    "a refusal": (REFUSAL,),
    "two refusals and a warning": (REFUSAL, ("M", "fehlt", "Lead_Source"), ("W", "careful", "")),
}
SERVICE = pytest.mark.parametrize("service", NEEDED)
FULL = os.environ.get("FAULTS") == "full"
SPELLING = pytest.mark.parametrize("name", SPELLINGS)
TOKEN = http('{"access_token": "t0ken"}', content_type="application/json")
LINE_OF = {service: kind for kind, service in LINES.items()}


def meaning(rows: Rows, name: str) -> WriteOutcome:
    read = tuple(AnswerRow(code, twin(name, text).strip(), column) for code, text, column in rows)
    if any(row.code in "AIME" for row in read):
        return Refused(read)
    return Accepted(tuple(row for row in read if row.code == "G"), tuple(row for row in read if row.code == "W"))


def judged(spelt: Spelt, service: str, status: int = 200) -> WriteOutcome:
    """As it is judged after a connection that tells no length, so that a cut is not seen there."""
    plain = unpacked(spelt.body, spelt.encoding, ANSWER_LIMIT)
    cut = None if plain.whole else UnknownReason.TRUNCATED
    return judge(HttpAnswer(status, spelt.content_type, plain.body, cut=cut), SERVICES[service])


async def write(server: RawServer, service: str) -> Exchange:
    where = target(server.url)
    async with spectrum() as adapter:
        if service == HEADER:
            return await adapter.write_header(where, FIELDS, leave_by=None)
        return await adapter.add_line(where, LINE_OF[service], {"WO_Number": "S1001"}, leave_by=float("inf"))


@SERVICE
@SPELLING
async def test_every_spelling_is_judged_like_its_plain_twin(name: str, service: str) -> None:
    spelt = [(rows, SPELLINGS[name](soap(*rows, method=service))) for rows in ANSWERS.values()]
    answers = [http(one.body, content_type=one.content_type, **one.headers) for _, one in spelt]
    async with raw_server(*answers) as server:
        for rows, one in spelt:
            assert (await write(server, service)).outcome == meaning(rows, name)
            assert judged(one, service) == meaning(rows, name)


@SPELLING
@pytest.mark.parametrize("rows", [(KEY,), (REFUSAL,)], ids=["a key", "a refusal"])
def test_every_cut_of_every_spelling_is_unknown(name: str, rows: Rows) -> None:
    spelt = SPELLINGS[name](soap(*rows, method=HEADER))
    for length in range(len(spelt.body)):
        outcome = judged(replace(spelt, body=spelt.body[:length]), HEADER)
        assert isinstance(outcome, Unknown), length
        assert outcome.reason in (UnknownReason.TRUNCATED, UnknownReason.NOT_SOAP), length
    assert judged(spelt, HEADER) == meaning(rows, name)


@pytest.mark.parametrize(("name", "service"), [*zip(SPELLINGS, cycle(NEEDED), strict=False)])
@pytest.mark.long
async def test_a_cut_of_any_spelling_is_unknown_over_the_wire(name: str, service: str) -> None:
    """With the connection's end as the only sign of the answer's end; the services take turns. At every byte, the test
    above cuts the same answers without a wire."""
    for rows in (ANSWERS["a warning"], ANSWERS["a refusal"]):
        spelt = SPELLINGS[name](soap(*rows, method=service))
        length = b"Content-Length: %d\r\n" % len(spelt.body)
        whole = http(spelt.body, content_type=spelt.content_type, **spelt.headers).replace(length, b"")
        cuts = [whole[:end] for end in range(len(whole) - len(spelt.body), len(whole), 1 if FULL else 10)]
        async with raw_server(*cuts, whole) as server:
            for cut in cuts:
                assert isinstance((await write(server, service)).outcome, Unknown), cut
            assert (await write(server, service)).outcome == meaning(rows, name)


_LETTERS = st.text(st.sampled_from("abc &<>'\"\u00e4\u00e9\u00df\u00d7"), max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from("AIMEGW"), _LETTERS), max_size=3),
    st.sampled_from([*SPELLINGS]),
    st.sampled_from(NEEDED),
    st.integers(1, 40),
)
@settings(max_examples=100)
def test_no_answer_is_judged_other_than_its_plain_twin(
    rows: list[tuple[str, str]], name: str, service: str, missing: int
) -> None:
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    escaped = [("".join(entities.get(sign, sign) for sign in text), code) for code, text in rows]
    document = soap(*((code, text, "Zone") for text, code in escaped), method=service)
    spelt = SPELLINGS[name](document)
    plain = document.replace(SIGN, twin(name, SIGN))
    ours, twins = judged(spelt, service), judged(Spelt(plain.encode()), service)
    assert type(ours) is type(twins)
    if not isinstance(ours, Unknown):
        assert ours == twins
    assert isinstance(judged(replace(spelt, body=spelt.body[:-missing]), service), Unknown)


# --- the status beside it


@SERVICE
@pytest.mark.parametrize("status", [400, 500])
def test_rows_that_refuse_under_an_error_of_the_service_are_a_refusal(status: int, service: str) -> None:
    assert judged(Spelt(soap(REFUSAL, method=service).encode()), service, status) == Refused((AnswerRow(*REFUSAL),))


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("rows", [(), (KEY,), (("W", "careful", ""),), (KEY, REFUSAL), (("X", "?", ""),)])
def test_other_rows_under_an_error_leave_the_write_unknown(status: int, rows: Rows) -> None:
    outcome = judged(Spelt(soap(*rows).encode()), HEADER, status)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.HTTP_ERROR


def test_a_refusal_under_the_status_of_a_gateway_is_unknown_and_quoted() -> None:
    outcome = judged(Spelt(soap(("I", "unknown zone", "Zone")).encode()), HEADER, 503)
    assert isinstance(outcome, Unknown)
    assert outcome.detail == "The server answered HTTP 503. It says: I unknown zone Zone"


# --- letters that only some character sets have


@pytest.mark.parametrize(
    ("name", "codec", "words"),
    [
        ("Shift_JIS", "cp932", "ゾーンが無効です"),
        ("windows-31j", "cp932", "①ソ表"),
        ("EUC-JP", "euc_jp", "無効"),
        ("GBK", "gbk", "区域无效"),
        ("gb18030", "gb18030", "区域ᠠ"),
        ("Big5", "cp950", "區域無效功"),
        ("EUC-KR", "cp949", "구역 뷁"),
        ("KOI8-R", "koi8-r", "Зона"),
        ("IBM866", "cp866", "Зона"),
        ("windows-874", "cp874", "โซนไม่ถูกต้อง"),
        ("ISO-8859-11", "cp874", "โซนไม่ถูกต้อง"),
        ("cp437", "cp437", "Zoné"),
        ("macintosh", "mac-roman", "Zoné"),
    ],
)
def test_other_character_sets_are_read_and_their_cuts_are_unknown(name: str, codec: str, words: str) -> None:
    rows = (("I", words, "Zone"), ("W", words, ""))
    document = soap(*rows, method=HEADER)
    for spelt in (declared(name, codec)(document), told(name, codec)(document), declared("UTF-8", codec)(document)):
        whole = replace(spelt, content_type=f"text/xml; charset={name}")
        assert judged(whole, HEADER) == Refused(tuple(AnswerRow(*row) for row in rows))
        for length in range(len(whole.body)):
            assert isinstance(judged(replace(whole, body=whole.body[:length]), HEADER), Unknown), length


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_half_an_emoji_is_not_the_end_of_an_answer(codec: str) -> None:
    spelt = Spelt(soap(("I", "zone \ud83d!", "Zone")).partition("?>")[2].encode(codec, "surrogatepass"))
    assert judged(spelt, HEADER) == Refused((AnswerRow("I", "zone \ufffd!", "Zone"),))


@pytest.mark.parametrize("coding", ["base64", "quoted-printable"])
def test_an_attachment_is_not_decoded_and_a_wrong_coding_is_unknown(coding: str) -> None:
    document = soap(("I", "zone", "Zone"))
    attached = b"--=_Part+1\r\nContent-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\n!=!\r\n"
    assert isinstance(judged(parts(more=attached)(document), HEADER), Refused)
    outcome = judged(parts(coding="base64", coded=lambda body: body[:-40])(document), HEADER)
    assert isinstance(outcome, Unknown)
    assert "zone" in outcome.detail


def test_a_filled_last_block_is_not_a_missing_one() -> None:
    packed = gzip.compress(soap(KEY).encode())
    assert isinstance(judged(Spelt(packed + bytes(7)), HEADER), Accepted)
    for damaged in (packed[:-8] + bytes(8), packed[:-9] + bytes(9), packed + b"\0x"):
        assert isinstance(judged(Spelt(damaged), HEADER), Unknown)


# --- what stands beside the answer


@SERVICE
@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("<s:Body>", "<s:Body>ABEND 17"),
        ("</s:Body>", "ABEND 17</s:Body>"),
        ("<s:Body>", "ABEND 17<s:Body>"),
        ("</s:Body>", "</s:Body><s:Fault><faultcode>ABEND 17</faultcode></s:Fault>"),
        ("</s:Body>", "</s:Body><response><error_code>E</error_code><desc>ABEND 17</desc></response>"),
    ],
)
def test_something_beside_the_answer_may_contradict_it(place: str, more: str, service: str) -> None:
    for rows in ((), (KEY,), (REFUSAL,)):
        outcome = judged(Spelt(soap(*rows, method=service).replace(place, more, 1).encode()), service)
        assert isinstance(outcome, Unknown)
        assert "ABEND 17" in outcome.detail


@SERVICE
@pytest.mark.parametrize("place", ["returnArray", "returnData", "response", "n:{}Response"])
@pytest.mark.parametrize("attribute", ["href='#id0'", "href='cid:1'", "e:ref='id0' xmlns:e='x'"])
def test_an_element_whose_content_is_elsewhere_is_not_an_empty_one(place: str, attribute: str, service: str) -> None:
    name = place.format(service)
    document = soap(KEY, method=service)
    start, end = document.index(f"<{name}"), document.index(f"</{name}>")
    opened = document[start : document.index(">", start)]
    outcome = judged(Spelt((document[:start] + f"{opened} {attribute}>" + document[end:]).encode()), service)
    assert isinstance(outcome, Unknown)


# --- SOAP 1.2 faults


def fault_12(code: str, text: str) -> str:
    whole = fault("Server", "x").replace(
        "<faultcode>s:Server</faultcode><faultstring>x</faultstring>",
        f"<s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>{text}</s:Text></s:Reason>",
    )
    return whole.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


def test_faults_of_soap_12_are_read_like_those_of_soap_11() -> None:
    missing = fault_12("Sender", "Could not find WebService named WorkOrderHeader")
    assert judged(Spelt(missing.encode()), HEADER, 400) == Refused(
        (), RefusalReason.SERVICE_MISSING, "Spectrum does not know the service WorkOrderHeader."
    )
    outcome = judged(Spelt(fault_12("Receiver", "Error executing Web Service").encode()), HEADER, 500)
    assert outcome == Unknown(UnknownReason.SERVER_FAULT, "SOAP fault Server: Error executing Web Service", 500)


# --- what cannot be read


@pytest.mark.parametrize(
    "spelt",
    [
        Spelt(soap(("I", "zone & site", "Zone")).encode()),
        Spelt(soap(("I", "zone &unknown; site", "Zone")).encode()),
        Spelt(soap(("I", "zone site", "Zone")).replace("</desc>", "").encode()),
        Spelt(b"<!DOCTYPE x>" + soap(("I", "zone site", "Zone")).partition("?>")[2].encode()),
        Spelt(soap(("I", "zone site", "Zone")).replace('"UTF-8"', '"UTF-7"').encode(), "text/xml"),
        Spelt(soap(("I", "zone site", "Zone")).replace("<desc>", "<desc/><desc>").encode()),
        Spelt(soap(("I", "zone site", "Zone")).replace("<column>", "<line><zone/></line><column>").encode()),
        Spelt(soap(("I", "zone site", "Zone")).replace("soap/envelope/", "other/").encode()),
        Spelt(soap(("I", "zone site", "Zone"))[:-30].encode()),
        parts(more=b"--=_Part+1\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n")(soap(("I", "zone site", "Zone"))),
        Spelt(gzip.compress(soap(("I", "zone site", "Zone")).encode())[:-3]),
        Spelt(b"ERR 17: zone site", "text/plain"),
    ],
)
async def test_what_cannot_be_read_is_unknown_and_quoted(spelt: Spelt) -> None:
    answer = http(spelt.body.replace(b"zone", b"AUTH-7711-XYZ zone"), content_type=spelt.content_type, **spelt.headers)
    for body in (http(spelt.body, content_type=spelt.content_type), answer):
        async with raw_server(body) as server:
            outcome = (await write(server, HEADER)).outcome
        assert isinstance(outcome, Unknown)
        assert "site" in outcome.detail
        assert "zone" in outcome.detail
        assert "AUTH-7711" not in outcome.detail


def test_a_second_answer_in_an_element_of_a_row_is_not_overlooked() -> None:
    for hidden in ("<response><error_code>I</error_code></response>", "<error_code>I</error_code>"):
        document = soap(KEY).replace("<column>", f"<more>{hidden}</more><column>")
        assert isinstance(judged(Spelt(document.encode()), HEADER), Unknown)
    document = soap(KEY).replace("<column>", "<response/><column>")
    assert isinstance(judged(Spelt(document.encode()), HEADER), Unknown)


@pytest.mark.parametrize("body", [b"--b\r\n\r\n<a/>\r\n--b--\r\nx", b"--b\r\n" * 30 + b"--b--", b"--c--", b"--b--"])
def test_other_multipart_bodies_are_unknown(body: bytes) -> None:
    assert isinstance(judged(Spelt(body, "multipart/mixed; boundary=b"), HEADER), Unknown)
    assert isinstance(judged(Spelt(body, "multipart/mixed"), HEADER), Unknown)


@given(st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=utf-16", "multipart/related; boundary=b", "x"]))
def test_noise_of_any_kind_is_unknown(noise: bytes, content_type: str) -> None:
    for start in (b"", b"<", b"\x1f\x8b\x08\x00", b"\xff\xfe<\x00", b"\x00<", b"--b\r\n\r\n<", b"x\x9c"):
        for encoding in ("", "gzip", "deflate"):
            assert isinstance(judged(Spelt(start + noise, content_type, encoding), HEADER), Unknown)


# --- the limit, and secrets


async def test_the_limit_holds_after_unpacking_too() -> None:
    body = soap(KEY).encode()
    fits, more = (gzip.compress(body + b" " * (ANSWER_LIMIT - len(body) + extra)) for extra in (0, 1))
    async with raw_server(http(fits, Content_Encoding="gzip"), http(more, Content_Encoding="gzip")) as server:
        assert isinstance((await write(server, HEADER)).outcome, Accepted)
        outcome = (await write(server, HEADER)).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.TOO_LARGE


@SPELLING
async def test_a_secret_is_masked_in_every_spelling(name: str) -> None:
    secret = "Gr\u00fc\u00dfe-7Z11"  # no GUID holds that
    document = soap(("A", f"{secret} is not {SIGN} authorized", secret))
    whole = SPELLINGS[name](document)
    cut = replace(whole, body=whole.body[:-9])
    for spelt in (whole, cut):
        answer = http(spelt.body, content_type=spelt.content_type, **spelt.headers)
        async with raw_server(answer, paths={"/connect/token": [TOKEN]}) as server, spectrum() as adapter:
            exchange = await adapter.write_header(target(server.url, client_secret=secret), FIELDS, leave_by=None)
        assert "7Z11" not in repr(exchange)
        assert "is not" in exchange.answer
        assert "*** is not" in exchange.outcome.in_short


@SERVICE
async def test_a_field_of_64_kb_beside_an_answer_of_spectrum_is_read(service: str) -> None:
    policy = "p" * 65_536
    answer = http(soap(KEY, method=service), Content_Security_Policy=policy, Set_Cookie=policy)
    async with raw_server(answer) as server:
        assert isinstance((await write(server, service)).outcome, Accepted)


async def test_a_field_without_end_is_not_read() -> None:
    async with raw_server(http(soap(KEY), X_Policy="p" * 70_000)) as server:
        assert isinstance((await write(server, HEADER)).outcome, Unknown)
