"""Recipients of notifications: the tenant's mail addresses, and its channels of Teams and Slack."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.notifications import MessageOut, MessagesQuery, RecipientIn, RecipientOut, RecipientPatch
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery


async def add_recipient(call: Call[RecipientIn]) -> Reply[RecipientOut]:
    """Add a mail address or a channel that is told of trouble. A channel's address is a secret and never shown."""
    tenant, asked = call.tenant, call.input
    added = await call.use_cases.recipients.add(
        tenant.id, asked.channel, asked.address, asked.choice(), by=call.caller.name
    )
    location = f"/v1/tenants/{tenant.slug}/notification-recipients/{added.id}"
    return Reply(RecipientOut.of(added), {"Location": location})


async def list_recipients(call: Call[PageQuery]) -> Reply[Page[RecipientOut]]:
    """List the tenant's recipients, oldest first. What people chose for themselves is not listed."""
    found = await call.use_cases.recipients.all(call.tenant.id)
    return cursor.page_by_id(found, call.input, RecipientOut.of)


async def find_recipient(call: Call[Nothing]) -> Reply[RecipientOut]:
    """Show one recipient.

    Also why the last message did not arrive.
    """
    return Reply(RecipientOut.of(await call.use_cases.recipients.find(call.tenant.id, call.path["recipient_id"])))


async def change_recipient(call: Call[RecipientPatch]) -> Reply[RecipientOut]:
    """Change what a recipient is told of, its address, or pause it. Fields not given do not change."""
    recipients, asked, recipient_id = call.use_cases.recipients, call.input, call.path["recipient_id"]
    before = await recipients.find(call.tenant.id, recipient_id)
    changed = await recipients.change(
        call.tenant.id,
        recipient_id,
        choice=asked.choice(before.choice),
        address=asked.address,
        paused=asked.paused,
        by=call.caller.name,
    )
    return Reply(RecipientOut.of(changed))


async def remove_recipient(call: Call[Nothing]) -> Reply[Nothing]:
    """Remove a recipient.

    All that waits for it is removed too.
    """
    await call.use_cases.recipients.remove(call.tenant.id, call.path["recipient_id"], by=call.caller.name)
    return Reply(Nothing())


async def try_recipient(call: Call[Nothing]) -> Reply[MessageOut]:
    """Send a test now. Answers when the mail server or the channel has answered, also with a refusal."""
    send, recipient_id = call.use_cases.send_test_message, call.path["recipient_id"]
    return Reply(MessageOut.of(await send(call.tenant.id, recipient_id, by=call.caller.name)))


async def list_messages(call: Call[MessagesQuery]) -> Reply[Page[MessageOut]]:
    """List the messages to a recipient, newest first. The operator chooses how long they are kept."""
    asked, recipient_id = call.input, call.path["recipient_id"]
    page = await call.use_cases.recipients.messages(
        call.tenant.id, recipient_id, limit=asked.limit, before=cursor.decode(asked.cursor)
    )
    return cursor.page_before([MessageOut.of(one) for one in page.messages], page.next_before)
