"""Add a connection to a tenant."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.connection import Connection, ConnectionSecrets, OnCompletion
from ports.clock import Clock
from ports.ids import Ids
from ports.transactions import Transactions

_log = structlog.get_logger()


class AddConnection:
    def __init__(self, transactions: Transactions, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: str, connection: Connection, secrets: ConnectionSecrets) -> Connection:
        """`connection.id` and `tenant_id` are set here. Raises Conflict (CONNECTION_EXISTS)."""
        now = self._clock.now()
        # Without a start of its own, a trigger starts now: jobs completed before it was set are not pushed.
        start = connection.completion_start_date or (None if connection.on_completion is OnCompletion.OFF else now)
        connection = replace(
            connection,
            id=self._ids.new("con"), tenant_id=tenant_id, enhanced_auth=secrets.client_id is not None,
            completion_start_date=start,
        )  # fmt: skip
        async with self._transactions.begin(tenant_id) as t:
            await t.connections.add(connection, secrets)
            if connection.on_completion is not OnCompletion.OFF:
                await t.watch.set_due(now, only_earlier=True)
        _log.info("connection.added", tenant_id=tenant_id, connection=connection.slug)
        return connection
