"""The link in a mail that ends these mails. Whoever has the link may use it, without signing in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from core.model.notifications.recipient import Recipient, named_in, signed_by
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import NotFound
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
BY_LINK = "Unsubscribed by the link in a mail."


class Unsubscribe(Service):
    async def find(self, token: str) -> Recipient:
        """Whose link it is; nothing changes. Raises NotFound (UNSUBSCRIBE_LINK_UNKNOWN)."""
        named = named_in(token)
        if named:
            tenant_id, recipient_id = named
            with suppress(NotFound):
                async with self._transactions.begin(tenant_id) as t:
                    recipient = await t.notifications.get(recipient_id)
                    if signed_by(token, (await t.notifications.secrets(recipient_id)).link_key):
                        return recipient
        raise NotFound(
            "This link is not valid, or the address gets no mails any more.",
            code="UNSUBSCRIBE_LINK_UNKNOWN",
            fix="Open the link of a newer mail, or ask your administrator.",
        )

    async def __call__(self, token: str) -> Recipient:
        """End the mails to the recipient of this link. Twice is no error. Raises NotFound as `find`."""
        found = await self.find(token)
        async with self._transactions.begin(found.tenant_id) as t:
            recipient = await t.notifications.get(found.id, lock=True)
            if recipient.paused:
                return recipient
            ended = replace(recipient, paused=True, paused_reason=BY_LINK)
            await t.notifications.save(ended)
            await t.notifications.drop(ended.id)
            await audit_recipient(t, self._clock.now(), "recipient.unsubscribed", ended, ended.address)
        return ended


async def audit_recipient(t: TenantTransaction, at: datetime, action: str, recipient: Recipient, by: str) -> None:
    """Record what somebody did to a recipient. Of a channel's address only the host is known here."""
    detail = {"channel": recipient.channel.value, "address": recipient.address}
    await t.audit.record(AuditEntry(at, by, action, recipient.id, detail))
    _log.info(action, tenant=recipient.tenant_id, recipient=recipient.id, by=by)
