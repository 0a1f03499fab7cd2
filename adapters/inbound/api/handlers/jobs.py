"""A job before it is sent: its Send menu, the preview, and the items that somebody else posted."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.sending.found_jobs import MOST_FOUND, MOST_SENDS, FoundJobOut, JobsQuery
from adapters.inbound.schema.sending.plans import PreviewIn, PreviewOut
from adapters.inbound.schema.sending.sends import MenuEntryOut
from adapters.inbound.schema.sending.standing_items import (
    ItemsDeclaredOut,
    StandingItemsIn,
    StandingItemsOut,
    StandingItemsQuery,
)
from core.model.sending.send_filter import SendFilter


async def find_job(call: Call[JobsQuery]) -> Reply[Page[FoundJobOut]]:
    """Find a job by its number, with its newest sends. There are several only if ServiceTrade gave a number twice.

    An unknown number answers 404. `GET .../sends?job_number=` lists only sends, and asks nothing of ServiceTrade.
    """
    of, found = call.tenant.id, []
    for job_id in (await call.use_cases.find_job.all(of, call.input.job_number))[:MOST_FOUND]:
        job = await call.use_cases.describe_job(of, job_id)
        page = await call.use_cases.list_sends(of, SendFilter(job_id=job_id), limit=MOST_SENDS)
        found.append(FoundJobOut.of_job(job, page))
    return Reply(Page(items=found))


async def show_send_menu(call: Call[Nothing]) -> Reply[Page[MenuEntryOut]]:
    """Show a job's Send menu, one entry for each connection. A tenant's only connection is preselected if usable."""
    entries = await call.use_cases.send_menu(call.tenant.id, call.path["job_id"])
    only = len(entries) == 1
    return Reply(Page(items=[MenuEntryOut.of(entry, preselected=only and entry.disabled is None) for entry in entries]))


async def preview_send(call: Call[PreviewIn]) -> Reply[PreviewOut]:
    """Preview a send. Every field that it would write now, where each comes from, and what blocks it.

    Nothing is written.
    """
    tenant, asked = call.tenant, call.input
    preview = await call.use_cases.preview_send(
        tenant.id,
        asked.connection,
        call.path["job_id"],
        adopt=asked.adopt,
        items=asked.items,
        tasks=asked.tasks,
        completing=asked.completing,
    )
    return Reply(PreviewOut.of_preview(preview))


async def show_standing_items(call: Call[StandingItemsQuery]) -> Reply[StandingItemsOut]:
    """List the job's items that can be posted.

    Which are known to be in Spectrum, and which wait for an answer.
    """
    found = await call.use_cases.declare_items.look(call.tenant.id, call.input.connection, call.path["job_id"])
    return Reply(StandingItemsOut.of(found))


async def declare_items(call: Call[StandingItemsIn]) -> Reply[ItemsDeclaredOut]:
    """Say which items of a job are in Spectrum already.

    For a job that somebody else sent before: all, none, or a list. They count as posted, and the others may be posted.
    An answer adds to earlier answers and never removes one.
    """
    said = call.input
    declared = await call.use_cases.declare_items(
        call.tenant.id, said.connection, call.path["job_id"], said.standing, reason=said.reason, by=call.caller.name
    )
    return Reply(ItemsDeclaredOut.of(declared))
