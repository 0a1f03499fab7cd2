"""Cells of a CSV file, written so that no spreadsheet reads one as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins with one of these."""
_GUARDED = (*_FORMULA, "'")
"""The guard is an apostrophe, so a cell that begins with one is guarded too and is read back unchanged."""


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV text with a header, commas and CRLF, as in RFC 4180."""
    return csv_rows([columns]) + csv_rows(rows)


def csv_rows(rows: Iterable[Iterable[str | Decimal]]) -> str:
    """Some rows of such a text. A Decimal is no formula, and a spreadsheet must add it up, also below zero."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _guarded(cell: str | Decimal) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "'" + cell if cell.startswith(_GUARDED) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell
