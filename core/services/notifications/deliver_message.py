"""Make one try to deliver a message: a mail by the operator's mail server, or a post to Teams or Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from core.model.notifications.chat_posts import slack_post, teams_post
from core.model.notifications.message import DELAYS, Message, MessageState
from core.model.notifications.recipient import Channel, Recipient, RecipientSecrets, unsubscribe_token
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import Tenant
from core.services.service import Service
from ports.mailer import Delivered, Mail, Told

_log = structlog.get_logger()
UNSUBSCRIBE_PATH = "/unsubscribe/"
_LATER = frozenset({408, 425, 429})
_NO_SERVER = Delivered(
    Told.LATER, "No mail server is set. The operator of this installation sets one with JOBFERRY_SMTP_HOST."
)


class DeliverMessage(Service):
    async def __call__(
        self, tenant: Tenant, recipient: Recipient, secrets: RecipientSecrets, message: Message
    ) -> Message | None:
        """Make a try and store its result; it takes seconds at most. None if another worker stored one before us."""
        now = self._clock.now()
        if recipient.channel is Channel.MAIL:
            delivered = await self._mail(tenant, recipient, secrets, message)
        else:
            delivered = await self._post(recipient, secrets, message)
        return await self._store(recipient, message, delivered, now)

    def unsubscribe_link(self, recipient: Recipient, secrets: RecipientSecrets) -> str:
        """The address that ends these mails, '' if this installation has no public address."""
        token = unsubscribe_token(recipient, secrets.link_key)
        return f"{self._public_url}{UNSUBSCRIBE_PATH}{token}" if self._public_url else ""

    async def _mail(
        self, tenant: Tenant, recipient: Recipient, secrets: RecipientSecrets, message: Message
    ) -> Delivered:
        if self._mailer is None:
            return _NO_SERVER
        return await self._mailer.send(
            Mail(
                id=message.id,
                to=recipient.address,
                about=tenant.name,
                content=message.content,
                at=message.created_at,
                base=self._public_url,
                unsubscribe=self.unsubscribe_link(recipient, secrets),
            )
        )

    async def _post(self, recipient: Recipient, secrets: RecipientSecrets, message: Message) -> Delivered:
        if secrets.url is None:
            return Delivered(Told.REFUSED, "The address of this channel is missing. Enter it again.")
        write = teams_post if recipient.channel is Channel.TEAMS else slack_post
        posted = await self._webhook_sender.post(secrets.url.reveal(), {}, write(message.content, self._public_url))
        if posted.accepted:
            return Delivered(Told.DELIVERED, posted.detail)
        later = posted.status is None or posted.status >= 500 or posted.status in _LATER
        return Delivered(Told.LATER if later else Told.REFUSED, posted.detail)

    async def _store(
        self, recipient: Recipient, message: Message, delivered: Delivered, tried_at: datetime
    ) -> Message | None:
        pause = DELAYS.after(message.tries + 1) if delivered.told is Told.LATER else None
        state = MessageState.DELIVERED if delivered.told is Told.DELIVERED else MessageState.FAILED
        async with self._transactions.begin(recipient.tenant_id) as t:
            now = await t.now()
            ended = replace(
                message,
                state=MessageState.PENDING if pause else state,
                due_at=now + pause if pause else None,
                tries=message.tries + 1,
                last_try_at=tried_at,
                detail=delivered.detail,
            )
            try:
                present = await t.notifications.get(recipient.id, lock=True)
            except NotFound:
                return None
            if not await t.notifications.save_message(ended, tries=message.tries):
                return None
            if delivered.told is Told.DELIVERED and (present.trouble or present.refusals):
                await t.notifications.save(replace(present, trouble="", trouble_at=None, refusals=0))
            elif delivered.told is not Told.DELIVERED:
                refused = delivered.told is Told.REFUSED
                changed = (
                    present.was_refused(delivered.detail, now)
                    if refused
                    else replace(present, trouble=delivered.detail, trouble_at=now)
                )
                await t.notifications.save(changed)
        tell = _log.info if delivered.told is Told.DELIVERED else _log.warning
        tell(
            "message.tried",
            tenant=recipient.tenant_id,
            recipient=recipient.id,
            message=message.id,
            kind=message.kind.value,
            told=delivered.told.value,
            detail=delivered.detail,
            tries=ended.tries,
        )
        return ended
