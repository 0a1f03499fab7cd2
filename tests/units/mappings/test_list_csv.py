"""A list of codes as somebody exported it: what is found out by itself, what people choose, and what is refused."""

from __future__ import annotations

import pytest

from core.model.mappings.alias import AliasKind
from core.model.mappings.list_csv import MOST_BYTES, MOST_ROWS, read_list_csv
from core.model.mappings.listed_code import ListedCode, ListedFrom

TEXT = "Site No{0}Site Name{0}Status{0}Zip\r\nHV-1{0}Ångström{0}A{0}94607\r\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")]
)
def test_character_set_separator_and_columns_are_found_out(separator: str, encoding: str, said: str) -> None:
    file = read_list_csv(TEXT.format(separator).encode(encoding), AliasKind.SITE)
    assert (file.encoding, file.separator) == (said, separator)
    assert file.columns == {"code": "Site No", "name": "Site Name", "active": "Status", "postal_code": "Zip"}
    assert file.codes == [
        ListedCode(
            kind=AliasKind.SITE, code="HV-1", name="Ångström", postal_code="94607", listed_from=ListedFrom.IMPORTED
        )
    ]


def test_every_row_that_cannot_be_read_is_named_by_line_and_column() -> None:
    rows = ["code,name", "HV-1,North", "", ",nobody", "hv-1,again", '"HV-2","two\nlines"', "ELEVENSIGNS,x", "HV-3"]
    file = read_list_csv("\n".join(rows).encode(), AliasKind.SITE)
    assert [one.code for one in file.codes] == ["HV-1", "HV-2", "HV-3"]
    assert [(one.line, one.column, one.detail) for one in file.wrong] == [
        (4, "code", "the code is empty"),
        (5, "code", "the site hv-1 is already in line 2"),
        (8, "code", "the code ELEVENSIGNS has 11 characters; Spectrum takes at most 10"),
    ]
    assert file.codes[1].name == "two lines"


def test_an_unknown_word_for_the_status_is_a_wrong_cell_and_not_inactive() -> None:
    file = read_list_csv(b"Site Code,Status\nA,Active\nB,closed\nC,On file\nD,\n", AliasKind.SITE)
    assert [(one.code, one.active) for one in file.codes] == [("A", True), ("B", False), ("D", True)]
    assert [(one.line, one.column, one.detail) for one in file.wrong] == [
        (4, "Status", "the status On file is unknown; write active or inactive")
    ]


def test_a_cell_guarded_against_formulas_is_read_as_it_was() -> None:
    file = read_list_csv(b"code,name\n'-1,'=SUM\n", AliasKind.ITEM)
    assert (file.codes[0].code, file.codes[0].name) == ("-1", "=SUM")


def test_chosen_columns_count_and_stand_in_the_fingerprint() -> None:
    content = b"A,B\nHV-1,North\n"
    assert [one.detail for one in read_list_csv(content, AliasKind.SITE).wrong] == [
        "does not say which column holds the code; name it"
    ]
    one, two = (read_list_csv(content, AliasKind.SITE, {"code": name}) for name in "AB")
    assert (one.codes[0].code, two.codes[0].code) == ("HV-1", "North")
    prints = {
        one.fingerprint,
        two.fingerprint,
        read_list_csv(content + b"X,Y\n", AliasKind.SITE, {"code": "A"}).fingerprint,
    }
    prints.add(read_list_csv(content, AliasKind.CONTRACT, {"code": "A"}).fingerprint)
    assert len(prints) == 4
    assert "has no column C" in read_list_csv(content, AliasKind.SITE, {"code": "C"}).wrong[0].detail


@pytest.mark.long
def test_a_hundred_thousand_rows_are_read_and_more_are_refused() -> None:
    rows = [b"code", *(b"S%d" % number for number in range(MOST_ROWS))]
    assert len(read_list_csv(b"\n".join(rows), AliasKind.SITE).codes) == MOST_ROWS
    assert "more than 100,000 rows" in read_list_csv(b"\n".join([*rows, b"S"]), AliasKind.SITE).wrong[0].detail
    assert "bytes; divide it" in read_list_csv(b"x" * (MOST_BYTES + 1), AliasKind.SITE).wrong[0].detail


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"code\n\0", b'code\n"open', b"\x00" * 9, b"code"])
def test_what_is_no_list_has_no_codes(content: bytes) -> None:
    assert not read_list_csv(content, AliasKind.SITE).codes


@pytest.mark.parametrize("header", [b"code" + b"," * 100_000, b"code," + b"x" * 500])
def test_a_file_with_more_columns_than_any_list_is_refused_at_once(header: bytes) -> None:
    """Its columns are shown, and each is looked for by many names."""
    file = read_list_csv(header + b"\nHV0001\n", AliasKind.SITE)
    assert (file.header, file.codes) == ((), ())
    assert "columns" in file.wrong[0].detail
