"""Receive an event of ServiceTrade as a hint that a job changed. The hint is stored before the call is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta

import structlog

from core.model.shared.errors import NotFound
from core.services.service import Service

_log = structlog.get_logger()
LOOK_BACK = timedelta(hours=1)
"""How far the poll goes back after an event that could not be read."""


class ReceiveEvent(Service):
    async def __call__(self, secret: str, job_ids: Collection[str] | None) -> None:
        """Returns after the hints are stored. `job_ids` None: the event could not be read, so the poll goes back.

        Raises NotFound (WEBHOOK_UNKNOWN) for a secret that is not, or no longer, ours.
        """
        async with self._transactions.begin_instance() as i:
            tenant_id = await i.credentials.webhook_tenant(webhook_digest(secret))
        if tenant_id is None:
            raise NotFound("There is nothing at this address.", code="WEBHOOK_UNKNOWN")
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            if job_ids is None:
                await t.completions.go_back(now - LOOK_BACK)
            for job_id in sorted(set(job_ids or ())):
                await t.completions.add_change(job_id, now)
            await t.completions.set_due(now, only_earlier=True)
        _log.info("event.received", tenant=tenant_id, jobs=len(job_ids) if job_ids is not None else "unreadable")


def webhook_digest(secret: str) -> bytes:
    """The stored hash of a webhook's secret. The secret is long and random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
