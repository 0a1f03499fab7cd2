"""Renew a client secret with Spectrum's rotation call. The old one stays in use until the new one has worked.

The new secret is stored at once, then tried, then put in use. If that is interrupted, it is tried again. If no answer
came, the old secret may be invalid already; the message then says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from core.model.catalogue import finding
from core.model.connections.client_secret import (
    RENEWED_WITHIN,
    KeptSecret,
    NewSecret,
    NotRotated,
    SecretRotation,
    end_of,
    next_stage_at,
    stage_of,
)
from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.connections.maintenance_window import window_at
from core.model.notifications.notice import secret_ends
from core.model.operations.audit import AuditEntry
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import BadInput, Conflict, NotFound, TenantMends, TimeMends
from core.model.shared.finding import Finding, Severity
from core.model.shared.moments import moment_words
from core.model.shared.secret import Secret
from core.services.connections.end_hold import end_hold
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
_STORE_TRIES, _STORE_PAUSE = 60, 1.0
"""Until it is stored, the new secret exists only in this process, so it waits for an unreachable database."""
CLAIMED_FOR = timedelta(minutes=10)
"""Longer than all calls of one renewal together. One that was killed is not repeated before."""
AGAIN = timedelta(hours=6)
"""The pause after a renewal that failed, or that was left out because the connection is paused."""
SOON = timedelta(minutes=1)
"""The pause if somebody else is renewing it."""
RUNNING = "SECRET_ROTATION_RUNNING"
SEVERITY = {14: Severity.INFO, 7: Severity.WARNING, 1: Severity.BLOCKER, 0: Severity.BLOCKER}


class RenewSecret(Service):
    async def __call__(self, connection: Connection, *, by: str) -> NotRotated | None:
        """Renew the secret, and let it be checked afterwards. Returns None if the new secret is in use.

        Raises Conflict (SECRET_ROTATION_RUNNING) if it is being renewed already.
        """
        now = self._clock.now()
        async with self._transactions.begin(connection.tenant_id) as t:
            if not await t.client_secrets.claim(connection.id, now, now + CLAIMED_FOR):
                raise Conflict(
                    "The client secret is being renewed at the moment.", code=RUNNING, fix="Try again in a minute."
                )
        try:
            return await self._renew(connection, by)
        finally:
            async with self._transactions.begin(connection.tenant_id) as t:
                await t.client_secrets.release(connection.id)
                await t.client_secrets.set_due(connection.id, self._clock.now())

    async def _renew(self, connection: Connection, by: str) -> NotRotated | None:
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


class RotateSecret(Service):
    """Renew a connection's client secret now, on a person's request."""

    def __init__(self, d: Dependencies, renew: RenewSecret) -> None:
        super().__init__(d)
        self._renew = renew

    async def __call__(self, tenant_id: str, slug: str, *, by: str) -> Connection:
        """Renew the secret. Raises NotFound, BadInput (NO_CLIENT_SECRET), Conflict (SECRET_ROTATION_RUNNING),
        TenantMends (SECRET_ROTATION_FAILED): then the stored secret is still the one in use."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            if not connection.enhanced_auth:
                raise BadInput(
                    f"The connection {slug} has no client secret to rotate.",
                    code="NO_CLIENT_SECRET",
                    fix="Store client id and client secret first (enhanced_auth).",
                )
        if failed := await self._renew(connection, by=by):
            raise TenantMends(
                failed.detail,
                code="SECRET_ROTATION_FAILED",
                fix="Let Spectrum's administrator issue a new client secret, and store it on the connection."
                if failed.lost
                else "Let Spectrum's administrator allow self-rotation, or issue a new client secret and store it.",
            )
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.get(connection.id)


class RenewExpiringSecret(Service):
    """Check a connection's client secret: warn before it expires, and renew it if Jobferry may."""

    def __init__(self, d: Dependencies, renew: RenewSecret) -> None:
        super().__init__(d)
        self._renew = renew

    async def __call__(self, tenant_id: str, connection_id: str) -> None:
        """Check one secret, then store when it is checked next."""
        async with self._transactions.begin(tenant_id) as t:
            try:
                connection = await t.connections.get(connection_id)
            except NotFound:
                return
            kept = await t.client_secrets.get(connection_id)
            paused = connection.paused or (await t.tenant()).paused
        failed: NotRotated | None = None
        looks: list[datetime | None] = []
        window = window_at(connection.maintenance_windows, self._clock.now())
        if not paused and window is None and self._to_renew(connection, kept):
            try:
                failed = await self._renew(connection, by="jobferry")
            except Conflict:  # a person renews it, or a worker was killed while it did
                looks.append(self._clock.now() + SOON)
        async with self._transactions.begin(tenant_id) as t:
            # This locks the row: a secret that a person enters meanwhile is seen here, or is checked after us.
            await t.client_secrets.set_due(connection_id, self._clock.now())
            kept = await t.client_secrets.get(connection_id)
            now = self._clock.now()
            stage = stage_of(kept.expires_at, now)
            if stage is not None and (kept.warned is None or stage < kept.warned):
                said = _spoken_of(stage, kept.expires_at, failed)
                await t.warnings.put(self._warning(connection, said, now))
                await t.notifications.tell(secret_ends(connection, said, now))
                await t.client_secrets.note_warned(connection_id, stage)
            waits = paused and self._to_renew(connection, kept)  # the pause may end long before the next stage
            again = window.end.astimezone(UTC) if window else now + AGAIN if failed or kept.next or waits else None
            looks += [next_stage_at(kept.expires_at, now), again]
            await t.client_secrets.set_due(connection_id, min((one for one in looks if one), default=None))

    def _to_renew(self, connection: Connection, kept: KeptSecret) -> bool:
        if kept.next:
            return True  # made before, but no sign-in with it has worked yet
        near = kept.expires_at is not None and kept.expires_at - self._clock.now() <= RENEWED_WITHIN
        return near and connection.secret_rotation is SecretRotation.AUTOMATIC

    def _warning(self, connection: Connection, found: Finding, now: datetime) -> DashboardWarning:
        """One warning a connection; it belongs to no job and no send."""
        _log.warning("secret.ends", connection=connection.slug, code=found.code)
        return DashboardWarning.of_connection(connection, self._ids.new("wrn"), found, now, Topic.SECRET)


def _spoken_of(stage: int, expires_at: datetime | None, failed: NotRotated | None) -> Finding:
    day = moment_words(expires_at) if expires_at else ""
    if failed:
        lost = " The old secret may be invalid already." if failed.lost else ""
        return finding(
            "SECRET_ROTATION_FAILED",
            f"{failed.detail}{lost} The client secret ends on {day}.",
            severity=SEVERITY[stage],
        )
    if stage == 0:
        return finding("SECRET_ENDS_SOON", f"The client secret ended on {day}.", severity=SEVERITY[stage])
    days = "1 day" if stage == 1 else f"{stage} days"
    return finding("SECRET_ENDS_SOON", f"The client secret ends within {days}, on {day}.", severity=SEVERITY[stage])
