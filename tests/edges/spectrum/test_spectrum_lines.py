"""A cost line over the wire: one POST whatever comes back, and nothing but a whole, clean answer counts as accepted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, count

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.envelope import build
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.spectrum.transport import HttpAnswer
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import GuidUse
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    Exchange,
    NotSent,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.shared.figures import plain
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import LINE_LENGTHS, WHOLE_DIGITS
from core.model.work_orders.item import ItemKind
from core.model.work_orders.spectrum_fields import LINES
from tests.support.spectrum_answers import by_chunks, by_closing, by_length, is_whole_and_without_complaint
from tests.support.spectrum_scene import AUTHORIZATION_ID, LOOPBACK, RawServer, http, raw_server, soap, target

KINDS = [ItemKind.MATERIAL, ItemKind.OTHER_CHARGE]
BOTH = pytest.mark.parametrize("kind", KINDS)
MATERIAL, CHARGE = (SERVICES[LINES[kind]] for kind in KINDS)
FIELDS = {
    ItemKind.MATERIAL: {"WO_Number": "S1001", "Item_Code": "!VALVE", "Quantity_Used": "2", "Unit_Cost": "9.5"},
    ItemKind.OTHER_CHARGE: {"WO_Number": "S1001", "Other_Cost_Item": "FEE-TRIP", "Cost_Of_Sales_Amount": "300"},
}
KEY = ("G", "000000000000000000000001", "System_Key")
TIMED_OUT = "Time out has occurred"
NO_LIMIT = float("inf")


def good(*rows: tuple[str, str, str], kind: ItemKind = ItemKind.MATERIAL) -> str:
    return soap(*rows, method=LINES[kind])


async def add(spectrum: SoapSpectrum, where: SpectrumTarget, kind: ItemKind = ItemKind.MATERIAL) -> Exchange:
    return await spectrum.add_line(where, kind, FIELDS[kind], leave_by=NO_LIMIT)


def adapter(deadline_seconds: float = 10.0) -> SoapSpectrum:
    return SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=deadline_seconds, connect_seconds=2)


# --- what leaves


@BOTH
async def test_a_line_is_one_post_with_every_element_once_and_in_order(kind: ItemKind) -> None:
    async with raw_server(http(good(KEY, kind=kind))) as server, adapter() as spectrum:
        exchange = await add(spectrum, target(server.url), kind)
    assert exchange.outcome == Accepted((AnswerRow(*KEY),))
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST /ws/{LINES[kind]} HTTP/1.1\r\n".encode())
    assert f'SOAPAction: "{server.url}/ws/{LINES[kind]}"'.encode() in head
    (call,) = etree.fromstring(body)[0]
    assert tuple(child.tag for child in call) == SERVICES[LINES[kind]].elements
    sent = {child.tag: child.text for child in call if child.text}
    assert len(sent.pop("GUID")) == 36
    assert sent == {**FIELDS[kind], "Authorization_ID": AUTHORIZATION_ID, "Company_Code": "A1"}
    assert AUTHORIZATION_ID not in repr(exchange)
    assert FIELDS[kind]["WO_Number"] in exchange.request


async def test_every_line_has_its_own_connection_and_guid() -> None:
    guids = (f"guid-{number}" for number in count(1))
    async with (
        raw_server(http(good())) as server,
        SoapSpectrum(allowed_networks=LOOPBACK, new_guid=lambda: next(guids)) as spectrum,
    ):
        for _ in range(3):
            await add(spectrum, target(server.url))
    assert server.connections == 3
    sent = [etree.fromstring(request.partition(b"\r\n\r\n")[2]).findtext(".//GUID") for request in server.requests]
    assert sent == ["guid-1", "guid-2", "guid-3"]


# --- a cut answer is never a whole one


ANSWERS = {
    "nothing to say": ((), Accepted()),
    "a key": ((KEY,), Accepted((AnswerRow(*KEY),))),
    "a refusal": ((("I", "unknown", "Item_Code"),), Refused((AnswerRow("I", "unknown", "Item_Code"),))),
}


@pytest.mark.parametrize("framed", [by_length, by_chunks, by_closing])
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.long
async def test_an_answer_cut_at_any_byte_is_unknown(name: str, framed: Callable[[bytes], bytes]) -> None:
    rows, meaning = ANSWERS[name]
    whole = framed(good(*rows).encode())
    cuts = [whole[:length] for length in range(len(whole))]
    server: RawServer
    async with raw_server(*cuts, whole) as server, adapter() as spectrum:
        for cut in cuts:
            outcome = (await add(spectrum, target(server.url))).outcome
            assert isinstance(outcome, Unknown), cut
        assert (await add(spectrum, target(server.url))).outcome == meaning
    assert len(server.requests) == len(cuts) + 1


@BOTH
@pytest.mark.parametrize("name", ANSWERS)
def test_every_cut_of_the_bare_document_is_unknown(name: str, kind: ItemKind) -> None:
    """As it arrives over a connection that tells no length and ends early; a missing line break at the end is none."""
    rows, meaning = ANSWERS[name]
    document = good(*rows, kind=kind).encode()
    for length in range(len(document)):
        assert isinstance(judged(document[:length], kind), Unknown), length
    assert judged(document, kind) == meaning
    assert judged(document + b"\r\n", kind) == meaning


def judged(body: bytes, kind: ItemKind = ItemKind.MATERIAL) -> Accepted | Refused | Unknown:
    return judge(HttpAnswer(200, "text/xml", body), SERVICES[LINES[kind]])


@pytest.mark.parametrize("lie", [-1, 1, 40])
async def test_a_length_that_does_not_fit_the_body_is_unknown(lie: int) -> None:
    body = good(KEY).encode()
    answer = http(body).replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) + lie))
    async with raw_server(answer) as server, adapter() as spectrum:
        assert isinstance((await add(spectrum, target(server.url))).outcome, Unknown)
    assert len(server.requests) == 1


_ROWS = st.lists(st.sampled_from([KEY, ("G", "S1001", "WO_Number"), ("I", "unknown", "Item_Code")]), max_size=3)
_PIECES = re.compile(r"<[^>]*>|[^<]+")


@st.composite
def _with_losses(draw: st.DrawFn) -> tuple[ItemKind, bytes]:
    """An answer that lost whole tags and texts (which leaves it well-formed more often) or any bytes."""
    kind = draw(st.sampled_from(KINDS))
    pieces = _PIECES.findall(good(*draw(_ROWS), kind=kind))
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(0, len(pieces)))
        del pieces[first : first + draw(st.sampled_from([1, 2, 3, 5, 11, 22]))]
    body = "".join(pieces).encode()
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + body[at + draw(st.integers(1, 30)) :]
    return kind, body


@pytest.mark.parametrize(
    "rows", [(), (KEY,), (("I", "unknown", "Item_Code"),), (KEY, ("I", "unknown", "Item_Code"))], ids=len
)
def test_no_gap_in_an_answer_makes_it_an_accepting_one(rows: tuple[tuple[str, str, str], ...]) -> None:
    """Every gap between two tags, and every one of a few bytes."""
    document = good(*rows)
    pieces = _PIECES.findall(document)
    bodies = ["".join(pieces[:i] + pieces[j:]) for i, j in combinations(range(len(pieces) + 1), 2)]
    bodies += [document[:at] + document[at + size :] for at in range(len(document)) for size in range(1, 9)]
    for body in bodies:
        if isinstance(judged(body.encode()), Accepted):
            assert is_whole_and_without_complaint(body.encode(), MATERIAL.name), body


@given(_with_losses())
@settings(max_examples=200)
def test_an_answer_that_lost_bytes_is_accepted_only_if_it_is_a_whole_answer_again(case: tuple[ItemKind, bytes]) -> None:
    kind, body = case
    outcome = judged(body, kind)
    event(type(outcome).__name__)
    if isinstance(outcome, Accepted):
        assert is_whole_and_without_complaint(body, LINES[kind]), body


# --- whatever is answered: one post


@BOTH
@pytest.mark.parametrize("rows", [(), (KEY,)], ids=["alone", "beside a key"])
async def test_a_line_with_a_warning_is_accepted(rows: tuple[tuple[str, str, str], ...], kind: ItemKind) -> None:
    warning = ("W", "careful", "Item_Code")
    async with raw_server(http(good(*rows, warning, kind=kind))) as server, adapter() as spectrum:
        outcome = (await add(spectrum, target(server.url), kind)).outcome
    assert outcome == Accepted(tuple(AnswerRow(*row) for row in rows), (AnswerRow(*warning),))


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        [("S", "fine", "")],
        [KEY, ("I", "not valid", "Item_Code")],
        [("A", "no", ""), KEY],
        [("", "", "")],
        [("X", "what", "")],
    ],
)
async def test_rows_that_do_not_belong_to_a_write_leave_a_line_unknown(
    rows: list[tuple[str, str, str]], kind: ItemKind
) -> None:
    async with raw_server(http(good(*rows, kind=kind))) as server, adapter() as spectrum:
        outcome = (await add(spectrum, target(server.url), kind)).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.MIXED_ANSWER
    assert len(server.requests) == 1


@BOTH
@pytest.mark.parametrize("code", "AIME")
async def test_a_guid_that_timed_out_is_a_refusal_and_not_repeated(code: str, kind: ItemKind) -> None:
    timed_out, fine = http(good((code, TIMED_OUT, "GUID"), kind=kind)), http(good(kind=kind))
    async with raw_server(timed_out, fine) as server, adapter() as spectrum:
        outcome = (await add(spectrum, target(server.url), kind)).outcome
    assert outcome == Refused((AnswerRow(code, TIMED_OUT, "GUID"),))
    assert server.connections == 1


@BOTH
async def test_the_answer_of_another_service_is_not_this_line_s(kind: ItemKind) -> None:
    (other,) = set(KINDS) - {kind}
    for answer in (good(kind=other), soap()):
        async with raw_server(http(answer)) as server, adapter() as spectrum:
            assert isinstance((await add(spectrum, target(server.url), kind)).outcome, Unknown)
        assert len(server.requests) == 1


async def test_a_401_is_not_repeated_and_the_next_line_signs_in_anew() -> None:
    tokens = [
        http(json.dumps({"access_token": name, "expires_in": 3600}), content_type="application/json")
        for name in ("token-one", "token-two")
    ]
    calls = [http("Bearer token-one is spent", "401 Unauthorized"), http(good())]
    paths = {"/connect/token": tokens, f"/ws/{MATERIAL.name}": calls}
    async with raw_server(paths=paths) as server, adapter() as spectrum:
        here = target(server.url, client_secret="s3cret")
        first = await add(spectrum, here)
        assert (server.served["/connect/token"], server.served[f"/ws/{MATERIAL.name}"]) == (1, 1)
        assert isinstance(first.outcome, Unknown)
        assert first.outcome.reason is UnknownReason.UNAUTHENTICATED
        for _ in range(2):
            assert (await add(spectrum, here)).outcome == Accepted()
    posts = [request for request in server.requests if b"/ws/" in request.split(b"\r\n")[0]]
    bearers = [post.partition(b"Authorization: Bearer ")[2].partition(b"\r\n")[0] for post in posts]
    assert bearers == [b"token-one", b"token-two", b"token-two"]
    assert "is spent" in first.answer
    assert "token-one" not in repr(first)
    assert "s3cret" not in repr(first)


async def test_a_token_that_met_no_401_is_kept() -> None:
    token = http(json.dumps({"access_token": "t1", "expires_in": 3600}), content_type="application/json")
    forbidden = http(status="403 Forbidden")
    async with raw_server(forbidden, paths={"/connect/token": [token]}) as server, adapter() as spectrum:
        for _ in range(2):
            await add(spectrum, target(server.url, client_secret="s3cret"))
    assert server.served["/connect/token"] == 1


# --- against the sandbox: the ledger shows what a line did


@pytest.fixture
async def sandbox() -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start() as running:
        running.state.companies["101"].open_work_order("S1001")
        yield running


def target_of(sandbox: SpectrumSandbox, *, enhanced: bool = False) -> SpectrumTarget:
    client = sandbox.state.settings
    secrets = ConnectionSecrets(
        Secret("SANDBOX-101"),
        client.client_id if enhanced else None,
        Secret(client.client_secret) if enhanced else None,
    )
    return SpectrumTarget("con_1", Endpoint.parse(sandbox.url), "101", secrets)


def posts(sandbox: SpectrumSandbox) -> int:
    return sum(call.path.startswith("/ws/") for call in sandbox.requests.calls)


def ledger(sandbox: SpectrumSandbox) -> int:
    return len(sandbox.state.lines_of("101", "S1001"))


@BOTH
@pytest.mark.parametrize(
    ("fault", "outcome", "lines"),
    [
        (Fault(FaultKind.STATUS, status=401), Unknown, 0),
        (Fault(FaultKind.STATUS, status=403), Unknown, 0),
        (Fault(FaultKind.STATUS, status=404), Unknown, 0),
        (Fault(FaultKind.STATUS, status=413), Unknown, 0),
        (Fault(FaultKind.APPLY_THEN_STATUS, status=401), Unknown, 1),
        (Fault(FaultKind.APPLY_THEN_STATUS, status=403), Unknown, 1),
        (Fault(FaultKind.APPLY_THEN_STATUS, status=404), Unknown, 1),
        (Fault(FaultKind.STATUS, status=200), Unknown, 0),
        (Fault(FaultKind.STATUS, status=204), Unknown, 0),
        (Fault(FaultKind.STATUS, status=408), Unknown, 0),
        (Fault(FaultKind.STATUS, status=429), Unknown, 0),
        (Fault(FaultKind.STATUS, status=500), Unknown, 0),
        (Fault(FaultKind.STATUS, status=502), Unknown, 0),
        (Fault(FaultKind.STATUS, status=503), Unknown, 0),
        (Fault(FaultKind.HTML), Unknown, 0),
        (Fault(FaultKind.REDIRECT, text="/ws/AddWOMaterialCost"), Unknown, 0),
        (Fault(FaultKind.SOAP_FAULT, text="server_error"), Unknown, 0),
        (Fault(FaultKind.SOAP_FAULT, text="client_missing"), Refused, 0),
        (Fault(FaultKind.ROWS, text=f"E GUID {TIMED_OUT}"), Refused, 0),
        (Fault(FaultKind.ROWS, text="W - careful"), Accepted, 0),
        (Fault(FaultKind.LOCK, text="S1001"), Refused, 0),
        (Fault(FaultKind.DROP_BEFORE_APPLY), Unknown, 0),
        (Fault(FaultKind.BOMB), Unknown, 0),
        (Fault(FaultKind.DRIP), Unknown, 0),
        (Fault(FaultKind.APPLY_THEN_DROP), Unknown, 1),
        (Fault(FaultKind.TRUNCATE, bytes=0), Unknown, 1),
        (Fault(FaultKind.TRUNCATE, bytes=250), Unknown, 1),
    ],
    ids=lambda value: f"{value.kind}-{value.status}-{value.text}" if isinstance(value, Fault) else None,
)
async def test_whatever_comes_back_one_post_reached_the_server(
    sandbox: SpectrumSandbox, kind: ItemKind, fault: Fault, outcome: type[WriteOutcome], lines: int
) -> None:
    sandbox.faults.add(fault)
    async with adapter(deadline_seconds=2.0 if fault.kind is FaultKind.DRIP else 10.0) as spectrum:
        exchange = await add(spectrum, target_of(sandbox), kind)
    assert isinstance(exchange.outcome, outcome)
    assert posts(sandbox) == 1
    assert ledger(sandbox) == lines
    assert "SANDBOX-101" not in repr(exchange)


@BOTH
async def test_a_line_can_be_applied_after_its_caller_has_given_up(sandbox: SpectrumSandbox, kind: ItemKind) -> None:
    sandbox.faults.add(Fault(FaultKind.APPLY_LATE, seconds=0.2))
    async with adapter() as spectrum:
        outcome = (await add(spectrum, target_of(sandbox), kind)).outcome
    assert isinstance(outcome, Unknown)
    assert ledger(sandbox) == 0
    await asyncio.wait_for(sandbox.requests.wait(0, applied=True), 5)
    assert (posts(sandbox), ledger(sandbox)) == (1, 1)


async def test_a_line_that_outlives_its_time_out_is_still_applied(sandbox: SpectrumSandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.LATENCY, seconds=3.0))
    async with adapter(deadline_seconds=2.0) as spectrum:
        outcome = (await add(spectrum, target_of(sandbox))).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.TIMEOUT
    await asyncio.wait_for(sandbox.requests.wait(0, applied=True), 10)
    assert (posts(sandbox), ledger(sandbox)) == (1, 1)


async def test_a_fault_that_lasts_meets_every_line(sandbox: SpectrumSandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/AddWO", times=-1))
    async with adapter() as spectrum:
        for number in range(1, 6):
            assert isinstance((await add(spectrum, target_of(sandbox), KINDS[number % 2])).outcome, Unknown)
            assert (posts(sandbox), ledger(sandbox)) == (number, number)
        sandbox.faults.clear()
        assert isinstance((await add(spectrum, target_of(sandbox))).outcome, Accepted)


async def test_a_fault_with_a_chance_meets_a_share_of_the_lines(sandbox: SpectrumSandbox) -> None:
    numbers = iter([0.29, 0.31, 0.99, 0.0, 0.3])
    sandbox.faults.draw = lambda: next(numbers)
    sandbox.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match="/ws/AddWO", times=-1, chance=0.3))
    async with adapter() as spectrum:
        outcomes = [type((await add(spectrum, target_of(sandbox))).outcome) for _ in range(5)]
    assert outcomes == [Unknown, Accepted, Accepted, Unknown, Accepted]
    assert ledger(sandbox) == 3


@pytest.mark.parametrize("chance", [0, -0.1, 1.1, float("nan")])
def test_a_chance_is_a_share(chance: float) -> None:
    with pytest.raises(ValueError, match="chance"):
        Fault(FaultKind.HTML, chance=chance)
    assert Fault.from_json({"kind": "html", "chance": 0.5}).chance == 0.5


async def test_a_guid_of_yesterday_is_not_renewed_for_a_line(sandbox: SpectrumSandbox) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    sandbox.state.guids["old"] = GuidUse(authorization="SANDBOX-101", last_used=long_ago)
    async with SoapSpectrum(allowed_networks=LOOPBACK, new_guid=lambda: "old") as spectrum:
        outcome = (await add(spectrum, target_of(sandbox))).outcome
    assert isinstance(outcome, Refused)
    assert (posts(sandbox), ledger(sandbox)) == (1, 0)


async def test_without_a_token_no_line_leaves(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.enhanced_auth = True
    sandbox.state.settings.secret_expired = True
    async with adapter() as spectrum:
        outcome = (await add(spectrum, target_of(sandbox, enhanced=True))).outcome
    assert isinstance(outcome, NotSent)
    assert (posts(sandbox), ledger(sandbox)) == (0, 0)


async def test_lines_are_listed_in_the_order_of_their_posting(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.success = "rows"
    sandbox.state.companies["101"].open_work_order("S2")
    keys = []
    async with adapter() as spectrum:
        for kind in (*KINDS, *KINDS):
            outcome = (await add(spectrum, target_of(sandbox), kind)).outcome
            assert isinstance(outcome, Accepted)
            keys.append(outcome.returned[0].text)
        fields = {**FIELDS[ItemKind.MATERIAL], "WO_Number": "S2"}
        await spectrum.add_line(target_of(sandbox), ItemKind.MATERIAL, fields, leave_by=NO_LIMIT)
    lines = sandbox.state.lines_of("101", "S1001")
    assert [service for service, _ in lines] == [LINES[kind] for kind in (*KINDS, *KINDS)]
    assert [line.system_key for _, line in lines] == keys
    assert len(sandbox.state.lines_of("101", "S2")) == 1
    assert all(line.at <= datetime.now(UTC) for _, line in lines)


async def test_a_key_is_not_given_twice_after_a_line_was_deleted(sandbox: SpectrumSandbox) -> None:
    company = sandbox.state.companies["101"]
    async with adapter() as spectrum:
        for _ in range(3):
            await add(spectrum, target_of(sandbox))
        del company.material[0]
        await add(spectrum, target_of(sandbox))
    keys = [line.system_key for line in company.material]
    assert len(set(keys)) == 3


# --- money


@st.composite
def _amounts(draw: st.DrawFn) -> tuple[ItemKind, dict[str, str]]:
    """Each numeric field of a kind, to the last digit that it can hold, as plain text."""
    kind = draw(st.sampled_from(KINDS))
    amounts = {}
    for name in WHOLE_DIGITS.keys() & LINE_LENGTHS[kind].keys():
        most = 10 ** (WHOLE_DIGITS[name] + 2) - 1
        amounts[name] = plain(Decimal(draw(st.integers(-most, most))).scaleb(-2))
    return kind, amounts


@given(st.lists(_amounts(), min_size=1, max_size=10))
@settings(max_examples=15)
def test_money_arrives_to_the_cent(lines: list[tuple[ItemKind, dict[str, str]]]) -> None:
    stored = asyncio.run(_stored(lines))
    for (kind, amounts), fields in zip(lines, stored, strict=True):
        assert {name: fields[name] for name in amounts} == amounts, kind
        assert {name: Decimal(fields[name]) for name in amounts} == {n: Decimal(t) for n, t in amounts.items()}


async def _stored(lines: list[tuple[ItemKind, dict[str, str]]]) -> list[dict[str, str]]:
    async with SpectrumSandbox.start() as sandbox, adapter() as spectrum:
        sandbox.state.companies["101"].open_work_order("S1001")
        for kind, amounts in lines:
            fields = {**FIELDS[kind], **amounts}
            exchange = await spectrum.add_line(target_of(sandbox), kind, fields, leave_by=NO_LIMIT)
            assert exchange.outcome == Accepted(), exchange
        return [line.fields for _, line in sandbox.state.lines_of("101", "S1001")]


@given(_amounts())
@settings(max_examples=200)
def test_money_stands_in_the_envelope_as_it_was_given(line: tuple[ItemKind, dict[str, str]]) -> None:
    kind, amounts = line
    (call,) = etree.fromstring(build(LINES[kind], {**FIELDS[kind], **amounts}))[0]
    assert {name: call.findtext(name) for name in amounts} == amounts
