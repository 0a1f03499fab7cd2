"""Add a connection to a tenant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from core.model.audit import AuditEntry
from core.model.client_secret import end_of
from core.model.connection import Connection, ConnectionSecrets, OnCompletion
from core.services.check_plugins import check_plugins
from core.services.check_spectrum import check_spectrum
from ports.clock import Clock
from ports.ids import Ids
from ports.rules import Rules
from ports.spectrum import Spectrum
from ports.transactions import Transactions

_log = structlog.get_logger()


class AddConnection:
    def __init__(
        self, transactions: Transactions, spectrum: Spectrum, rules: Rules, clock: Clock, ids: Ids
    ) -> None:
        self._transactions = transactions
        self._spectrum = spectrum
        self._rules = rules
        self._clock = clock
        self._ids = ids

    async def __call__(
        self, tenant_id: str, connection: Connection, secrets: ConnectionSecrets, *, check: bool = False,
        by: str = "operator",
    ) -> Connection:  # fmt: skip
        """`connection.id` and `tenant_id` are set here. With `check`, address and secrets are tried first.

        Raises Conflict (CONNECTION_EXISTS), TenantMends (CONNECTION_CHECK_FAILED).
        """
        now = self._clock.now()
        connection = replace(
            connection,
            id=self._ids.new("con"), tenant_id=tenant_id, enhanced_auth=secrets.client_id is not None,
        )  # fmt: skip
        connection = started(connection, None, now)
        async with self._transactions.begin(tenant_id) as t:
            defaults = (await t.tenant()).plugin_defaults
        await check_plugins(self._rules, connection.plugins, defaults)
        if check:
            await check_spectrum(self._spectrum, connection, secrets)
        async with self._transactions.begin(tenant_id) as t:
            await t.connections.add(connection, secrets)
            if secrets.client_secret:
                ends = end_of(connection.client_secret_expires_at, connection.secret_days, now)
                await t.client_secrets.replaced(connection.id, ends, now)
                connection = await t.connections.get(connection.id)
            detail = {"connection": connection.slug, "company": connection.company_code}
            await t.audit.record(
                AuditEntry(at=now, actor=by, action="connection.added", subject=connection.id, detail=detail)
            )
            if connection.on_completion is not OnCompletion.OFF:
                await t.watch.set_due(now, only_earlier=True)
        _log.info("connection.added", tenant_id=tenant_id, connection=connection.slug)
        return connection


def started(wanted: Connection, before: Connection | None, now: datetime) -> Connection:
    """Without a start of its own, a trigger starts when it is switched on: jobs completed before are not pushed."""
    was_on = before is not None and before.on_completion is not OnCompletion.OFF
    if wanted.on_completion is OnCompletion.OFF or wanted.completion_start_date or was_on:
        return wanted
    return replace(wanted, completion_start_date=now)
