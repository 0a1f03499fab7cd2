"""The documents of a send's change, and the objects that a worker needs again and again from stored documents."""

from __future__ import annotations

from typing import Any

from adapters.outbound.postgres.changes.documents import Document, bytes_of, row_of
from adapters.outbound.postgres.changes.remembered import Remembered
from adapters.outbound.postgres.connections import secrets_of
from adapters.outbound.postgres.records import (
    connection_of,
    fields_of,
    line_fields,
    plan_fields,
    send_fields,
    tenant_of,
)
from adapters.outbound.postgres.repository import owner_key
from adapters.outbound.postgres.tables.setup import connections, tenants
from adapters.outbound.postgres.tenants import account_of
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.planning.account import EntryState
from core.model.sending.lifecycle.event import NumberClaim
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from ports.storage.send_changes import AccountLine, StoredChange
from ports.vault import Vault


class SendReader:
    """Tenants, connections and their secrets, made anew only if their rows have changed."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._connections: Remembered[Connection] = Remembered()
        self._secrets: Remembered[ConnectionSecrets] = Remembered()
        self._tenants: Remembered[Tenant] = Remembered()
        self._accounts: Remembered[ServiceTradeAccount] = Remembered()

    def connection(self, document: Document) -> Connection:
        return self._connections.of(document["id"], document, lambda: connection_of(row_of(connections, document)))

    def secrets(self, connection: Document, sealed: Document, data_key: str) -> ConnectionSecrets:
        source = {**sealed, "client_id": connection["client_id"], "data_key": data_key}
        row = {**source, "id": connection["id"], "tenant_id": connection["tenant_id"]}
        for name in ("authorization_id", "client_secret", "data_key"):
            row[name] = row[name] and bytes_of(row[name])
        return self._secrets.of(connection["id"], source, lambda: secrets_of(row, self._vault))

    def tenant(self, document: Document) -> Tenant:
        return self._tenants.of(document["id"], document, lambda: tenant_of(row_of(tenants, document)))

    def account(self, document: Document) -> ServiceTradeAccount:
        return self._accounts.of(document["id"], document, lambda: account_of(row_of(tenants, document), self._vault))


def change_document(change: StoredChange) -> Document:
    """What `store_send` takes. Parts that do not change are left out."""
    send = change.send
    document: Document = {
        "asker": owner_key(send.connection_id).hex(),
        "sends": [send_fields(one) for one in (send, *change.superseded)],
    }
    parts: dict[str, Any] = {
        "attempts": [fields_of(attempt) for attempt in change.attempts],
        "lines": [line_fields(line) for line in change.lines],
        "leave": [entry.line_id for entry in change.entries if entry.state is None],
        "enter": [_entered(entry) for entry in change.entries if entry.state],
        "take": _claim(change.take),
        "accept": _claim(change.accept),
        "give_back": _claim(change.give_back),
        "record": change.record and fields_of(change.record),
    }
    if change.plan:
        parts["plan"] = {
            "id": send.plan_id,
            "send_id": send.id,
            "lines": len(change.plan.lines),
            "plan": plan_fields(change.plan),
        }
    if intent := change.intent:
        parts["intent"] = fields_of(intent, send_by=intent.send_by.total_seconds(), quiet=intent.quiet.total_seconds())
    return document | {name: part for name, part in parts.items() if part}


def _claim(claim: NumberClaim | None) -> Document | None:
    if claim is None:
        return None
    return {"keys": [key.hex() for key in claim.keys], "owner": claim.owner.hex(), "adopt": claim.adopt}


def _entered(entry: AccountLine) -> Document:
    return {
        "account": entry.account.hex(),
        "line": entry.line_id,
        "item": entry.item.hex(),
        "stands": entry.state is EntryState.STANDS,
    }
