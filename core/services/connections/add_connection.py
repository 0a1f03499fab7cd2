"""Add a connection to a tenant."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.connections.client_secret import end_of
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.operations.audit import AuditEntry
from core.services.connections.check_spectrum import check_spectrum
from core.services.connections.find_connection import company_warnings
from core.services.connections.start_trigger import heed_trigger, started
from core.services.plugins.check_plugins import check_plugins
from core.services.service import Service

_log = structlog.get_logger()


class AddConnection(Service):
    async def __call__(
        self,
        tenant_id: str,
        connection: Connection,
        secrets: ConnectionSecrets,
        *,
        check: bool = False,
        by: str = "operator",
    ) -> Connection:
        """Add a connection; its id and `tenant_id` are set here. With `check`, address and secrets are tried first.

        A second connection to the same Spectrum company is allowed, with a warning: see `FindConnection.warnings`.
        Raises Conflict (CONNECTION_EXISTS), TenantMends (CONNECTION_CHECK_FAILED).
        """
        connection = replace(
            connection,
            id=self._ids.new("con"),
            tenant_id=tenant_id,
            enhanced_auth=secrets.client_id is not None,
            endpoint_used=False,
        )
        async with self._transactions.begin(tenant_id) as t:
            defaults = (await t.tenant()).plugin_defaults
        await check_plugins(self._rules, connection.plugins, defaults)
        if check:
            await check_spectrum(self._spectrum, connection, secrets)
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            connection = started(connection, None, now)
            await t.connections.add(connection, secrets)
            if secrets.client_secret:
                ends = end_of(connection.client_secret_expires_at, connection.secret_days, now)
                await t.client_secrets.replaced(connection.id, ends, now)
                connection = await t.connections.get(connection.id)
            detail = {"connection": connection.slug, "company": connection.company_code}
            if found := (await company_warnings(t)).get(connection.id):
                detail["warning"] = ", ".join(sorted({one.code for one in found}))
            await t.audit.record(AuditEntry(now, by, "connection.added", connection.id, detail))
            await heed_trigger(t, connection, None, now)
        _log.info("connection.added", tenant_id=tenant_id, connection=connection.slug)
        return connection
