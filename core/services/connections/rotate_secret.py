"""Renew a connection's client secret now, on a person's request."""

from __future__ import annotations

from datetime import timedelta

from core.model.connections.connection import Connection
from core.model.shared.errors import BadInput, Conflict, TenantMends
from core.services.connections.renew_secret import RenewSecret
from core.services.service import Dependencies, Service

CLAIMED_FOR = timedelta(minutes=10)
"""Longer than all calls of one renewal together."""


class RotateSecret(Service):
    def __init__(self, d: Dependencies, renew: RenewSecret) -> None:
        super().__init__(d)
        self._renew = renew

    async def __call__(self, tenant_id: str, slug: str, *, by: str) -> Connection:
        """Renew the secret. Raises NotFound, BadInput (NO_CLIENT_SECRET), Conflict (SECRET_ROTATION_RUNNING),
        TenantMends (SECRET_ROTATION_FAILED): then the stored secret is still the one in use."""
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            if not connection.enhanced_auth:
                raise BadInput(
                    f"The connection {slug} has no client secret to rotate.",
                    code="NO_CLIENT_SECRET",
                    fix="Store client id and client secret first (enhanced_auth).",
                )
            if not await t.client_secrets.claim(connection.id, now, now + CLAIMED_FOR):
                raise Conflict(
                    "The client secret is being checked or renewed at the moment.",
                    code="SECRET_ROTATION_RUNNING",
                    fix="Try again in a minute.",
                )
        failed = None
        try:
            failed = await self._renew(connection, by=by)
        finally:
            async with self._transactions.begin(tenant_id) as t:
                await t.client_secrets.release(connection.id, self._clock.now())
        if failed:
            raise TenantMends(
                failed.detail,
                code="SECRET_ROTATION_FAILED",
                fix="Let Spectrum's administrator issue a new client secret, and store it on the connection."
                if failed.lost
                else "Let Spectrum's administrator allow self-rotation, or issue a new client secret and store it.",
            )
        async with self._transactions.begin(tenant_id) as t:
            return await t.connections.get(connection.id)
