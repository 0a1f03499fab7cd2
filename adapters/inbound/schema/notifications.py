"""Recipients of notifications. Nothing shows the secret address of a channel, only its host."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import CHOICES, NoticeKind
from core.model.notifications.recipient import DEFAULT_HOUR, RECOMMENDED, Channel, Choice, Recipient


def _kind(value: object) -> object:
    if value in CHOICES:
        return NoticeKind(str(value))
    raise PydanticCustomError("notice_kind", "must be one of {kinds}", {"kinds": ", ".join(CHOICES)})


Address = Annotated[str, StringConstraints(max_length=2000)]
Kinds = list[Annotated[NoticeKind, BeforeValidator(_kind)]]
Hour = Annotated[int, Field(ge=0, le=23)]


class RecipientIn(Input):
    """`address` is an e-mail address, or the secret address of an incoming webhook of Teams or Slack, which no answer
    shows. Hours are those of the tenant's time zone. Quiet hours need both ends."""

    channel: Channel
    address: Address
    kinds: Kinds = Field(default_factory=lambda: list(RECOMMENDED.kinds))
    digest_hour: Hour = DEFAULT_HOUR
    quiet_from: Hour | None = None
    quiet_until: Hour | None = None

    def choice(self) -> Choice:
        return Choice(
            kinds=tuple(self.kinds),
            digest_hour=self.digest_hour,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
        )


class RecipientPatch(Input):
    """Fields that are left out do not change. null for both quiet hours removes them. `paused` false starts a paused
    recipient again; true stops it."""

    address: Address | None = None
    kinds: Kinds | None = None
    digest_hour: Hour | None = None
    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    paused: bool | None = None

    def choice(self, before: Choice) -> Choice | None:
        """The choice after the change; None if no field of it is given."""
        names = ("kinds", "digest_hour", "quiet_from", "quiet_until")
        given: dict[str, Any] = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        given = {name: value for name, value in given.items() if value is not None or name.startswith("quiet_")}
        if not given:
            return None
        present = {name: getattr(before, name) for name in names}
        return Choice(**present | given | ({"kinds": tuple(given["kinds"])} if "kinds" in given else {}))


class RecipientOut(Output):
    """`address` is an e-mail address, or the host of a channel's secret address. `paused_reason` says why nothing is
    sent, '' if somebody paused it. `trouble` says why the last try failed, '' after a success."""

    id: str
    channel: Channel
    address: str
    kinds: list[NoticeKind]
    digest_hour: int
    quiet_from: int | None
    quiet_until: int | None
    paused: bool
    paused_reason: str
    trouble: str
    trouble_at: Moment | None
    next_digest_at: Moment | None
    created_at: Moment
    created_by: str

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        choice = recipient.choice
        return super().of(
            recipient,
            kinds=list(choice.kinds),
            digest_hour=choice.digest_hour,
            quiet_from=choice.quiet_from,
            quiet_until=choice.quiet_until,
            next_digest_at=recipient.digest_at,
        )


class MessagesQuery(Input):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Text | None = None


class MessageOut(Output):
    """`id` is part of the mail's Message-ID. `detail` says what became of the last try."""

    id: str
    kind: NoticeKind
    subject: str
    state: MessageState
    tries: int
    detail: str
    created_at: Moment
    last_try_at: Moment | None
    next_try_at: Moment | None

    @classmethod
    def of(cls, message: Message) -> Self:
        return super().of(message, subject=message.content.subject, next_try_at=message.due_at)
