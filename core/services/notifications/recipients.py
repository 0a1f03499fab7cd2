"""Who is told of what: a person's own choice, and the tenant's other addresses and channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.model.access.person import Person
from core.model.notifications.message import Message
from core.model.notifications.recipient import (
    LINK_KEY_BYTES,
    RECOMMENDED,
    Channel,
    Choice,
    Recipient,
    RecipientSecrets,
    host_of,
    mail_address,
)
from core.model.shared.errors import BadInput, Conflict, NotFound
from core.model.shared.secret import Secret
from core.model.shared.time_zone import zone_of
from core.services.notifications.tell_recipient import due_next
from core.services.notifications.unsubscribe import audit_recipient
from core.services.service import Service
from ports.mailer import Delivered
from ports.storage.transactions import TenantTransaction

MOST_OF_A_TENANT = 20


@dataclass(frozen=True, slots=True)
class MessagePage:
    """`next_before` is the `before` of the next page, None at the end."""

    messages: Sequence[Message]
    next_before: int | None


class Recipients(Service):
    @property
    def mails(self) -> bool:
        """Whether this installation has a mail server."""
        return self._mailer is not None

    async def add(
        self, tenant_id: str, channel: Channel, address: str, choice: Choice = RECOMMENDED, *, by: str = "operator"
    ) -> Recipient:
        """Add an e-mail address, or the secret address of an incoming webhook of Teams or Slack.

        Raises BadInput (NOTIFICATION_INVALID, WEBHOOK_URL_REFUSED), or Conflict (NOTIFICATION_RECIPIENTS_FULL,
        NOTIFICATION_RECIPIENT_EXISTS).
        """
        shown = self._checked(channel, address)
        url = None if channel is Channel.MAIL else Secret(address.strip())
        async with self._transactions.begin(tenant_id) as t:
            others = await t.notifications.all()
            if len(others) >= MOST_OF_A_TENANT:
                raise Conflict(
                    f"This tenant already has {MOST_OF_A_TENANT} recipients, and more are not allowed.",
                    code="NOTIFICATION_RECIPIENTS_FULL",
                    fix="Remove one that is no longer needed.",
                )
            if channel is Channel.MAIL:
                _require_new(shown, others)
            recipient = await self._new(t, tenant_id, channel, shown, choice, by, url=url)
            await audit_recipient(t, self._clock.now(), "recipient.added", recipient, by)
        return recipient

    async def find(self, tenant_id: str, recipient_id: str) -> Recipient:
        """Raises NotFound (NOTIFICATION_RECIPIENT_NOT_FOUND), also for a person's own choice."""
        async with self._transactions.begin(tenant_id) as t:
            return await recipient_of(t, recipient_id)

    async def all(self, tenant_id: str) -> Sequence[Recipient]:
        """The addresses and channels of the tenant, in the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.notifications.all()

    async def change(
        self,
        tenant_id: str,
        recipient_id: str,
        *,
        choice: Choice | None = None,
        address: str | None = None,
        paused: bool | None = None,
        by: str = "operator",
    ) -> Recipient:
        """Change what a recipient is told of, or its address. `paused` stops it, or starts it again; what would be told
        in a pause is not stored. Links in mails to a former address end nothing.

        Raises NotFound, BadInput (NOTIFICATION_INVALID, WEBHOOK_URL_REFUSED), or Conflict
        (NOTIFICATION_RECIPIENT_EXISTS).
        """
        async with self._transactions.begin(tenant_id) as t:
            before = await recipient_of(t, recipient_id, lock=True)
            changed = before
            if address is not None:
                changed = await self._moved(t, before, address)
            changed = await self._changed(t, changed, choice, paused=paused)
            await audit_recipient(t, self._clock.now(), "recipient.changed", changed, by)
        return changed

    async def remove(self, tenant_id: str, recipient_id: str, *, by: str = "operator") -> None:
        """Remove it with all that waits for it. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            recipient = await recipient_of(t, recipient_id, lock=True)
            await t.notifications.remove(recipient_id)
            await audit_recipient(t, self._clock.now(), "recipient.removed", recipient, by)

    async def examine_mail_server(self) -> Delivered | None:
        """Whether mails can be sent at present; None without a mail server. No mail is sent."""
        return await self._mailer.examine() if self._mailer else None

    async def own(self, person: Person) -> Recipient | None:
        """What a person of a tenant chose for themselves, None if nothing yet."""
        async with self._transactions.begin(_tenant_of(person)) as t:
            return await t.notifications.of_person(person.id)

    async def choose(self, person: Person, choice: Choice, *, paused: bool | None = None) -> Recipient:
        """Store what a person chose for themselves: mails to their own address. Raises BadInput, NotFound."""
        tenant_id = _tenant_of(person)
        async with self._transactions.begin(tenant_id) as t:
            present = await t.people.get(person.id)
            own = await t.notifications.of_person(person.id)
            if own is None:
                by = present.email
                chosen = await self._new(t, tenant_id, Channel.MAIL, by, choice, by, person_id=person.id)
            else:
                locked = await t.notifications.get(own.id, lock=True)
                chosen = await self._changed(t, replace(locked, address=present.email), choice, paused=paused)
            await audit_recipient(t, self._clock.now(), "recipient.chosen", chosen, present.email)
        return chosen

    async def messages(
        self,
        tenant_id: str,
        recipient_id: str,
        *,
        person: Person | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> MessagePage:
        """The messages to a recipient of the tenant, or to this person, newest first. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            await recipient_of(t, recipient_id, person=person)
            found = await t.notifications.messages(recipient_id, limit=limit + 1, before=before)
        page = found[:limit]
        return MessagePage(page, page[-1].seq if len(found) > limit else None)

    async def _new(
        self,
        t: TenantTransaction,
        tenant_id: str,
        channel: Channel,
        address: str,
        choice: Choice,
        by: str,
        *,
        url: Secret | None = None,
        person_id: str | None = None,
    ) -> Recipient:
        now, tenant = await t.now(), await t.tenant()
        recipient = Recipient(
            id=self._ids.new("rcp"),
            tenant_id=tenant_id,
            channel=channel,
            address=address,
            created_at=now,
            created_by=by,
            person_id=person_id,
        ).choosing(choice, zone_of(tenant.time_zone), now)
        await t.notifications.add(recipient, RecipientSecrets(self._new_link_key(), url))
        return recipient

    async def _moved(self, t: TenantTransaction, before: Recipient, address: str) -> Recipient:
        """The recipient with another address."""
        shown, secrets = self._checked(before.channel, address), await t.notifications.secrets(before.id)
        if before.channel is not Channel.MAIL:
            secrets = replace(secrets, url=Secret(address.strip()))
        elif shown != before.address:
            _require_new(shown, [one for one in await t.notifications.all() if one.id != before.id])
            secrets = replace(secrets, link_key=self._new_link_key())
        await t.notifications.set_secrets(before.id, secrets)
        return replace(before, address=shown)

    async def _changed(
        self, t: TenantTransaction, before: Recipient, choice: Choice | None, *, paused: bool | None
    ) -> Recipient:
        now, tenant = await t.now(), await t.tenant()
        changed = before
        if paused is False and before.paused:
            changed = before.started_again().choosing(before.choice, zone_of(tenant.time_zone), now)
        elif paused and not before.paused:
            changed = replace(before, paused=True, paused_reason="")
            await t.notifications.drop(before.id)
        if choice is not None:
            changed = changed.choosing(choice, zone_of(tenant.time_zone), now)
        await t.notifications.save(changed)
        await t.notifications.wake(changed.id, now)
        await t.notifications.set_due(changed.id, await due_next(t, changed, tenant, now))
        return changed

    def _new_link_key(self) -> Secret:
        return Secret(self._random.token(LINK_KEY_BYTES).hex())

    def _checked(self, channel: Channel, address: str) -> str:
        """What is shown of the address, once it is clear that it can be used."""
        if channel is Channel.MAIL:
            return mail_address(address)
        host = host_of(address.strip())
        try:
            self._webhook_sender.check(address.strip())
        except BadInput as error:
            raise BadInput(
                error.message.replace("Events", "Notifications"), code=error.code, fix=error.fix, errors=error.errors
            ) from error
        return host


async def recipient_of(
    t: TenantTransaction, recipient_id: str, *, person: Person | None = None, lock: bool = False
) -> Recipient:
    """A recipient that is the tenant's, or this person's own. Raises NotFound (NOTIFICATION_RECIPIENT_NOT_FOUND)."""
    recipient = await t.notifications.get(recipient_id, lock=lock)
    if recipient.person_id != (person.id if person else None):
        raise NotFound(f"There is no recipient {recipient_id}.", code="NOTIFICATION_RECIPIENT_NOT_FOUND")
    return recipient


def _require_new(address: str, others: Sequence[Recipient]) -> None:
    """Raises Conflict (NOTIFICATION_RECIPIENT_EXISTS)."""
    if any(one.address.lower() == address.lower() for one in others):
        raise Conflict(
            f"{address} is a recipient already.",
            code="NOTIFICATION_RECIPIENT_EXISTS",
            fix="Change what it is told of instead.",
        )


def _tenant_of(person: Person) -> str:
    """The person's tenant. Raises BadInput (NOTIFICATION_OPERATOR): an operator belongs to none."""
    if person.tenant_id is None:
        raise BadInput(
            "Operators belong to no tenant, so there is nothing to tell them of.",
            code="NOTIFICATION_OPERATOR",
            fix="Add your address to the recipients of a tenant.",
        )
    return person.tenant_id
