"""Notifications of a tenant: recipients with their sealed secrets, what waits to be told, and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Text, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import columns, content_fields, content_of, made
from adapters.outbound.postgres.repository import SealingRepository, newest
from adapters.outbound.postgres.tables.notifying import notices, notification_messages, recipients
from adapters.outbound.postgres.tables.sending import sends
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import GatheredNotices, Notice, NoticeKind, WaitingCause
from core.model.notifications.recipient import Choice, Recipient, RecipientSecrets
from core.model.sending.send import SendState
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind
from ports.storage.notifications import Notifications

LINK_KEY, URL = "link_key", "url"
_KIND = WorkKind.NOTIFICATION


class PostgresNotifications(SealingRepository, Notifications):
    async def add(self, recipient: Recipient, secrets: RecipientSecrets) -> None:
        await self._add(recipients, _recipient_values(recipient) | await self._seal(recipient.id, secrets))
        await self._due.add(_KIND, recipient.id)
        if recipient.digest_at:
            await self._due.wake(_KIND, recipient.id, recipient.digest_at)

    async def get(self, recipient_id: str, *, lock: bool = False) -> Recipient:
        query = select(recipients).where(self._ours(recipients, id=recipient_id))
        # This lock allows foreign key checks, so storing a notice for this recipient does not wait for us.
        query = query.with_for_update(key_share=True) if lock else query
        return _recipient_of(await self._row_or(_missing(recipient_id), query))

    async def of_person(self, person_id: str) -> Recipient | None:
        row = await self._row(select(recipients).where(self._ours(recipients, person_id=person_id)))
        return _recipient_of(row) if row else None

    async def all(self) -> Sequence[Recipient]:
        ours = self._ours(recipients), recipients.c.person_id.is_(None)
        return [
            _recipient_of(row) for row in await self._rows(select(recipients).where(*ours).order_by(recipients.c.seq))
        ]

    async def save(self, recipient: Recipient) -> None:
        await self._change(recipient.id, _recipient_values(recipient))

    async def set_secrets(self, recipient_id: str, secrets: RecipientSecrets) -> None:
        await self._change(recipient_id, await self._seal(recipient_id, secrets))

    async def remove(self, recipient_id: str) -> None:
        this = self._ours(recipients, id=recipient_id)
        await self._run_or(_missing(recipient_id), delete(recipients).where(this))
        await self._due.remove(recipient_id)

    async def secrets(self, recipient_id: str) -> RecipientSecrets:
        row = await self._with_data_key(_missing(recipient_id), recipients, recipient_id)
        return RecipientSecrets(
            self._opened(recipients, row, LINK_KEY), row[URL] and self._opened(recipients, row, URL)
        )

    async def tell(self, notice: Notice) -> None:
        """The lock waits for the removal of a recipient, instead of failing on the missing row. The order is the same
        everywhere, so that two transactions of a tenant never wait for each other."""
        asking = (
            select(recipients.c.id)
            .where(self._ours(recipients), ~recipients.c.paused, recipients.c.kinds.contains([notice.kind.value]))
            .order_by(recipients.c.id)
            .with_for_update(read=True, key_share=True)
            .cte("asking")
        )
        values = columns(notice) | {"tenant_id": self._tenant_id}
        row = [literal(value, notices.c[name].type).label(name) for name, value in values.items()]
        stored = insert(notices).from_select([*values, "recipient_id"], select(*row, asking.c.id))
        told = (await self._connection.execute(stored.returning(notices.c.recipient_id))).scalars().all()
        for recipient_id in sorted(told):
            # Beside others who do the same: failures of many connections do not wait for each other.
            woken = func.wake_due(self._tenant_id, _KIND.value, recipient_id, notice.ready_at)
            await self._run(select(woken))

    async def waiting(self, recipient_id: str) -> Sequence[WaitingCause]:
        told = (
            select(func.max(notification_messages.c.created_at))
            .where(
                notification_messages.c.recipient_id == recipient_id,
                notification_messages.c.cause == notices.c.cause,
            )
            .correlate(notices)
            .scalar_subquery()
        )
        first = func.min(notices.c.at)
        # A doubt is ready an hour after it began: the first one decides. Of others more may come soon.
        is_doubt = notices.c.kind == NoticeKind.DOUBT.value
        ready = func.coalesce(func.min(notices.c.ready_at).filter(is_doubt), func.max(notices.c.ready_at))
        found = await self._rows(
            select(
                notices.c.kind,
                notices.c.cause,
                first.label("first_at"),
                ready.label("ready_at"),
                told.label("told_at"),
            )
            .where(self._of(notices, recipient_id))
            .group_by(notices.c.kind, notices.c.cause)
            .order_by(first, notices.c.cause)
        )
        return [made(WaitingCause, row) for row in found]

    async def gather(
        self, recipient_id: str, cause: str, newest: int, ready_by: datetime | None = None
    ) -> GatheredNotices | None:
        these = self._of(notices, recipient_id, cause=cause)
        if ready_by is not None:
            these &= notices.c.ready_at <= ready_by
        last = await self._rows(select(notices).where(these).order_by(notices.c.seq.desc()).limit(newest))
        gone = (
            delete(notices).where(these).returning(notices.c.at, notices.c.connection_id, notices.c.job_id).cte("gone")
        )
        job = gone.c.connection_id.concat(literal(" ", Text)).concat(gone.c.job_id)
        row = await self._row(
            select(
                func.count().label("count"),
                func.count(job.distinct()).label("jobs"),
                func.min(gone.c.at).label("first_at"),
                func.max(gone.c.at).label("last_at"),
            ).select_from(gone)
        )
        if row is None or not row["count"] or not last:
            return None
        return GatheredNotices(**row, newest=tuple(made(Notice, one) for one in last))

    async def drop(self, recipient_id: str) -> None:
        await self._run(delete(notices).where(self._of(notices, recipient_id)))
        pending = self._of(notification_messages, recipient_id, state=MessageState.PENDING.value)
        await self._run(delete(notification_messages).where(pending))

    async def add_message(self, message: Message) -> None:
        await self._add(notification_messages, _message_values(message))

    async def next_message(self, recipient_id: str, now: datetime) -> Message | None:
        due_at = notification_messages.c.due_at
        due = select(notification_messages).where(self._of(notification_messages, recipient_id), due_at <= now)
        row = await self._row(due.order_by(due_at, notification_messages.c.seq).limit(1))
        return _message_of(row) if row else None

    async def save_message(self, message: Message, *, tries: int) -> bool:
        seen = self._of(notification_messages, message.recipient_id, tries=tries)
        this = update(notification_messages).where(seen, notification_messages.c.id == message.id)
        return await self._run(this.values(_message_values(message))) == 1

    async def messages(self, recipient_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Message]:
        query = select(notification_messages).where(self._of(notification_messages, recipient_id))
        page = newest(query, notification_messages.c.seq, limit, before)
        return [_message_of(row) for row in await self._rows(page)]

    async def next_try(self, recipient_id: str) -> datetime | None:
        due_at = func.min(notification_messages.c.due_at)
        found: datetime | None = await self._value(select(due_at).where(self._of(notification_messages, recipient_id)))
        return found

    async def pull_forward(self, recipient_id: str, beyond: datetime, now: datetime) -> int:
        message, notice = notification_messages.c, notices.c
        put_off = func.greatest(message.created_at, message.last_try_at)
        tries = self._of(notification_messages, recipient_id), message.due_at > now, put_off > beyond
        late = await self._run(update(notification_messages).where(*tries).values(due_at=now))
        early = self._of(notices, recipient_id), notice.at > beyond
        return late + await self._run(update(notices).where(*early).values(at=now, ready_at=now))

    async def wake(self, recipient_id: str, at: datetime) -> None:
        await self._due.wake(_KIND, recipient_id, at)

    async def set_due(self, recipient_id: str, due_at: datetime | None) -> None:
        await self._due.set(_KIND, recipient_id, due_at)

    async def ended_between(self, since: datetime, until: datetime) -> Mapping[SendState, int]:
        ended = sends.c.finished_at
        found = await self._connection.execute(
            select(sends.c.state, func.count())
            .where(self._ours(sends), ~sends.c.retired, sends.c.due_at.is_(None), ended >= since, ended < until)
            .group_by(sends.c.state)
        )
        return {SendState(state): count for state, count in found}

    @property
    def _due(self) -> DueMoments:
        return DueMoments(self._connection, self._tenant_id)

    def _of(self, table: Any, recipient_id: str, **values: object) -> ColumnElement[bool]:
        return self._ours(table, recipient_id=recipient_id, **values)

    async def _seal(self, recipient_id: str, secrets: RecipientSecrets) -> dict[str, Any]:
        return await self._sealed(recipients, recipient_id, **{LINK_KEY: secrets.link_key, URL: secrets.url})

    async def _change(self, recipient_id: str, values: Mapping[str, Any]) -> None:
        await self._run(update(recipients).where(self._ours(recipients, id=recipient_id)).values(values))


def _recipient_values(recipient: Recipient) -> dict[str, Any]:
    """All columns except `seq` and the secrets."""
    return columns(recipient, "choice") | columns(recipient.choice)


def _recipient_of(row: RowMapping) -> Recipient:
    choice = made(Choice, row, kinds=tuple(NoticeKind(kind) for kind in row["kinds"]))
    return made(Recipient, row, choice=choice)


def _message_values(message: Message) -> dict[str, Any]:
    """All columns except `seq` and `tenant_id`."""
    return columns(message, "seq", content=content_fields(message.content))


def _message_of(row: RowMapping) -> Message:
    return made(Message, row, content=content_of(row["content"]))


def _missing(recipient_id: str) -> NotFound:
    return NotFound(
        f"There is no recipient {recipient_id}.",
        code="NOTIFICATION_RECIPIENT_NOT_FOUND",
        fix="Look in the list of recipients.",
    )
