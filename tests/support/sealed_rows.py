"""Everything sealed in a database, looked at with one key or another: what opens, what does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from adapters.outbound.postgres.client_secrets import NEXT
from adapters.outbound.postgres.connections import AUTHORIZATION_ID, CLIENT_SECRET
from adapters.outbound.postgres.notifications import LINK_KEY, URL
from adapters.outbound.postgres.repository import secret_field
from adapters.outbound.postgres.tables.notifying import recipients
from adapters.outbound.postgres.tables.setup import connections
from adapters.outbound.postgres.tables.webhooks import webhook_endpoints
from adapters.outbound.postgres.tenants import LOGIN_FIELD
from adapters.outbound.postgres.webhook_endpoints import PREVIOUS_SECRET, SECRET
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.shared.errors import OperatorMends

_LOGINS = "SELECT id, data_key, login_secret FROM tenants ORDER BY seq"
_CONNECTIONS = (
    "SELECT t.id, t.data_key, c.id, c.authorization_id, c.client_secret, c.next_client_secret FROM connections c"
    " JOIN tenants t ON t.id = c.tenant_id ORDER BY c.seq"
)
_ENDPOINTS = (
    "SELECT t.id, t.data_key, e.id, e.secret, e.previous_secret FROM webhook_endpoints e"
    " JOIN tenants t ON t.id = e.tenant_id ORDER BY e.seq"
)
_RECIPIENTS = (
    "SELECT t.id, t.data_key, r.id, r.link_key, r.url FROM recipients r"
    " JOIN tenants t ON t.id = r.tenant_id ORDER BY r.seq"
)
_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY')"
)


@dataclass(frozen=True, slots=True)
class SealedValue:
    tenant_id: str
    data_key: bytes
    field: str
    value: bytes

    def opened(self, vault: AesGcmVault, data_key: bytes | None = None) -> str | None:
        try:
            return vault.open(data_key or self.data_key, self.tenant_id, self.field, self.value).reveal()
        except OperatorMends:
            return None


def sealed_values(database_url: str) -> list[SealedValue]:
    """All of all tenants."""
    with psycopg.connect(database_url) as connection:
        found = [
            SealedValue(tenant_id, data_key, LOGIN_FIELD, login)
            for tenant_id, data_key, login in connection.execute(_LOGINS)
        ]
        for tenant_id, data_key, connection_id, *values in connection.execute(_CONNECTIONS):
            for name, value in zip((AUTHORIZATION_ID, CLIENT_SECRET, NEXT), values, strict=True):
                if value is not None:
                    found.append(
                        SealedValue(tenant_id, data_key, secret_field(connections, connection_id, name), value)
                    )
        for tenant_id, data_key, endpoint_id, *values in connection.execute(_ENDPOINTS):
            for name, value in zip((SECRET, PREVIOUS_SECRET), values, strict=True):
                if value is not None:
                    found.append(
                        SealedValue(tenant_id, data_key, secret_field(webhook_endpoints, endpoint_id, name), value)
                    )
        for tenant_id, data_key, recipient_id, *values in connection.execute(_RECIPIENTS):
            for name, value in zip((LINK_KEY, URL), values, strict=True):
                if value is not None:
                    found.append(SealedValue(tenant_id, data_key, secret_field(recipients, recipient_id, name), value))
    return found


def stored_bytes(database_url: str) -> bytes:
    """Every value of every table, as text and, where it is binary, as the bytes themselves."""
    return b"\n".join(_cells(database_url))


def _cells(database_url: str) -> Iterator[bytes]:
    with psycopg.connect(database_url) as connection:
        for table, column in connection.execute(_COLUMNS).fetchall():
            cells = sql.SQL("SELECT {}::text FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            for (cell,) in connection.execute(cells):
                yield str(cell).encode()
                if str(cell).startswith("\\x"):
                    yield bytes.fromhex(cell[2:])
