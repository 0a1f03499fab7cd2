"""Recipients, notices and messages, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredRecipient
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import GatheredNotices, Notice, NoticeKind, WaitingCause
from core.model.notifications.recipient import Recipient, RecipientSecrets
from core.model.sending.send import SendState
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind
from ports.storage.notifications import Notifications

_KIND = WorkKind.NOTIFICATION


class MemoryNotifications(Repository, Notifications):
    async def add(self, recipient: Recipient, secrets: RecipientSecrets) -> None:
        self._rows.recipients[recipient.id] = StoredRecipient(recipient, secrets)
        if recipient.digest_at:
            self._wake(_KIND, recipient.id, recipient.digest_at)

    async def get(self, recipient_id: str, *, lock: bool = False) -> Recipient:
        return self._one(recipient_id).recipient

    async def of_person(self, person_id: str) -> Recipient | None:
        return next((one for one in self._ours() if one.person_id == person_id), None)

    async def all(self) -> Sequence[Recipient]:
        return [one for one in self._ours() if one.person_id is None]

    async def save(self, recipient: Recipient) -> None:
        self._rows.recipients[recipient.id] = replace(self._one(recipient.id), recipient=recipient)

    async def set_secrets(self, recipient_id: str, secrets: RecipientSecrets) -> None:
        self._rows.recipients[recipient_id] = replace(self._one(recipient_id), secrets=secrets)

    async def remove(self, recipient_id: str) -> None:
        self._one(recipient_id)
        self._rows.forget_recipient(recipient_id)

    async def secrets(self, recipient_id: str) -> RecipientSecrets:
        return self._one(recipient_id).secrets

    async def tell(self, notice: Notice) -> None:
        for one in self._ours():
            if one.wants(notice.kind):
                self._rows.notices = [*self._rows.notices, (one.id, notice)]
                self._wake(_KIND, one.id, notice.ready_at)

    async def waiting(self, recipient_id: str) -> Sequence[WaitingCause]:
        causes: dict[str, list[Notice]] = {}
        for notice in self._notices(recipient_id):
            causes.setdefault(notice.cause, []).append(notice)
        found = [self._waiting(recipient_id, notices) for notices in causes.values()]
        return sorted(found, key=lambda one: (one.first_at, one.cause))

    async def gather(
        self, recipient_id: str, cause: str, newest: int, ready_by: datetime | None = None
    ) -> GatheredNotices | None:
        these = [
            one
            for one in self._notices(recipient_id)
            if one.cause == cause and (ready_by is None or one.ready_at <= ready_by)
        ]
        if not these:
            return None
        self._rows.notices = [(id, one) for id, one in self._rows.notices if id != recipient_id or one not in these]
        return GatheredNotices(
            count=len(these),
            jobs=len({(one.connection_id, one.job_id) for one in these}),
            first_at=min(one.at for one in these),
            last_at=max(one.at for one in these),
            newest=tuple(reversed(these[-newest:])),
        )

    async def drop(self, recipient_id: str) -> None:
        self._one(recipient_id)
        self._rows.notices = [one for one in self._rows.notices if one[0] != recipient_id]
        kept = {
            key: one
            for key, one in self._rows.messages.items()
            if key[0] != recipient_id or one.state is not MessageState.PENDING
        }
        self._rows.messages = kept

    async def add_message(self, message: Message) -> None:
        seq = max((one.seq for one in self._rows.messages.values()), default=0) + 1
        self._rows.messages[message.recipient_id, message.id] = replace(message, seq=seq)

    async def next_message(self, recipient_id: str, now: datetime) -> Message | None:
        due = [(one.due_at, one.seq, one) for one in self._messages(recipient_id) if one.due_at and one.due_at <= now]
        return min(due)[2] if due else None

    async def save_message(self, message: Message, *, tries: int) -> bool:
        key = (message.recipient_id, message.id)
        stored = self._rows.messages.get(key)
        if stored is None or stored.tries != tries:
            return False
        self._rows.messages[key] = replace(message, seq=stored.seq)
        return True

    async def messages(self, recipient_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Message]:
        found = [one for one in self._messages(recipient_id) if before is None or one.seq < before]
        return sorted(found, key=lambda one: -one.seq)[:limit]

    async def next_try(self, recipient_id: str) -> datetime | None:
        return min((one.due_at for one in self._messages(recipient_id) if one.due_at), default=None)

    async def pull_forward(self, recipient_id: str, beyond: datetime, now: datetime) -> int:
        late = [
            one
            for one in self._messages(recipient_id)
            if one.due_at and one.due_at > now and max(one.created_at, one.last_try_at or one.created_at) > beyond
        ]
        for one in late:
            await self.save_message(replace(one, due_at=now), tries=one.tries)
        return len(late) + self._pull_notices(recipient_id, beyond, now)

    async def wake(self, recipient_id: str, at: datetime) -> None:
        if any(one.id == recipient_id for one in self._ours()):
            self._wake(_KIND, recipient_id, max(at, self._now))

    async def set_due(self, recipient_id: str, due_at: datetime | None) -> None:
        if due_at is None or self._is_ours(recipient_id):
            self._set_due(_KIND, recipient_id, due_at)

    async def ended_between(self, since: datetime, until: datetime) -> Mapping[SendState, int]:
        done = (one for one in self._rows.sends.values() if one.due_at is None and one.id not in self._rows.retired)
        ended = (one for one in done if one.tenant_id == self._tenant_id)
        return Counter(one.state for one in ended if one.finished_at and since <= one.finished_at < until)

    def _waiting(self, recipient_id: str, these: list[Notice]) -> WaitingCause:
        kind, cause = these[0].kind, these[0].cause
        told = [one.created_at for one in self._messages(recipient_id) if one.cause == cause]
        ready = min if kind is NoticeKind.DOUBT else max
        return WaitingCause(
            kind=kind,
            cause=cause,
            first_at=min(one.at for one in these),
            ready_at=ready(one.ready_at for one in these),
            told_at=max(told, default=None),
        )

    def _pull_notices(self, recipient_id: str, beyond: datetime, now: datetime) -> int:
        early = [one for one in self._notices(recipient_id) if one.at > beyond]
        self._rows.notices = [
            (id, replace(one, at=now, ready_at=now)) if id == recipient_id and one in early else (id, one)
            for id, one in self._rows.notices
        ]
        return len(early)

    def _ours(self) -> list[Recipient]:
        return [one.recipient for one in self._rows.recipients.values() if one.recipient.tenant_id == self._tenant_id]

    def _notices(self, recipient_id: str) -> list[Notice]:
        return [one for id, one in self._rows.notices if id == recipient_id and self._is_ours(recipient_id)]

    def _messages(self, recipient_id: str) -> list[Message]:
        found = [one for one in self._rows.messages.values() if one.recipient_id == recipient_id]
        return found if self._is_ours(recipient_id) else []

    def _is_ours(self, recipient_id: str) -> bool:
        return any(one.id == recipient_id for one in self._ours())

    def _one(self, recipient_id: str) -> StoredRecipient:
        row = self._rows.recipients.get(recipient_id)
        if row is None or row.recipient.tenant_id != self._tenant_id:
            raise NotFound(f"There is no recipient {recipient_id}.", code="NOTIFICATION_RECIPIENT_NOT_FOUND")
        return row
