"""Aliases as CSV: reading names every wrong cell; written cells cannot be read as formulas by a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.model.mappings.alias import AliasEntry, AliasKey, AliasKind, WrongCell, entry_errors
from core.model.shared.csv_cells import csv_text, unguarded

COLUMNS = ("kind", "servicetrade_id", "name", "code")
MOST_ROWS = 20_000
MOST_BYTES = 2_000_000
_HEADER = ",".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class CsvContent:
    """The valid rows, and the errors of the others."""

    entries: Sequence[AliasEntry]
    wrong: Sequence[WrongCell]


def write_csv(entries: Iterable[AliasEntry]) -> str:
    """The CSV text, which `read_csv` reads back unchanged."""
    return csv_text(COLUMNS, ((one.kind.value, one.servicetrade_id, one.name, one.code) for one in entries))


def read_csv(content: bytes) -> CsvContent:
    """Read UTF-8, with or without BOM, with commas or semicolons. A file of another format gives one error."""
    if len(content) > MOST_BYTES:
        return _not_taken(f"the file has more than {MOST_BYTES:,} bytes; divide it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _not_taken("is not UTF-8; save the file as CSV UTF-8", line)
    rows = _rows(text, ";" if _separated_by_semicolons(text) else ",")
    try:
        header = next(rows, (1, []))[1]
        if tuple(name.strip().lower() for name in header) != COLUMNS:
            return _not_taken(f"the first line must be {_HEADER}")
        return _checked(rows)
    except csv.Error as error:
        return _not_taken(f"is not CSV: {error}", _line_of(error))


class _BrokenRow(csv.Error):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins; a row may have several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _BrokenRow(str(error), line) from error
        yield line, row


def _checked(rows: Iterator[tuple[int, list[str]]]) -> CsvContent:
    entries: list[AliasEntry] = []
    wrong: list[WrongCell] = []
    seen: dict[AliasKey, int] = {}
    count = 0
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        count += 1
        if count > MOST_ROWS:
            return _not_taken(f"the file has more than {MOST_ROWS:,} rows; divide it", line)
        found = list(_wrong_cells(line, row))
        wrong += found
        if found:
            continue
        entry = _entry(row)
        if (first := seen.setdefault(entry.key, line)) != line:
            wrong.append(WrongCell(line, "servicetrade_id", f"the same {entry.kind} is already in line {first}"))
        else:
            entries.append(entry)
    return CsvContent(entries, wrong)


def _wrong_cells(line: int, row: Sequence[str]) -> Iterator[WrongCell]:
    if len(row) != len(COLUMNS):
        yield WrongCell(line, "", f"has {len(row)} cells instead of {len(COLUMNS)} ({_HEADER})")
        return
    yield from (WrongCell(line, error.pointer[1:], error.detail) for error in entry_errors(*_cells(row)))


def _entry(row: Sequence[str]) -> AliasEntry:
    kind, servicetrade_id, name, code = _cells(row)
    return AliasEntry(AliasKind(kind), servicetrade_id, name, code)


def _cells(row: Sequence[str]) -> tuple[str, str, str, str]:
    """The cells without guards, and without surrounding spaces except in the name."""
    kind, servicetrade_id, name, code = (unguarded(cell) for cell in row)
    return kind.strip().lower(), servicetrade_id.strip(), name, code.strip()


def _separated_by_semicolons(text: str) -> bool:
    header = text.splitlines()[:1]
    return bool(header) and header[0].count(";") > header[0].count(",")


def _line_of(error: csv.Error) -> int:
    return error.line if isinstance(error, _BrokenRow) else 1


def _not_taken(detail: str, line: int = 1) -> CsvContent:
    return CsvContent((), (WrongCell(line, "", detail),))
