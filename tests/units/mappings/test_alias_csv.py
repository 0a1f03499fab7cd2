"""Aliases as CSV: what is written comes back, no cell is a formula, and every wrong cell is named."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.mappings.alias import LONGEST_CODE, LONGEST_NAME, AliasEntry, AliasKind
from core.model.mappings.alias_csv import MOST_BYTES, MOST_ROWS, read_csv, write_csv

HEADER = b"kind,servicetrade_id,name,code\n"
ONE = AliasEntry(AliasKind.CUSTOMER, "2274011", "Harborview", "HARVIEW")

_starts = st.text("'=+-@;,\"", max_size=3)
_names = st.builds(str.__add__, _starts, st.text(max_size=20).filter(str.isprintable))
_ascii = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
_codes = st.builds(str.__add__, _starts, st.text(_ascii, max_size=7)).filter(
    lambda text: text != "" and text == text.strip()
)
_ids = st.integers(1, 10**16 - 1).map(str)
_lists = st.lists(
    st.builds(AliasEntry, st.sampled_from(AliasKind), _ids, _names, _codes), max_size=8, unique_by=lambda one: one.key
)


def wrong(content: bytes) -> list[tuple[int, str]]:
    return [(cell.line, cell.column) for cell in read_csv(content).wrong]


@given(_lists)
def test_what_is_written_is_read_back_as_it_was(entries: list[AliasEntry]) -> None:
    read = read_csv(write_csv(entries).encode())
    assert (list(read.wrong), list(read.entries)) == ([], entries)


@given(_lists)
def test_no_written_cell_begins_like_a_formula(entries: list[AliasEntry]) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(entries), newline="")))
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_named_as_wrong(content: bytes) -> None:
    read = read_csv(HEADER + content)
    assert all(cell.line >= 1 and cell.detail for cell in read.wrong)


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"customer,2274011,Harborview,HARVIEW\n",
        b"\xef\xbb\xbf" + HEADER + b"customer,2274011,Harborview,HARVIEW\n",
        b"kind;servicetrade_id;name;code\r\ncustomer;2274011;Harborview;HARVIEW\r\n",
        b'"kind";"servicetrade_id";"name";"code"\r\n"customer";"2274011";"Harborview";"HARVIEW"',
        b"KIND, servicetrade_id ,Name,Code\n Customer , 2274011 ,Harborview, HARVIEW \n\n,,,\n",
        HEADER.replace(b"\n", b"\r") + b"customer,2274011,Harborview,HARVIEW\r",
    ],
    ids=["plain", "BOM", "semicolons and CRLF", "quoted, no last line end", "blanks and empty rows", "CR"],
)
def test_what_spreadsheets_write_is_read(content: bytes) -> None:
    read = read_csv(content)
    assert (list(read.entries), list(read.wrong)) == ([ONE], [])


def test_quotes_hold_separators_quotes_and_letters() -> None:
    read = read_csv(HEADER + 'site,5,"Müller; ""Werk"", Halle 2",AB\n'.encode())
    assert (list(read.wrong), [one.name for one in read.entries]) == ([], ['Müller; "Werk", Halle 2'])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("company,1,x,A", "kind"),
        (",1,x,A", "kind"),
        ("site,,x,A", "servicetrade_id"),
        ("site,0,x,A", "servicetrade_id"),
        ("site,012,x,A", "servicetrade_id"),
        ("site,2.27402E+15,x,A", "servicetrade_id"),
        ("site,12345678901234567,x,A", "servicetrade_id"),
        ("site,\u0661\u0662,x,A", "servicetrade_id"),
        ('site,1,"a\nb",A', "name"),
        (f"site,1,{'x' * (LONGEST_NAME + 1)},A", "name"),
        ("site,1,x,", "code"),
        ("site,1,x,   ", "code"),
        ("site,1,x,ABCDEFGHIJK", "code"),
        ("site,1,x,HÄ", "code"),
        ("site,1,x", ""),
        ("site,1,x,A,B", ""),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(row: str, column: str) -> None:
    content = HEADER + b'site,8,"two\nlines",OK\n'.replace(b"\n", b" ", 1) + f"{row}\ncontract,9,x,OK\n".encode()
    assert wrong(content) == [(3, column)]


def test_every_wrong_cell_of_every_row_is_named_where_its_row_begins() -> None:
    content = HEADER + b'x,y,"a\nb",\nsite,1,fine,A\nsite,q,fine,\n'
    assert wrong(content) == [
        (2, "kind"),
        (2, "servicetrade_id"),
        (2, "name"),
        (2, "code"),
        (5, "servicetrade_id"),
        (5, "code"),
    ]


def test_a_record_that_stands_twice_is_named_with_its_first_line() -> None:
    read = read_csv(HEADER + b"site,1,x,A\ncustomer,1,x,A\nsite,1,x,A\n")
    assert [(cell.line, cell.column) for cell in read.wrong] == [(4, "servicetrade_id")]
    assert "line 2" in read.wrong[0].detail


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"site,1,x,A\n", 1),
        (b"kind,servicetrade_id,code\nsite,1,A\n", 1),
        (b"\n" + HEADER, 1),
        (HEADER + b"site,1,x,A\nsite,2,caf\xe9,A\n", 3),
        (HEADER + b'site,1,x,A\nsite,2,"open,A\nsite,3,x,A\n', 3),
        (HEADER + b'site,1,"x"y,A\n', 2),
        ("kind,servicetrade_id,name,code\nsite,1,x,A\n".encode("utf-16"), 1),
        (HEADER + b"site,1,x,A\n" + b" " * MOST_BYTES, 1),
    ],
    ids=["empty", "no header", "a column less", "header late", "latin-1", "open quote", "after quote", "utf-16", "big"],
)
def test_a_file_that_cannot_be_taken_has_one_thing_wrong(content: bytes, line: int) -> None:
    assert wrong(content) == [(line, "")]
    assert not read_csv(content).entries


def test_as_many_rows_as_are_promised_and_no_more() -> None:
    rows = b"".join(b"site,%d,x,A\n" % n for n in range(1, MOST_ROWS + 1))
    read = read_csv(HEADER + rows)
    assert (len(read.entries), list(read.wrong)) == (MOST_ROWS, [])
    assert wrong(HEADER + rows + b"customer,1,x,A\n") == [(MOST_ROWS + 2, "")]


def test_an_apostrophe_that_somebody_typed_stays_where_it_guards_nothing() -> None:
    read = read_csv(HEADER + b"site,1,'n Huis,A\nsite,2,'=SUM,'-A\n")
    assert [(one.name, one.code) for one in read.entries] == [("'n Huis", "A"), ("=SUM", "-A")]


@pytest.mark.parametrize("kind", AliasKind)
def test_a_code_may_be_as_long_as_spectrums_field(kind: AliasKind) -> None:
    longest = b"A" * LONGEST_CODE[kind]
    row = HEADER + kind.encode() + b",1,x,"
    assert (wrong(row + longest), wrong(row + longest + b"A")) == ([], [(2, "code")])
