"""Cells of a CSV file, written so that no spreadsheet takes one for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet runs a cell for that begins with it."""
_GUARDED = (*_FORMULA, "'")
"""An apostrophe too, since the guard is one: so that what is written comes back as it was."""


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """With a header, commas and CRLF, as RFC 4180 has it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_guarded(cell) for cell in row)
    return text.getvalue()


def _guarded(cell: str) -> str:
    return "'" + cell if cell.startswith(_GUARDED) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell
