"""Tenants, connections, their secrets and cost lines from documents, made anew only if their rows have changed.

A worker reads the same rows for every send and every line. It names the hashes of those that it has, and the database
returns the columns of a row only if its hash is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from adapters.outbound.postgres.changes.documents import Document, bytes_of, row_of
from adapters.outbound.postgres.changes.remembered import Known, Remembered
from adapters.outbound.postgres.connections import secrets_of
from adapters.outbound.postgres.records import connection_of, line_of, tenant_of
from adapters.outbound.postgres.tables.sending import cost_lines
from adapters.outbound.postgres.tables.setup import connections, tenants
from adapters.outbound.postgres.tenants import account_of
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from core.model.work_orders.cost_line import LedgerLine
from ports.vault import Vault

T = TypeVar("T")
KnownLines = Mapping[int, LedgerLine]
"""Lines by the hash of their row."""
_SENDS = 300
"""The most sends whose lines are kept."""


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant with its account, whose login is opened, and its data key as stored."""

    tenant: Tenant
    account: ServiceTradeAccount
    data_key: bytes


@dataclass(frozen=True, slots=True)
class OpenedSecrets:
    """`connection_hash` and `tenant_hash` are of the rows that they were opened from."""

    connection_hash: int
    tenant_hash: int
    secrets: ConnectionSecrets


@dataclass(frozen=True, slots=True)
class KnownSetup:
    """What is known of a connection and its tenant while the database is asked for them."""

    connection: Known[Connection] | None = None
    tenant: Known[TenantRow] | None = None
    secrets: ConnectionSecrets | None = None

    def asked(self) -> Document:
        known = {"connection_hash": self.connection, "tenant_hash": self.tenant}
        return {name: one.hash for name, one in known.items() if one}


class RowReader:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._connections: Remembered[Known[Connection]] = Remembered()
        self._ids: Remembered[str] = Remembered()
        self._tenants: Remembered[Known[TenantRow]] = Remembered()
        self._secrets: Remembered[OpenedSecrets] = Remembered()
        self._lines: Remembered[KnownLines] = Remembered(_SENDS)

    def known(self, tenant_id: str, connection_id: str | None, slug: str | None = None) -> KnownSetup:
        """The connection is named by its id or its slug."""
        if slug:
            connection_id = self._ids.get(f"{tenant_id}/{slug}")
        connection = self._connections.get(connection_id) if connection_id else None
        return KnownSetup(connection, self._tenants.get(tenant_id))

    def known_with_secrets(self, tenant_id: str, connection_id: str) -> KnownSetup:
        """What is known, if that includes the secrets; else nothing, so that all of it is read."""
        known, opened = self.known(tenant_id, connection_id), self._secrets.get(connection_id)
        hashes = known.connection and known.connection.hash, known.tenant and known.tenant.hash
        if opened is None or hashes != (opened.connection_hash, opened.tenant_hash):
            return KnownSetup()
        return replace(known, secrets=opened.secrets)

    def connection(self, document: Document, known: KnownSetup) -> Connection:
        """The connection of a document of `connection_document`: from its columns, or the known one with the present
        counters. Raises RuntimeError for a document without columns of a connection that is not known."""
        if row := document.get("row"):
            connection = connection_of(row_of(connections, row))
            self._ids.keep(f"{connection.tenant_id}/{connection.slug}", connection.id)
        else:
            connection = _unchanged(known.connection).value
            counted = document["intents"], _moment(document["last_write_at"])
            if counted != (connection.intents, connection.last_write_at):
                connection = replace(
                    connection,
                    intents=counted[0],
                    last_intent_at=_moment(document["last_intent_at"]),
                    last_write_at=counted[1],
                )
        self._connections.keep(connection.id, Known(document["hash"], connection))
        return connection

    def tenant(self, document: Document, known: KnownSetup) -> TenantRow:
        """The same for a document of `tenant_document`."""
        if not (stored := document.get("row")):
            return _unchanged(known.tenant).value
        row = row_of(tenants, stored)
        made = TenantRow(tenant_of(row), account_of(row, self._vault), row["data_key"])
        self._tenants.keep(made.tenant.id, Known(document["hash"], made))
        return made

    def secrets(
        self, found: Document, connection: Connection, tenant: TenantRow, known: KnownSetup
    ) -> ConnectionSecrets:
        """`found` has the hashes of both rows, and the sealed secrets unless both rows were known."""
        if not found["sealed"]:
            return _unchanged(known.secrets)
        sealed = {name: value and bytes_of(value) for name, value in found["sealed"].items()}
        row = {"id": connection.id, "tenant_id": connection.tenant_id, "data_key": tenant.data_key, **sealed}
        opened = secrets_of({**row, "client_id": found["client_id"]}, self._vault)
        opened_from = found["connection"]["hash"], found["tenant"]["hash"]
        self._secrets.keep(connection.id, OpenedSecrets(*opened_from, opened))
        return opened

    def known_lines(self, send_id: str) -> KnownLines:
        """The lines of a send that need not be read again."""
        return self._lines.get(send_id) or {}

    def lines(self, send_id: str, documents: Iterable[Document | int], known: KnownLines) -> Sequence[LedgerLine]:
        """All lines of a send. Each document has a line's columns, or is only its hash if the line is in `known`."""
        made = dict(_line(document, known) for document in documents)
        self._lines.keep(send_id, made)
        return list(made.values())

    def other_lines(self, documents: Iterable[Document | int], known: KnownLines) -> Sequence[LedgerLine]:
        """The same for lines of several sends, which are not kept."""
        return [_line(document, known)[1] for document in documents]

    def line(self, document: Document) -> LedgerLine:
        """A line that was changed just now."""
        hash, line = _line(document, {})
        self._lines.keep(line.send_id, {**self.known_lines(line.send_id), hash: line})
        return line


def _line(document: Document | int, known: KnownLines) -> tuple[int, LedgerLine]:
    if isinstance(document, int):
        return document, known[document]
    return document["hash"], line_of(row_of(cost_lines, document))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _unchanged(known: T | None) -> T:
    if known is None:
        raise RuntimeError("The database left out a row that was not known.")
    return known
