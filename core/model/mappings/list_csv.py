"""A list of codes as somebody exported it from Spectrum: its encoding, its separator and its columns are found out."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core.model.mappings.alias import LONGEST_CODE, AliasKind, WrongCell
from core.model.mappings.listed_code import ListedCode, ListedFrom, tidy
from core.model.shared.csv_cells import unguarded

MOST_ROWS = 100_000
MOST_BYTES = 25_000_000
MOST_COLUMNS, LONGEST_HEADING = 500, 200
MOST_WRONG = 1000
"""So many wrong cells are named; further ones are counted."""
_SEPARATORS = ",;\t|"
_ACTIVE = {
    **dict.fromkeys(("", "a", "y", "yes", "active", "true", "1", "open", "current"), True),
    **dict.fromkeys(("i", "n", "no", "inactive", "false", "0", "closed", "discontinued", "deleted", "d"), False),
}
"""Words of the column for the status. Any other one is a wrong cell: it may mean either."""
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("code", "{kind}code", "{kind}", "{kind}number", "{kind}no", "{kind}id", "number", "id"),
        "name": ("name", "{kind}name", "description", "{kind}description", "desc"),
        "active": ("active", "status", "{kind}status", "activeflag"),
        "street": ("street", "address", "address1", "addressline1", "{kind}address"),
        "city": ("city", "{kind}city", "town"),
        "state": ("state", "{kind}state", "province"),
        "postal_code": ("postalcode", "zip", "zipcode", "postcode"),
        "phone": ("phone", "phonenumber", "telephone", "phone1"),
        "customer_code": ("customercode", "customer", "billcustomer", "billcustomercode", "customernumber"),
        "site_code": ("sitecode", "site", "sitenumber", "jobnumber"),
        "unit": ("unit", "unitofmeasure", "um", "uom"),
    }
)
LIST_COLUMNS = tuple(_NAMES)
"""What a file can tell of a code; only the code is needed."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file holds. `columns` are the names of its columns by what each tells; `header` are all of them. `wrong`
    names the cells of rows that cannot be read, or what is wrong with the whole file: then it has no codes.
    `fingerprint` is the same only for the same bytes, kind and columns."""

    header: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""
    codes: Sequence[ListedCode] = ()
    wrong: Sequence[WrongCell] = ()
    wrong_rows: int = 0
    fingerprint: str = ""


def read_list_csv(content: bytes, kind: AliasKind, columns: Mapping[str, str] | None = None) -> ListFile:
    """Read a file. `columns` names the columns of LIST_COLUMNS; without it, they are found by their headings."""
    if len(content) > MOST_BYTES:
        return _refused(f"the file has more than {MOST_BYTES:,} bytes; divide it")
    text, encoding = _decoded(content)
    if "\0" in text:
        return _refused("is no text: it holds NUL characters")
    separator = _separator(text)
    rows = _rows(text, separator)
    try:
        header = [name.strip() for name in next(rows, (1, []))[1]]
        if len(header) > MOST_COLUMNS or any(len(name) > LONGEST_HEADING for name in header):
            return _refused(
                f"has more than {MOST_COLUMNS} columns, or a heading of more than {LONGEST_HEADING} characters"
            )
        chosen = _columns(header, kind) if columns is None else {key: name for key, name in columns.items() if name}
        told = "".join([kind.value, *(f"\n{key}={chosen[key]}" for key in sorted(chosen))])
        known: dict[str, Any] = {
            "header": header,
            "columns": chosen,
            "encoding": encoding,
            "separator": separator,
            "fingerprint": hashlib.sha256(content + told.encode()).hexdigest()[:32],
        }
        if unknown := sorted({name for name in chosen.values() if name not in header} | (chosen.keys() - {*_NAMES})):
            return _refused(f"has no column {', '.join(unknown)}", known)
        if "code" not in chosen:
            return _refused("does not say which column holds the code; name it", known)
        places = {key: header.index(name) for key, name in chosen.items()}
        return _checked(rows, kind, places, chosen, known)
    except _BrokenRow as error:
        return _refused(f"is not CSV in line {error.line}: {error}", line=error.line)


class _BrokenRow(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"


def _separator(text: str) -> str:
    """The one that the header has most often."""
    header = text[: text.find("\n")] if "\n" in text else text
    return max(_SEPARATORS, key=header.count)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _BrokenRow(str(error), line) from error
        if row is None:
            return
        yield line, row


def _columns(header: Sequence[str], kind: AliasKind) -> dict[str, str]:
    """The columns by their headings: the first one that fits, each at most once."""
    plain = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in header}
    chosen: dict[str, str] = {}
    for key, words in _NAMES.items():
        for word in words:
            wanted = word.replace("{kind}", kind.value)
            found = next((name for name in header if plain[name] == wanted and name not in chosen.values()), None)
            if found:
                chosen[key] = found
                break
    return chosen


def _checked(
    rows: Iterator[tuple[int, list[str]]],
    kind: AliasKind,
    places: Mapping[str, int],
    names: Mapping[str, str],
    known: Mapping[str, Any],
) -> ListFile:
    codes: dict[tuple[AliasKind, str], ListedCode] = {}
    lines: dict[tuple[AliasKind, str], int] = {}
    wrong: list[WrongCell] = []
    count = wrong_rows = 0
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        count += 1
        if count > MOST_ROWS:
            return _refused(f"the file has more than {MOST_ROWS:,} rows; divide it", known, line)
        cells = {key: unguarded(row[place]) if place < len(row) else "" for key, place in places.items()}
        found, column = _code(kind, cells), "code"
        problem = _problem(kind, cells["code"]) if found is None else ""
        if found is not None and found.key in lines:
            problem = f"the {kind.value} {found.code} is already in line {lines[found.key]}"
        if not problem and (problem := _unknown_status(cells)):
            column = "active"
        if problem or found is None:
            wrong_rows += 1
            if len(wrong) < MOST_WRONG:
                wrong.append(WrongCell(line, names[column], problem))
            continue
        codes[found.key] = found
        lines[found.key] = line
    return ListFile(**known, codes=[*codes.values()], wrong=wrong, wrong_rows=wrong_rows)


def _code(kind: AliasKind, cells: Mapping[str, str]) -> ListedCode | None:
    texts: dict[str, Any] = {key: cell for key, cell in cells.items() if key != "active"}
    active = _ACTIVE.get(cells["active"].strip().lower()) if "active" in cells else None
    return tidy(ListedCode(kind=kind, active=active, listed_from=ListedFrom.IMPORTED, **texts))


def _unknown_status(cells: Mapping[str, str]) -> str:
    status = cells.get("active", "").strip()
    return "" if status.lower() in _ACTIVE else f"the status {status[:40]} is unknown; write active or inactive"


def _problem(kind: AliasKind, code: str) -> str:
    code = code.strip()
    if not code:
        return "the code is empty"
    if len(code) > LONGEST_CODE[kind]:
        return f"the code {code[:40]} has {len(code)} characters; Spectrum takes at most {LONGEST_CODE[kind]}"
    return "the code holds characters that cannot be printed"


def _refused(detail: str, known: Mapping[str, Any] = MappingProxyType({}), line: int = 1) -> ListFile:
    wrong = [WrongCell(line, "", detail)]
    return ListFile(**{**known, "fingerprint": ""}, wrong=wrong, wrong_rows=0)
