"""Add a connection to a tenant."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.connection import Connection, ConnectionSecrets
from ports.ids import Ids
from ports.transactions import Transactions

_log = structlog.get_logger()


class AddConnection:
    def __init__(self, transactions: Transactions, ids: Ids) -> None:
        self._transactions = transactions
        self._ids = ids

    async def __call__(self, tenant_id: str, connection: Connection, secrets: ConnectionSecrets) -> Connection:
        """`connection.id` and `tenant_id` are set here. Raises Conflict (CONNECTION_EXISTS)."""
        connection = replace(
            connection,
            id=self._ids.new("con"), tenant_id=tenant_id, enhanced_auth=secrets.client_id is not None,
        )  # fmt: skip
        async with self._transactions.begin(tenant_id) as t:
            await t.connections.add(connection, secrets)
        _log.info("connection.added", tenant_id=tenant_id, connection=connection.slug)
        return connection
