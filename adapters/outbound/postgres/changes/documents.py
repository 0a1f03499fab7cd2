"""Rows as the JSON documents that the database functions take and return. Values are those of `records`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import DateTime, LargeBinary, Table

from adapters.outbound.postgres.records import storable

Document = dict[str, Any]
_NUL, _SURROGATE = "\\u0000", "\\ud"
"""How JSON text begins to spell them."""


def text_of(document: Mapping[str, Any]) -> str:
    """Return the document as JSON text, with times and bytes as PostgreSQL reads them from JSON, and with characters
    that it cannot store replaced."""
    text = json.dumps(document, default=_as_text)
    if _NUL in text or _SURROGATE in text:
        text = json.dumps(storable(document), default=_as_text)
    return text


def row_of(table: Table, document: Mapping[str, Any]) -> Document:
    """Return a row's columns as the driver would return them: times and bytes are text in the document."""
    row = dict(document)
    moments, binaries = _converted_columns(table)
    for name in moments:
        if (moment := row.get(name)) is not None:
            row[name] = datetime.fromisoformat(moment)
    for name in binaries:
        if (binary := row.get(name)) is not None:
            row[name] = bytes_of(binary)
    return row


def rows_of(table: Table, documents: Sequence[Mapping[str, Any]] | None) -> list[Document]:
    """Return the rows of an array; PostgreSQL returns NULL for an empty one."""
    return [row_of(table, document) for document in documents or ()]


def bytes_of(text: str) -> bytes:
    r"""Return bytes from PostgreSQL's text for them, such as `\x0a`."""
    return bytes.fromhex(text[2:])


def _as_text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


@cache
def _converted_columns(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    moments = tuple(column.name for column in table.c if isinstance(column.type, DateTime))
    return moments, tuple(column.name for column in table.c if isinstance(column.type, LargeBinary))
