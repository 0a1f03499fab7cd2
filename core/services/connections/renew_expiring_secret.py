"""Check a connection's client secret: warn before it expires, and renew it if Jobferry may."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.model.catalogue import finding
from core.model.connections.client_secret import (
    RENEWED_WITHIN,
    KeptSecret,
    NotRotated,
    SecretRotation,
    next_stage_at,
    stage_of,
)
from core.model.connections.connection import Connection
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import NotFound
from core.model.shared.finding import Finding, Severity
from core.services.connections.renew_secret import RenewSecret
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
AGAIN = timedelta(hours=6)
"""The pause after a renewal that failed."""
SEVERITY = {14: Severity.INFO, 7: Severity.WARNING, 1: Severity.BLOCKER, 0: Severity.BLOCKER}


class RenewExpiringSecret(Service):
    def __init__(self, d: Dependencies, renew: RenewSecret) -> None:
        super().__init__(d)
        self._renew = renew

    async def __call__(self, tenant_id: str, connection_id: str) -> None:
        """Check one secret that the caller has claimed. At the end, release the claim with the next check's time."""
        async with self._transactions.begin(tenant_id) as t:
            try:
                connection = await t.connections.get(connection_id)
            except NotFound:
                return
            kept = await t.client_secrets.get(connection_id)
            paused = connection.paused or (await t.tenant()).paused
        failed: NotRotated | None = None
        if not paused and self._to_renew(connection, kept):
            failed = await self._renew(connection, by="jobferry")
        async with self._transactions.begin(tenant_id) as t:
            kept = await t.client_secrets.get(connection_id)
            now = self._clock.now()
            stage = stage_of(kept.expires_at, now)
            if stage is not None and (kept.warned is None or stage < kept.warned):
                await t.warnings.put(self._warning(connection, _spoken_of(stage, kept.expires_at, failed), now))
                await t.client_secrets.note_warned(connection_id, stage)
            looks = [next_stage_at(kept.expires_at, now), now + AGAIN if failed or kept.next else None]
            await t.client_secrets.release(connection_id, min((one for one in looks if one), default=None))

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
    day = f"{expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
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
