"""`jobferry notifications`: mail addresses and channels that are told of trouble."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import TenantOption, me, read_secret
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.notifications import MessageOut, RecipientOut
from adapters.inbound.schema.schema_base import Nothing, Page
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import NoticeKind
from core.model.notifications.recipient import DEFAULT_HOUR, RECOMMENDED, Channel, Choice, Recipient
from core.model.shared.errors import BadInput

notifications = group("notifications", "Who is told of trouble, by mail, Teams or Slack.")
RecipientId = Annotated[str, typer.Argument(metavar="ID", help="The recipient's id, such as rcp_01J...")]
Kinds = Annotated[
    list[NoticeKind] | None,
    typer.Option("--kind", metavar="KIND", help="connection_held, doubt, client_secret, send_failed or digest."),
]
Quiet = Annotated[str | None, typer.Option(metavar="HOURS", help="No messages between these hours, such as 20-7.")]
Hour = Annotated[int | None, typer.Option(min=0, max=23, help="The hour of the daily summary, in the tenant's zone.")]


@notifications.command()
@answers(RecipientOut)
async def add(
    context: CommandContext,
    channel: Annotated[Channel, typer.Argument(help="mail, teams or slack.")],
    address: Annotated[str | None, typer.Argument(help="The mail address. A channel's address is asked for.")] = None,
    kind: Kinds = None,
    digest_hour: Hour = None,
    quiet: Quiet = None,
    address_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="The variable with the channel's secret address.")
    ] = None,
    address_stdin: Annotated[bool, typer.Option("--address-stdin", help="Read that address from stdin.")] = False,
    tenant: TenantOption = None,
) -> None:
    """Add a recipient. The address of a Teams or Slack channel is a secret and is never an argument.

    \b
    Example:
      jobferry notifications add mail office@example.com --kind send_failed
    """
    owner = await context.tenant(tenant)
    if channel is Channel.MAIL:
        if not address:
            raise BadInput("The mail address is missing.", fix="jobferry notifications add mail office@example.com")
        where = address
    elif address:
        raise BadInput(
            "The address of a channel is a secret, so it is no argument: other users of this machine would see it.",
            fix="Leave it out and type it when you are asked, or use --address-stdin or --address-env.",
        )
    else:
        where = read_secret("channel's address", variable=address_env, from_stdin=address_stdin).reveal()
    choice = _choice(RECOMMENDED, kind, digest_hour if digest_hour is not None else DEFAULT_HOUR, quiet)
    added = await context.use_cases.recipients.add(owner.id, channel, where, choice, by=me())
    context.answer(RecipientOut.of(added), f"Recipient {added.id} ({added.address}) is added.")
    if not context.as_json:
        say(f"jobferry notifications test {added.id}", label="Next:", style="bold")


@notifications.command("list")
@answers(Page[RecipientOut])
async def list_(context: CommandContext, tenant: TenantOption = None) -> None:
    """List a tenant's recipients, oldest first. What people chose for themselves is not listed.

    \b
    Example:
      jobferry notifications list --tenant cardinal
    """
    found = await context.use_cases.recipients.all((await context.tenant(tenant)).id)
    context.answer_list(
        map(RecipientOut.of, found),
        ("Recipient", "Channel", "Address", "Told of", "State"),
        ((one.id, one.channel.value, one.address, ", ".join(one.choice.kinds), _state(one)) for one in found),
        nothing="There is no recipient yet. Add one: jobferry notifications add --help",
        whole=("Recipient",),
    )


@notifications.command()
@answers(RecipientOut)
async def show(context: CommandContext, recipient_id: RecipientId, tenant: TenantOption = None) -> None:
    """Show one recipient and the latest messages.

    \b
    Example:
      jobferry notifications show rcp_01JEXAMPLE
    """
    owner, recipients = await context.tenant(tenant), context.use_cases.recipients
    found = await recipients.find(owner.id, recipient_id)
    messages = (await recipients.messages(owner.id, recipient_id, limit=10)).messages
    if context.as_json:
        document(RecipientOut.of(found))
        return
    choice = found.choice
    quiet = "none" if choice.quiet_from is None else f"{choice.quiet_from} to {choice.quiet_until}"
    facts: list[list[str | Text]] = [
        ["Channel", found.channel.value],
        ["Address", found.address],
        ["Told of", ", ".join(choice.kinds) or "nothing"],
        ["Summary at", str(choice.digest_hour)],
        ["Quiet hours", quiet],
        ["State", _state(found)],
    ]
    data.print(table((f"Recipient {found.id}", ""), facts))
    rows = ([words.moment(one.created_at), one.content.subject, _told(one), one.detail or "-"] for one in messages)
    data.print(table(("When (UTC)", "Message", "State", "Last answer"), rows, whole=("When (UTC)",)))


@notifications.command()
@answers(RecipientOut)
async def change(
    context: CommandContext,
    recipient_id: RecipientId,
    kind: Kinds = None,
    digest_hour: Hour = None,
    quiet: Quiet = None,
    pause: Annotated[bool | None, typer.Option("--pause/--start", help="Stop the messages, or start again.")] = None,
    tenant: TenantOption = None,
) -> None:
    """Change what a recipient is told of. `--quiet none` removes the quiet hours.

    \b
    Example:
      jobferry notifications change rcp_01JEXAMPLE --quiet 20-7
    """
    owner, recipients = await context.tenant(tenant), context.use_cases.recipients
    before = await recipients.find(owner.id, recipient_id)
    given = kind is not None or digest_hour is not None or quiet is not None
    choice = _choice(before.choice, kind, digest_hour, quiet) if given else None
    changed = await recipients.change(owner.id, recipient_id, choice=choice, paused=pause, by=me())
    context.answer(RecipientOut.of(changed), f"Recipient {recipient_id} is changed.")


@notifications.command()
@answers(Nothing)
async def remove(context: CommandContext, recipient_id: RecipientId, tenant: TenantOption = None) -> None:
    """Remove a recipient and all that waits for it.

    \b
    Example:
      jobferry notifications remove rcp_01JEXAMPLE
    """
    await context.use_cases.recipients.remove((await context.tenant(tenant)).id, recipient_id, by=me())
    context.answer(Nothing(), f"Recipient {recipient_id} is removed.")


@notifications.command("test")
@answers(MessageOut)
async def try_(context: CommandContext, recipient_id: RecipientId, tenant: TenantOption = None) -> None:
    """Send a test now, and show the answer.

    \b
    Example:
      jobferry notifications test rcp_01JEXAMPLE
    """
    owner = await context.tenant(tenant)
    tried = await context.use_cases.send_test_message(owner.id, recipient_id, by=me())
    arrived = tried.state is MessageState.DELIVERED
    context.answer(MessageOut.of(tried), f"The test {'was sent' if arrived else 'was not sent'}: {tried.detail}")
    if not arrived:
        raise typer.Exit(ExitCode.REMOTE_SYSTEM)


def _choice(before: Choice, kinds: list[NoticeKind] | None, digest_hour: int | None, quiet: str | None) -> Choice:
    """`before` with what was given. Raises BadInput."""
    begin, end = (before.quiet_from, before.quiet_until) if quiet is None else _hours(quiet)
    return Choice(
        kinds=before.kinds if kinds is None else tuple(dict.fromkeys(kinds)),
        digest_hour=before.digest_hour if digest_hour is None else digest_hour,
        quiet_from=begin,
        quiet_until=end,
    )


def _hours(quiet: str) -> tuple[int | None, int | None]:
    if quiet == "none":
        return None, None
    begin, dash, end = quiet.partition("-")
    if not dash or not begin.isdecimal() or not end.isdecimal():
        raise BadInput(f"{quiet} names no quiet hours.", fix="Give two hours such as 20-7, or none.")
    return int(begin), int(end)


def _state(recipient: Recipient) -> Text:
    if recipient.paused:
        return Text(f"paused: {recipient.paused_reason}" if recipient.paused_reason else "paused", "yellow")
    if recipient.trouble:
        return Text(f"last try failed: {recipient.trouble}", "bold red")
    return Text("on", "green")


def _told(message: Message) -> str:
    return {MessageState.PENDING: "waits", MessageState.DELIVERED: "sent", MessageState.FAILED: "failed"}[message.state]
