"""Recipients of notifications. Nothing shows the secret address of a channel, only its host."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import CURSOR, Input, Moment, Output, Text
from adapters.inbound.schema.terms import By, eg
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
    """A mail address or a channel that is told of trouble."""

    channel: Channel
    """How the recipient is told."""
    address: Annotated[Address, eg("office@example.com")]
    """An e-mail address, or the secret address of an incoming webhook of Teams or Slack, which no answer shows."""
    kinds: Kinds = Field(default_factory=lambda: list(RECOMMENDED.kinds))
    """What it is told of. Left out: the recommended kinds."""
    digest_hour: Annotated[Hour, eg(7)] = DEFAULT_HOUR
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: Annotated[Hour, eg(19)] | None = None
    """First hour in which nothing is sent, 0 to 23 in the tenant's time zone. Null: no quiet hours. Give both ends or
    none."""
    quiet_until: Annotated[Hour, eg(6)] | None = None
    """The hour in which messages begin again, 0 to 23 in the tenant's time zone."""

    def choice(self) -> Choice:
        return Choice(
            kinds=tuple(self.kinds),
            digest_hour=self.digest_hour,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
        )


class RecipientPatch(Input):
    """Changes of a recipient. Fields that are left out do not change."""

    address: Annotated[Address, eg("office@example.com")] | None = None
    """A new address of the same channel. Left out or null: no change."""
    kinds: Kinds | None = None
    """What it is told of from now on. Left out or null: no change."""
    digest_hour: Annotated[Hour, eg(7)] | None = None
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: Annotated[Hour, eg(19)] | None = None
    """First hour in which nothing is sent, 0 to 23. Null for both ends: no quiet hours any more."""
    quiet_until: Annotated[Hour, eg(6)] | None = None
    """The hour in which messages begin again, 0 to 23."""
    paused: Annotated[bool, eg(False)] | None = None
    """True stops its messages; false starts them again."""

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
    """A mail address or a channel that is told of trouble, and whether the messages arrive."""

    id: Annotated[str, eg("rcp_01KJPV4V00EXAMPLE0000000R1")]
    """Id of the recipient, given by Jobferry."""
    channel: Channel
    """How the recipient is told."""
    address: Annotated[str, eg("office@example.com")]
    """An e-mail address, or the host of a channel's secret address."""
    kinds: list[NoticeKind]
    """What it is told of."""
    digest_hour: Annotated[int, eg(7)]
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: Annotated[int, eg(19)] | None
    """First hour in which nothing is sent, 0 to 23 in the tenant's time zone. Null: no quiet hours."""
    quiet_until: Annotated[int, eg(6)] | None
    """The hour in which messages begin again, 0 to 23 in the tenant's time zone. Null: no quiet hours."""
    paused: bool
    """Whether nothing is sent to it."""
    paused_reason: Annotated[str, eg("")]
    """Why Jobferry paused it. '' if it is not paused, or if somebody paused it."""
    trouble: Annotated[str, eg("")]
    """Why the last try failed. '' after a success."""
    trouble_at: Annotated[Moment, eg(None)] | None
    """When the last try failed. Null after a success."""
    next_digest_at: Annotated[Moment, eg("2026-03-03T13:00:00Z")] | None
    """When the next daily summary is due. Null: it gets none."""
    created_at: Moment
    """When it was added."""
    created_by: By

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
    """Which part of the list of messages is wanted."""

    limit: int = Field(default=50, ge=1, le=200)
    """The most messages in one answer."""
    cursor: Annotated[Text, CURSOR] | None = None


class MessageOut(Output):
    """One message to a recipient, and what became of it."""

    id: Annotated[str, eg("msg_01KJPV4V00EXAMPLE0000000M1")]
    """Id of the message, given by Jobferry. It is part of the mail's Message-ID."""
    kind: NoticeKind
    """What it tells of."""
    subject: Annotated[str, eg("Spectrum: 3 jobs need attention")]
    """The subject of the mail, or the title of the post."""
    state: MessageState
    """What became of it."""
    tries: Annotated[int, eg(1)]
    """How often it was tried."""
    detail: Annotated[str, eg("250 OK")]
    """What became of the last try, in words."""
    created_at: Moment
    """When it was written."""
    last_try_at: Moment | None
    """When it was last tried. Null: not yet."""
    next_try_at: Annotated[Moment, eg(None)] | None
    """When it is tried again. Null: not any more."""

    @classmethod
    def of(cls, message: Message) -> Self:
        return super().of(message, subject=message.content.subject, next_try_at=message.due_at)
