"""New sites and customers in Spectrum: preview one, confirm it, follow it, say what is there."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.creations import (
    CreationIn,
    CreationOut,
    CreationPreviewIn,
    CreationPreviewOut,
    CreationsQuery,
    CreationVerdictIn,
    KeepCodeIn,
)
from adapters.inbound.schema.schema_base import Nothing, Page
from core.services.creations.request_creation import CreationRequest


async def preview_creation(call: Call[CreationPreviewIn]) -> Reply[CreationPreviewOut]:
    """Preview a new record with every field.

    Nothing is written. Without `fields` it shows what Jobferry proposes from ServiceTrade's record.
    """
    asked = call.input
    preview = await call.use_cases.preview_creation(
        call.tenant.id, call.path["connection"], asked.kind, asked.record_id, asked.fields
    )
    return Reply(CreationPreviewOut.of_preview(preview))


async def request_creation(call: Call[CreationIn]) -> Reply[CreationOut]:
    """Create a record in Spectrum, as it was confirmed.

    A worker calls Spectrum once. Whatever is unclear afterwards is in doubt until somebody settles it; nothing is
    created again by guess. The connection must allow it.
    """
    tenant, asked = call.tenant, call.input
    creation = await call.use_cases.request_creation(
        tenant.id,
        CreationRequest(
            connection=call.path["connection"],
            kind=asked.kind,
            record_id=asked.record_id,
            fields=asked.fields,
            keep=asked.keep,
            send_again=asked.send_again,
            requested_by=call.caller.name,
        ),
    )
    shown = await call.use_cases.manage_creations.show(tenant.id, creation.id)
    location = f"/v1/tenants/{tenant.slug}/creations/{creation.id}"
    return Reply(CreationOut.of_creation(shown), {"Location": location})


async def list_creations(call: Call[CreationsQuery]) -> Reply[Page[CreationOut]]:
    """List the records that were confirmed.

    Newest first.
    """
    asked = call.input
    page = await call.use_cases.manage_creations.list(
        call.tenant.id,
        connection=asked.connection,
        states=(asked.state,) if asked.state else (),
        needs_person=asked.needs_person,
        limit=asked.limit,
        before=cursor.decode(asked.cursor),
    )
    return cursor.page_before([CreationOut.of_creation(one) for one in page.creations], page.next)


async def show_creation(call: Call[Nothing]) -> Reply[CreationOut]:
    """Show a creation.

    It has what was sent, what came back, and where in Spectrum to look.
    """
    shown = await call.use_cases.manage_creations.show(call.tenant.id, call.path["creation_id"])
    return Reply(CreationOut.of_creation(shown))


async def settle_creation(call: Call[CreationVerdictIn]) -> Reply[CreationOut]:
    """Say whether a record is in Spectrum.

    If it is there, its code is kept. If it is not, it can be confirmed anew.
    """
    said = call.input
    shown = await call.use_cases.manage_creations.settle(
        call.tenant.id, call.path["creation_id"], there=said.there, reason=said.reason, by=call.caller.name
    )
    return Reply(CreationOut.of_creation(shown))


async def cancel_creation(call: Call[Nothing]) -> Reply[CreationOut]:
    """Cancel a creation.

    Only while its call has not left.
    """
    shown = await call.use_cases.manage_creations.cancel(call.tenant.id, call.path["creation_id"], by=call.caller.name)
    return Reply(CreationOut.of_creation(shown))


async def set_created_code(call: Call[KeepCodeIn]) -> Reply[CreationOut]:
    """Keep the code of a record that was created.

    For one whose code could not be kept: it is tried again, or left as it is.
    """
    shown = await call.use_cases.manage_creations.keep_code(
        call.tenant.id, call.path["creation_id"], call.input.keep, by=call.caller.name
    )
    return Reply(CreationOut.of_creation(shown))
