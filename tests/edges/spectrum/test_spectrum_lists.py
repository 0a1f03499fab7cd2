"""Lists out of foreign answers: every spelling is read, what is not clearly whole never counts as whole."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator, Mapping, Sequence

import pytest

from adapters.outbound.spectrum.lists.list_reader import MOST_CODES, ListReader
from adapters.outbound.spectrum.transport import NoMore
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import ListQuestion, ListRead
from core.model.mappings.listed_code import ListedCode, ListTrouble
from tests.support.spectrum_scene import (
    AUTHORIZATION_ID,
    Behaviour,
    envelope,
    fault,
    http,
    raw_server,
    spectrum,
    target,
)

CUSTOMER, ITEM = AliasKind.CUSTOMER, AliasKind.ITEM
UNREADABLE = ListTrouble.UNREADABLE
ROW = {"Company_Code": " A1", "Customer_Code": "   HARVIEW", "Name": "Harborview Foods   ", "Status": "Active"}
ITEM_ROW = {"Item_Code": "CV4G", "Item_Description": "Check valve", "Sell_Unit_Of_Measure": "EA"}
HARVIEW = ListedCode(kind=CUSTOMER, code="HARVIEW", name="Harborview Foods")


def listing(*rows: Mapping[str, str], service: str = "GetCustomers") -> str:
    cells = ("".join(f"<{name}>{text}</{name}>" for name, text in row.items()) for row in rows)
    responses = "".join(f"<response>{row}</response>" for row in cells)
    return envelope(
        f'<n:{service}Response xmlns:n="http://www.northgate-is.com/proiv/webservices/types"><returnArray><returnData>'
        f"<{service}>{responses}</{service}></returnData></returnArray></n:{service}Response>"
    )


def error_row(code: str, text: str = "No", column: str = "") -> Mapping[str, str]:
    return {"Error_Code": code, "Error_Description": text, "Error_Column": column}


async def read(
    body: bytes | str, kind: AliasKind = CUSTOMER, *, piece: int = 1 << 20, cut: str = "", **head: str
) -> tuple[ListRead, list[ListedCode]]:
    """What the reader makes of an answer that arrives in pieces."""
    content = body.encode() if isinstance(body, str) else body
    codes: list[ListedCode] = []

    async def take(some: Sequence[ListedCode]) -> None:
        codes.extend(some)

    reader = ListReader(kind, "A1", take)
    headers = {"Content-Type": "text/xml; charset=utf-8", **{key.replace("_", "-"): told for key, told in head.items()}}
    for start in range(0, len(content), piece):
        try:
            await reader.feed(headers, content[start : start + piece])
        except NoMore:
            break
    return await reader.end(cut), codes


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 20])
async def test_a_list_is_the_same_in_pieces_of_any_length(piece: int) -> None:
    rows = [{**ROW, "Name": "M&#252;ller &amp; S\u00f6hne \u20ac"}, {**ROW, "Customer_Code": "B&#1;2"}]
    result, codes = await read(listing(*rows), piece=piece)
    assert result == ListRead(rows=2)
    assert [(one.code, one.name) for one in codes] == [
        ("HARVIEW", "M\u00fcller & S\u00f6hne \u20ac"),
        ("B 2", "Harborview Foods"),
    ]


@pytest.mark.parametrize("rows", [[], [ROW], [ROW, {**ROW, "Customer_Code": "B"}]])
async def test_a_list_that_is_cut_at_any_byte_is_never_whole(rows: list[Mapping[str, str]]) -> None:
    body = listing(*rows).encode()
    for end in range(len(body)):
        result, codes = await read(body[:end])
        assert result.trouble is UNREADABLE, body[:end]
        assert result.detail
        assert result.rows == len(codes) <= len(rows)
    assert (await read(body))[0].whole


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_compressed_list_is_read_and_never_whole_if_it_is_cut(pack) -> None:  # type: ignore[no-untyped-def]
    packed = pack(listing(*({**ROW, "Customer_Code": f"C{number}"} for number in range(50))).encode())
    encoding = "gzip" if pack is gzip.compress else "deflate"
    assert (await read(packed, piece=100, Content_Encoding=encoding))[0] == ListRead(rows=50)
    for end in range(len(packed)):
        assert (await read(packed[:end], Content_Encoding=encoding))[0].trouble is UNREADABLE


async def test_the_rows_before_the_missing_end_are_read_and_told() -> None:
    result, codes = await read(listing(ROW)[: -len("</s:Body></s:Envelope>")])
    assert codes == [HARVIEW]
    assert result.trouble is UNREADABLE
    assert "The 1 codes before that were read" in result.detail


async def test_an_answer_that_the_network_cut_is_not_whole_even_if_it_looks_so() -> None:
    result, codes = await read(listing(ROW), cut="The connection ended in the middle of the answer.")
    assert (result.trouble, codes) == (UNREADABLE, [HARVIEW])
    assert result.detail.startswith("The connection ended")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-16", "utf-16"), ("utf-8-sig", "utf-8"), ("cp1252", "iso-8859-1"), ("cp1252", "utf-8"), ("iso8859-5", "")],
)
async def test_every_character_set_is_read(encoding: str, declared: str) -> None:
    name = "\u041e\u041e\u041e" if encoding == "iso8859-5" else "M\u00fcller"
    text = listing({**ROW, "Name": name}).replace("UTF-8", declared or "iso-8859-5")
    result = await read(text.encode(encoding), piece=3, Content_Type="text/xml")
    assert [one.name for one in result[1]] == [name]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "OK",
        "<html><body>Sign in</body></html>",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + listing(ROW).partition("?>")[2],
        listing(ROW, service="GetVendors"),
        listing(ROW) + "more",
        listing(ROW).replace("<returnArray>", '<returnArray href="#1">'),
        listing(ROW).replace("</response>", "<response><a>b</a></response></response>"),
        listing(ROW).replace("<Name>Harborview", "<Name><b>x</b>Harborview"),
        listing({**ROW, "NAME": "twice"}),
        listing({f"Column{number}": "x" for number in range(400)}),
        listing(ROW).replace("</s:Body>", "</s:Body><s:Body/>"),
        envelope("<n>" * 60 + "</n>" * 60),
    ],
)
async def test_what_is_no_list_is_unreadable(body: str) -> None:
    result, _ = await read(body)
    assert result.trouble is UNREADABLE
    assert result.detail


@pytest.mark.parametrize(
    ("rows", "trouble", "says"),
    [
        ([error_row("A", "Authorization ID may not use GetCustomers")], ListTrouble.NOT_ALLOWED, "may not use"),
        ([error_row("I", "Company does not exist", "pCompany_Code")], UNREADABLE, "Company does not exist"),
        ([error_row("Q", "?")], UNREADABLE, "Q"),
        ([ROW, error_row("A", "No")], UNREADABLE, "No"),
        ([ROW, error_row("W", "First 500 rows only")], ListTrouble.ROW_LIMIT, "First 500 rows only"),
        ([{**ROW, **error_row("W", "More rows")}], ListTrouble.ROW_LIMIT, "More rows"),
        ([{**ROW, "Company_Code": "B7"}], UNREADABLE, "1 rows have no readable code of this company"),
        ([{**ROW, "Customer_Code": "X" * 11}], UNREADABLE, "no readable code"),
        ([{"Name": "Nobody"}], UNREADABLE, "no readable code"),
    ],
)
async def test_an_unclear_list_says_what_is_wrong(
    rows: list[Mapping[str, str]], trouble: ListTrouble, says: str
) -> None:
    result, _ = await read(listing(*rows))
    assert result.trouble is trouble
    assert says in result.detail


@pytest.mark.parametrize(
    ("rows", "cut"), [(494, False), (495, True), (500, True), (505, True), (506, False), (1000, True), (1001, False)]
)
async def test_as_many_rows_as_a_limit_has_may_have_been_cut(rows: int, cut: bool) -> None:
    result, codes = await read(listing(*({**ROW, "Customer_Code": f"C{number}"} for number in range(rows))))
    assert (result.trouble, len(codes)) == (ListTrouble.ROW_LIMIT if cut else None, rows)


async def test_an_empty_row_says_nothing() -> None:
    assert await read(listing(ROW, dict.fromkeys(ROW, " "), error_row(""))) == (ListRead(rows=1), [HARVIEW])


async def test_a_code_that_comes_twice_is_taken_once_in_whatever_case() -> None:
    result, codes = await read(listing(ROW, {**ROW, "Customer_Code": "harview", "Name": "Another"}))
    assert (result, codes) == (ListRead(rows=1), [HARVIEW])


async def test_names_of_columns_are_compared_without_regard_to_case() -> None:
    rows = listing({key.upper(): text for key, text in ROW.items()}).replace("returnArray", "RETURNARRAY")
    assert (await read(rows))[1] == [HARVIEW]


async def test_foreign_texts_are_made_harmless() -> None:
    name = f"Line&#10;two\u202e\u0085{'x' * 100_000}"
    _, [code] = await read(listing({**ROW, "Name": name}))
    assert code.name.startswith("Line two  x")
    assert len(code.name) == 100


@pytest.mark.parametrize(
    ("column", "text", "active"),
    [("Status", "Inactive", False), ("Status", "Not Used", None), ("Status", "", None), ("Status", "active", True)],
)
async def test_the_status_of_a_customer(column: str, text: str, active: bool | None) -> None:
    assert (await read(listing({**ROW, column: text})))[1][0].active is active


@pytest.mark.parametrize(("flag", "active"), [("A", True), ("D", False), ("N", None), ("", None)])
async def test_the_status_of_an_item(flag: str, active: bool | None) -> None:
    row = {**ITEM_ROW, "Status_Discontinue_Flag": flag, "Item_Category": " VALV"}
    result, [code] = await read(listing(row, service="GetInventoryItems"), ITEM)
    assert code == ListedCode(kind=ITEM, code="CV4G", name="Check valve", unit="EA", active=active)
    assert result.categories == {"VALV"}


@pytest.mark.parametrize("kind", [CUSTOMER, ITEM])
async def test_the_fault_of_a_missing_service_is_told(kind: AliasKind) -> None:
    service = "GetCustomers" if kind is CUSTOMER else "GetInventoryItems"
    result, _ = await read(fault("Client", f"could not find WebService named {service}"), kind)
    assert result.trouble is ListTrouble.NO_SERVICE
    result, _ = await read(fault("Server", "Error executing Web Service"), kind)
    assert (result.trouble, "Error executing" in result.detail) == (UNREADABLE, True)


# --- over the network


async def over_the_network(answer: Behaviour, kind: AliasKind = CUSTOMER) -> tuple[ListRead, list[ListedCode]]:
    codes: list[ListedCode] = []

    async def take(some: Sequence[ListedCode]) -> None:
        codes.extend(some)

    async with raw_server(answer) as server, spectrum() as system:
        return await system.read_list(target(server.url), kind, take), codes


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (http(listing(ROW)), None),
        (http(fault("Client", "could not find WebService named GetCustomers"), "500 Error"), ListTrouble.NO_SERVICE),
        (http("", "404 Not Found"), ListTrouble.NO_SERVICE),
        (http(listing(error_row("A")), "500 Error"), ListTrouble.NOT_ALLOWED),
        (http(listing(ROW), "503 Away"), UNREADABLE),
        (http("", "401 Sign in"), UNREADABLE),
        (http("", "302 Found", Location="https://x.example.com/"), UNREADABLE),
        (http(listing(ROW))[:-40], UNREADABLE),
        (b"", UNREADABLE),
    ],
)
async def test_every_end_of_a_call_has_its_meaning(answer: bytes, trouble: ListTrouble | None) -> None:
    result, _ = await over_the_network(answer)
    assert result.trouble is trouble
    assert bool(result.detail) is bool(trouble)


async def test_a_spectrum_that_is_away_is_told() -> None:
    async def take(_: Sequence[ListedCode]) -> None: ...

    async with raw_server(b"") as server:
        address = target(server.url)
    async with spectrum() as system:
        result = await system.read_list(address, CUSTOMER, take)
    assert (result.trouble, result.rows) == (UNREADABLE, 0)


async def test_no_secret_is_in_what_a_list_says() -> None:
    result, _ = await over_the_network(http(listing(error_row("A", f"{AUTHORIZATION_ID} is wrong"))))
    assert AUTHORIZATION_ID not in repr(result)


async def test_at_most_three_readings_of_an_endpoint_run_at_a_time() -> None:
    running, most, released = 0, 0, asyncio.Event()

    async def hold(writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            released.set()
        await released.wait()
        running -= 1
        writer.write(http(listing(ROW)))
        await writer.drain()

    async def take(_: Sequence[ListedCode]) -> None: ...

    async with raw_server(hold) as server, spectrum() as system:
        reads = [system.read_list(target(server.url), CUSTOMER, take) for _ in range(7)]
        assert all(one.whole for one in await asyncio.gather(*reads))
    assert (server.connections, most) == (7, 3)


async def test_a_reading_with_an_end_does_not_wait_longer_for_its_turn() -> None:
    """The test of a connection: the lists of others at the same address may be read for minutes."""
    running, released = asyncio.Semaphore(0), asyncio.Event()

    async def hold(writer: asyncio.StreamWriter) -> None:
        running.release()
        await released.wait()
        writer.write(http(listing(ROW)))
        await writer.drain()

    async with raw_server(hold) as server, spectrum() as system:
        place, read_list = target(server.url), system._read_list
        others = [asyncio.create_task(system.read_list(place, CUSTOMER, _nothing)) for _ in range(3)]
        for _ in others:
            await running.acquire()
        until = asyncio.get_running_loop().time() + 0.1
        late = await read_list(place, CUSTOMER, _nothing, ListQuestion(), until=until)
        released.set()
        assert all(one.whole for one in await asyncio.gather(*others))
        assert (await system.read_list(place, CUSTOMER, _nothing)).whole
    assert (late.trouble, "Other readings" in late.detail) == (UNREADABLE, True)


async def test_a_large_list_is_read_in_little_memory() -> None:
    """What is kept grows with the codes alone, not with the answer, which is 4 MB long here."""

    def answer() -> Iterator[bytes]:
        start, end = listing(service="GetInventoryItems").encode().split(b"<GetInventoryItems>")[0:2]
        yield start + b"<GetInventoryItems>"
        filler = "".join(f"<Price_List{place}>0.00</Price_List{place}>" for place in range(1, 25))
        for number in range(3_001):
            yield f"<response><Item_Code>P{number}</Item_Code>{filler}</response>".encode()
        yield end

    rows, head = 0, {"Content-Type": "text/xml"}

    async def take(some: Sequence[ListedCode]) -> None:
        nonlocal rows
        rows += len(some)

    reader = ListReader(ITEM, "A1", take)
    tracemalloc.start()
    try:
        for piece in answer():
            await reader.feed(head, piece)
        result, (_, peak) = await reader.end(""), tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (result.whole, rows) == (True, 3_001)
    assert peak < 1_500_000


async def test_there_is_a_limit_to_the_bytes_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.outbound.spectrum.lists.list_reader.MOST_BYTES", 2_000)
    result, _ = await read(listing(*({**ROW, "Customer_Code": f"C{number}"} for number in range(99))), piece=500)
    assert (result.trouble, "larger than" in result.detail) == (UNREADABLE, True)


async def test_there_is_a_limit_to_the_codes_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_CODES > 100_000
    monkeypatch.setattr("adapters.outbound.spectrum.lists.list_reader.MOST_CODES", 5)
    result, codes = await read(listing(*({**ROW, "Customer_Code": f"C{number}"} for number in range(9))))
    assert (result.trouble, len(codes)) == (UNREADABLE, 5)


HEAD, TAIL = envelope("|").encode().split(b"|")
HOSTILE: Mapping[str, tuple[bytes, bytes]] = {
    "an endless tag": (HEAD + b"<n ", b' a="1"'),
    "an endless comment": (HEAD + b"<!--", b" x"),
    "an endless text": (HEAD + b"<n>", b"x "),
    "no XML": (b"x", b"x"),
    "elements without end": (HEAD, b"<a>"),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_an_answer_without_end_is_not_read_on(what: str) -> None:
    start, more = HOSTILE[what]
    reader, head = ListReader(CUSTOMER, "A1", _nothing), {"Content-Type": "text/xml"}
    with pytest.raises(NoMore):
        for piece in (start, *[more * (65_536 // len(more))] * 8):
            await reader.feed(head, piece)
    assert (await reader.end("")).trouble is UNREADABLE


async def test_the_call_of_an_answer_that_cannot_be_read_ends_before_its_last_byte() -> None:
    closed = asyncio.Event()

    async def stream(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            closed.set()

    async with raw_server(stream) as server, spectrum() as system:
        async with asyncio.timeout(5):
            result = await system.read_list(target(server.url), CUSTOMER, _nothing)
            await closed.wait()
    assert (result.trouble, "not XML" in result.detail) == (UNREADABLE, True)


@pytest.mark.parametrize("inside", ["fault", "answer", "namespaces", "instructions"])
async def test_names_that_are_always_new_end_the_reading(inside: str) -> None:
    """libxml2 keeps every name that it has seen, so such answers would fill the memory for good."""
    made = {
        "fault": "<a{0}/>",
        "answer": "<response><a{0}/></response>",
        "namespaces": '<response xmlns:a{0}="u{0}"/>',
        "instructions": "<?a{0} ?>",
    }[inside]
    content = "".join(made.format(number) for number in range(1_000))
    body = f"<s:Fault>{content}</s:Fault>" if inside == "fault" else ""
    prefix = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    start = listing().replace("</GetCustomers>", f"{content}</GetCustomers>")
    result, _ = await read(f"<s:Envelope {prefix}><s:Body>{body}</s:Body></s:Envelope>" if body else start)
    assert result.trouble is UNREADABLE
    assert "names of elements" in result.detail or inside == "fault"


async def test_what_follows_a_compressed_answer_is_not_kept() -> None:
    reader, head = ListReader(CUSTOMER, "A1", _nothing), {"Content-Type": "text/xml"}
    await reader.feed(head, gzip.compress(listing(ROW).encode()))
    tracemalloc.start()
    try:
        for _ in range(100):
            await reader.feed(head, bytes(65_536))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000
    assert (await reader.end("")).whole


async def test_bytes_that_unpack_to_nothing_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.outbound.spectrum.lists.list_reader.MOST_BYTES", 2_000)
    packed = zlib.compressobj(wbits=31)
    start = packed.compress(b"<") + packed.flush(zlib.Z_FULL_FLUSH)
    result, _ = await read(start + b"\0\0\0\xff\xff" * 1_000, piece=500)
    assert "larger than" in result.detail


async def _nothing(_: Sequence[ListedCode]) -> None: ...
