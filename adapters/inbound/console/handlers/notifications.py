"""Notifications: what a person chose for themselves, and the tenant's addresses and channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from adapters.inbound.console.forms import problems_of
from adapters.inbound.console.handlers.confirmation import ask, is_sure
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered, TenantRequest
from core.model.access.api_key import Scope
from core.model.notifications.content import KIND_WORDS
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import CHOICES
from core.model.notifications.recipient import DEFAULT_HOUR, RECOMMENDED, Channel, Choice
from core.model.shared.errors import BadInput, Conflict, JobferryError

SHOWN = 20
CHANNELS = {Channel.MAIL: "E-mail", Channel.TEAMS: "Microsoft Teams", Channel.SLACK: "Slack"}
HOURS = {str(hour): f"{hour:02}:00" for hour in range(24)}


@dataclass(frozen=True, slots=True)
class Choosing:
    """A choice as the inputs of a form: `id` makes their names unique on the page."""

    id: str
    kinds: frozenset[str]
    digest_hour: str
    quiet_from: str
    quiet_until: str

    @classmethod
    def of(cls, id: str, choice: Choice) -> Choosing:
        hours = ("" if hour is None else str(hour) for hour in (choice.quiet_from, choice.quiet_until))
        return cls(id, frozenset(choice.kinds), str(choice.digest_hour), *hours)

    @classmethod
    def filled(cls, id: str, form: Mapping[str, str]) -> Choosing:
        """As somebody filled it in."""
        kinds = frozenset(kind for kind in CHOICES if f"kind.{kind}" in form)
        return cls(id, kinds, *(form.get(name, "") for name in ("digest_hour", "quiet_from", "quiet_until")))

    def choice(self) -> Choice:
        """Raises BadInput (NOTIFICATION_INVALID)."""
        return Choice(
            kinds=tuple(kind for kind in CHOICES if kind in self.kinds),
            digest_hour=DEFAULT_HOUR if (hour := _hour(self.digest_hour)) is None else hour,
            quiet_from=_hour(self.quiet_from),
            quiet_until=_hour(self.quiet_until),
        )


def _hour(text: str) -> int | None:
    return int(text) if text in HOURS else None


async def show_notifications(
    request: TenantRequest, error: JobferryError | None = None, *, own: Choosing | None = None, new: bool = False
) -> Rendered:
    """The person's own choice, and for administrators the tenant's recipients. `own` is the person's refused form,
    with `new` the form of the new recipient was refused."""
    recipients = request.use_cases.recipients
    of_tenant = request.person.tenant_id is not None
    mine = await recipients.own(request.person) if of_tenant else None
    others = await recipients.all(request.tenant.id) if request.may(Scope.MANAGE) else ()
    messages = (
        (await recipients.messages(request.tenant.id, mine.id, person=request.person, limit=5)).messages if mine else ()
    )
    adding = Choosing.filled("new", request.form) if new else Choosing.of("new", RECOMMENDED)
    return Rendered(
        "notifications/notifications.html",
        {
            "of_tenant": of_tenant,
            "mine": mine,
            "own": own or Choosing.of("own", mine.choice if mine else RECOMMENDED),
            "messages": messages,
            "others": others,
            "adding": adding,
            "filled": request.form if new else {},
            "problems": problems_of(error) if isinstance(error, BadInput) else {},
            "nothing_set": not recipients.mails,
            "done": request.query.get("done", ""),
            **_words(),
        },
        error=error,
    )


async def choose(request: TenantRequest) -> Rendered | Redirect:
    """Store what the person chose for themselves, and start their mails again if they were stopped."""
    own = Choosing.filled("own", request.form)
    try:
        await request.use_cases.recipients.choose(request.person, own.choice(), paused=False)
    except BadInput as error:
        return await show_notifications(request, error, own=own)
    return Redirect(f"{request.home}/notifications?done=saved")


async def test_own(request: TenantRequest) -> Rendered | Redirect:
    recipients = request.use_cases.recipients
    mine = await recipients.own(request.person)
    if mine is None:
        return Redirect(f"{request.home}/notifications")
    try:
        tried = await request.use_cases.send_test_message(request.tenant.id, mine.id, request.person, by=request.by)
    except Conflict as error:
        return await show_notifications(request, error)
    return Redirect(f"{request.home}/notifications?done={_told(tried)}")


async def add_recipient(request: TenantRequest) -> Rendered | Redirect:
    asked = request.form.get("channel", "")
    channel = Channel(asked) if asked in CHANNELS else Channel.MAIL
    try:
        choice = Choosing.filled("new", request.form).choice()
        address = request.form.get("address", "")
        added = await request.use_cases.recipients.add(request.tenant.id, channel, address, choice, by=request.by)
    except (BadInput, Conflict) as error:
        return await show_notifications(request, error, new=True)
    return Redirect(f"{request.home}/notifications/{added.id}?done=added")


async def show_recipient(
    request: TenantRequest, error: JobferryError | None = None, *, refused: Choosing | None = None
) -> Rendered:
    recipients, recipient_id = request.use_cases.recipients, request.path["recipient"]
    found = await recipients.find(request.tenant.id, recipient_id)
    page = await recipients.messages(request.tenant.id, recipient_id, limit=SHOWN, before=request.before)
    return Rendered(
        "notifications/recipient.html",
        {
            "recipient": found,
            "choosing": refused or Choosing.of("one", found.choice),
            "messages": page.messages,
            "older": urlencode({"before": page.next_before}) if page.next_before else "",
            "problems": problems_of(error) if isinstance(error, BadInput) else {},
            "nothing_set": not recipients.mails and found.channel is Channel.MAIL,
            "done": request.query.get("done", ""),
            **_words(),
        },
        error=error,
    )


async def change_recipient(request: TenantRequest) -> Rendered | Redirect:
    choosing = Choosing.filled("one", request.form)
    try:
        await request.use_cases.recipients.change(
            request.tenant.id,
            request.path["recipient"],
            choice=choosing.choice(),
            address=request.form.get("address", "").strip() or None,
            by=request.by,
        )
    except (BadInput, Conflict) as error:
        return await show_recipient(request, error, refused=choosing)
    return _back(request, "saved")


async def pause_recipient(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def start_recipient(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def test_recipient(request: TenantRequest) -> Rendered | Redirect:
    try:
        tried = await request.use_cases.send_test_message(request.tenant.id, request.path["recipient"], by=request.by)
    except Conflict as error:
        return await show_recipient(request, error)
    return _back(request, _told(tried))


async def remove_recipient(request: TenantRequest) -> Rendered | Redirect:
    recipients = request.use_cases.recipients
    found = await recipients.find(request.tenant.id, request.path["recipient"])
    if not is_sure(request):
        return ask(
            request,
            heading=f"Remove {found.address}?",
            lost=["What waits for it is not told, and its messages are forgotten."],
            button="Remove",
            back=f"{request.home}/notifications/{found.id}",
        )
    await recipients.remove(request.tenant.id, found.id, by=request.by)
    return Redirect(f"{request.home}/notifications?done=removed")


async def show_mail_server(request: PageRequest) -> Rendered:
    """Ask the mail server whether it answers and accepts the user. No mail is sent."""
    found = await request.use_cases.recipients.examine_mail_server()
    return Rendered("notifications/mail_server.html", {"found": found})


async def _set_paused(request: TenantRequest, *, paused: bool) -> Redirect:
    recipient_id = request.path["recipient"]
    await request.use_cases.recipients.change(request.tenant.id, recipient_id, paused=paused, by=request.by)
    return _back(request, "paused" if paused else "started")


def _back(request: TenantRequest, done: str) -> Redirect:
    return Redirect(f"{request.home}/notifications/{request.path['recipient']}?done={done}")


def _told(tried: Message) -> str:
    return "sent" if tried.state is MessageState.DELIVERED else "unsent"


def _words() -> dict[str, Mapping[Any, str]]:
    return {
        "kinds": {kind: KIND_WORDS[kind] for kind in CHOICES},
        "channels": {channel.value: words for channel, words in CHANNELS.items()},
        "hours": HOURS,
        "states": {"pending": "Waits", "delivered": "Sent", "failed": "Failed"},
    }
