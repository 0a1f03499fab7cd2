"""Renew a client secret with Spectrum's rotation call. The old one stays in use until the new one has worked.

The new secret is stored at once, then tried, then put in use. If that is interrupted, it is tried again. If no answer
came, the old secret may be invalid already; the message then says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from core.model.connections.client_secret import NewSecret, NotRotated, end_of
from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.operations.audit import AuditEntry
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.sending.send import Topic
from core.model.shared.errors import TimeMends
from core.model.shared.secret import Secret
from core.services.connections.end_hold import end_hold
from core.services.service import Service

_log = structlog.get_logger()
_STORE_TRIES, _STORE_PAUSE = 60, 1.0
"""Until it is stored, the new secret exists only in this process, so it waits for an unreachable database."""


class RenewSecret(Service):
    async def __call__(self, connection: Connection, *, by: str) -> NotRotated | None:
        """Renew the secret that the caller has claimed. Returns None if the new secret is in use."""
        async with self._transactions.begin(connection.tenant_id) as t:
            secrets = await t.connections.secrets(connection.id)
            waiting = (await t.client_secrets.get(connection.id)).next
        if waiting is None:
            await self._note(connection, "connection.secret_rotation_begun", by)
            made = await self._spectrum.rotate_secret(SpectrumTarget.of(connection, secrets))
            if isinstance(made, NotRotated):
                await self._note(connection, "connection.secret_rotation_failed", by, reason=made.detail)
                return made
            await self._keep(connection, made)
            waiting = made.secret
        return await self._put_in_place(connection, secrets, waiting, by)

    async def _keep(self, connection: Connection, made: NewSecret) -> None:
        made = replace(made, expires_at=end_of(made.expires_at, connection.secret_days, self._clock.now()))
        for _ in range(_STORE_TRIES - 1):
            try:
                await self._store(connection, made)
            except TimeMends:
                _log.warning("secret.not_stored_yet", connection=connection.slug)
                await asyncio.sleep(_STORE_PAUSE)
            else:
                return
        await self._store(connection, made)

    async def _store(self, connection: Connection, made: NewSecret) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.client_secrets.keep_next(connection.id, made)

    async def _put_in_place(
        self, connection: Connection, secrets: ConnectionSecrets, waiting: Secret, by: str
    ) -> NotRotated | None:
        new = replace(secrets, client_secret=waiting)
        if refusal := await self._spectrum.sign_in(SpectrumTarget.of(connection, new)):
            return NotRotated(f"The new secret is stored, but did not work yet: {refusal.detail}")
        now = self._clock.now()
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.client_secrets.promote(connection.id)
            await t.warnings.clear(connection.id, "", Topic.SECRET)
            hold = (await t.connections.get(connection.id)).hold
            if hold is None or hold.finding.code != PLUGINS_FAILING:  # a new secret does not fix a plugin
                await end_hold(t, connection.id, now)
            await t.audit.record(AuditEntry(now, by, "connection.secret_rotated", connection.id))
        _log.info("secret.rotated", connection=connection.slug, by=by)
        return None

    async def _note(self, connection: Connection, action: str, by: str, **detail: str) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.audit.record(
                AuditEntry(self._clock.now(), by, action, connection.id, {"connection": connection.slug, **detail})
            )
