"""A tenant's ServiceTrade webhook: switch it on, show it, switch it off, and receive its events.

Its calls are unsigned, so the address itself is the secret: long and random. Only its hash is stored here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.model.operations.audit import AuditEntry
from core.model.shared.errors import NotFound, OperatorMends
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from core.services.service import Service
from ports.service_trade import RegisteredWebhook
from ports.storage.webhooks import WebhookRecord

_log = structlog.get_logger()
LOOK_BACK = timedelta(hours=1)
"""How far the poll goes back after an event that could not be read."""
HOOK_PATH = "/hooks/servicetrade/"
_SECRET_BYTES = 32


class ReceiveEvent(Service):
    """Receive an event as a hint that a job changed. The hint is stored before the call is answered."""

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


@dataclass(frozen=True, slots=True)
class WebhookState:
    """`on`: it is registered and enabled in ServiceTrade, and its address is ours."""

    on: bool
    webhook_id: str | None = None
    since: datetime | None = None


class ServiceTradeWebhook(Service):
    async def show(self, tenant_id: str) -> WebhookState:
        """The webhook's state in ServiceTrade now. Raises what the ServiceTrade port raises."""
        tenant, account, records = await self._read(tenant_id)
        return _state(records, await self._service_trade.webhooks(account), self._prefix(tenant))

    async def switch_on(self, tenant_id: str, *, by: str) -> WebhookState:
        """Register the webhook, unless it is registered. This tenant's earlier webhooks are removed.

        Raises OperatorMends (PUBLIC_URL_MISSING) if the installation has no address that ServiceTrade can call, and
        what the ServiceTrade port raises (ST_PERMISSION without the Account Admin role).
        """
        if not self._public_url:
            raise OperatorMends(
                "ServiceTrade cannot call this installation, because its public address is not set.",
                code="PUBLIC_URL_MISSING",
                fix="Set JOBFERRY_PUBLIC_URL to the https address of this installation, and restart.",
            )
        tenant, account, records = await self._read(tenant_id)
        listed, prefix = await self._service_trade.webhooks(account), self._prefix(tenant)
        if (state := _state(records, listed, prefix)).on:
            return state
        token = base64.urlsafe_b64encode(self._random.token(_SECRET_BYTES)).decode().rstrip("=")
        digest, now = webhook_digest(f"{tenant.slug}.{token}"), self._clock.now()
        # Stored before the registration: the first event may come right after it.
        async with self._transactions.begin(tenant_id) as t:
            await t.webhooks.add(WebhookRecord(digest=digest, webhook_id=None, made_at=now))
        webhook_id = await self._service_trade.register_webhook(account, prefix + token)
        async with self._transactions.begin(tenant_id) as t:
            await t.webhooks.confirm(digest, webhook_id)
            await t.completions.set_due(now, only_earlier=True)
            await t.audit.record(AuditEntry(now, by, "webhook.switched_on", webhook_id))
        await self._forget(tenant_id, account, records, _ours(records, listed, prefix))
        _log.info("webhook.switched_on", tenant=tenant_id, webhook=webhook_id)
        return WebhookState(True, webhook_id, now)

    async def switch_off(self, tenant_id: str, *, by: str) -> None:
        """Remove the webhook on both sides. It is no error if there is none. The poll continues."""
        tenant, account, records = await self._read(tenant_id)
        listed = await self._service_trade.webhooks(account)
        await self._forget(tenant_id, account, records, _ours(records, listed, self._prefix(tenant)))
        async with self._transactions.begin(tenant_id) as t:
            await t.audit.record(AuditEntry(self._clock.now(), by, "webhook.switched_off", tenant_id))
        _log.info("webhook.switched_off", tenant=tenant_id)

    def _prefix(self, tenant: Tenant) -> str:
        """The beginning of all webhook addresses of this tenant. Without a public address it matches none."""
        return f"{self._public_url}{HOOK_PATH}{tenant.slug}."

    async def _read(self, tenant_id: str) -> tuple[Tenant, ServiceTradeAccount, Sequence[WebhookRecord]]:
        async with self._transactions.begin(tenant_id) as t:
            return await t.tenant(), await t.account(), await t.webhooks.all()

    async def _forget(
        self,
        tenant_id: str,
        account: ServiceTradeAccount,
        records: Sequence[WebhookRecord],
        listed: Sequence[RegisteredWebhook],
    ) -> None:
        """Remove it in ServiceTrade first, so that our address stays valid while it can still be called."""
        for one in listed:
            await self._service_trade.remove_webhook(account, one.id)
        async with self._transactions.begin(tenant_id) as t:
            for record in records:
                await t.webhooks.remove(record.digest)


def _state(records: Sequence[WebhookRecord], listed: Sequence[RegisteredWebhook], prefix: str) -> WebhookState:
    """The webhook whose whole address is ours, not one with another secret or at a former public address."""
    digests = {record.digest: record for record in records}
    for one in listed:
        record = digests.get(webhook_digest(one.url.rpartition("/")[2]))
        if record and one.enabled and one.url.startswith(prefix):
            return WebhookState(True, one.id, record.made_at)
    return WebhookState(False)


def _ours(
    records: Sequence[WebhookRecord], listed: Sequence[RegisteredWebhook], prefix: str
) -> list[RegisteredWebhook]:
    """This tenant's present and former webhooks, recognised by their id or by their address."""
    ids = {record.webhook_id for record in records}
    return [one for one in listed if one.id in ids or one.url.startswith(prefix)]
