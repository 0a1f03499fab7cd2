"""Sends: request one, follow it, retry it, take it back."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.sending.sends import (
    BatchIn,
    BatchOut,
    CompleteIn,
    MarkDoneIn,
    RetryIn,
    SendIn,
    SendOut,
    SendsQuery,
    SendSummary,
)
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.model.sending.send import Send
from core.model.tenants.tenant import Tenant
from core.services.sending.request_batch import BatchRequest
from core.services.sending.request_send import SendRequest


async def request_send(call: Call[SendIn]) -> Reply[SendOut]:
    """Answers at once, or with `Prefer: wait=N` when the send rests or the time is over."""
    tenant, asked = call.tenant, call.input
    request = SendRequest(
        connection=asked.connection,
        job_id=asked.job_id,
        requested_by=call.caller.name,
        adopt=asked.adopt,
        plan_hash=asked.plan_hash,
        items=asked.items,
    )
    send = await call.use_cases.request_send(tenant.id, request, idempotency_key=call.idempotency_key)
    return await _requested(call, tenant, send)


async def complete_job(call: Call[CompleteIn]) -> Reply[SendOut]:
    """Completes the job in ServiceTrade and sends it, as one request; answers like `request_send`."""
    tenant, asked = call.tenant, call.input
    request = SendRequest(
        connection=asked.connection,
        job_id=call.path["job_id"],
        requested_by=call.caller.name,
        adopt=asked.adopt,
        plan_hash=asked.plan_hash,
        items=asked.items,
    )
    send = await call.use_cases.complete_job(tenant.id, request, idempotency_key=call.idempotency_key)
    return await _requested(call, tenant, send)


async def list_sends(call: Call[SendsQuery]) -> Reply[Page[SendSummary]]:
    """Sends, newest first, a page at a time."""
    tenant, asked = call.tenant, call.input
    page = await call.use_cases.list_sends(
        tenant.id,
        states=asked.state,
        connection=asked.connection,
        job_id=asked.job_id,
        batch_id=asked.batch,
        limit=asked.limit,
        before=cursor.decode(asked.cursor) if asked.cursor else None,
    )
    return Reply(
        Page(
            items=[SendSummary.of(send, page.slugs[send.connection_id]) for send in page.sends],
            next=cursor.encode(page.next_before) if page.next_before is not None else None,
        )
    )


async def request_batch(call: Call[BatchIn]) -> Reply[BatchOut]:
    """Request one send for each of many jobs, all stored or none. Follow them by the batch."""
    asked = call.input
    request = BatchRequest(
        connection=asked.connection, job_ids=tuple(asked.job_ids), requested_by=call.caller.name, items=asked.items
    )
    batch = await call.use_cases.request_batch(call.tenant.id, request, idempotency_key=call.idempotency_key)
    return Reply(BatchOut.of(batch), {"Location": f"/v1/tenants/{call.tenant.slug}/batches/{batch.id}"})


async def show_batch(call: Call[Nothing]) -> Reply[BatchOut]:
    """How far a batch has come. Its sends: `GET .../sends?batch=ID`."""
    return Reply(BatchOut.of(await call.use_cases.request_batch.show(call.tenant.id, call.path["batch_id"])))


async def retry_batch(call: Call[RetryIn]) -> Reply[BatchOut]:
    """Let many failed or waiting sends go again now. Those that are neither any more are left alone, and out of the
    batch that this answers with."""
    batch = await call.use_cases.retry_batch(call.tenant.id, call.input.send_ids, by=call.caller.name)
    return Reply(BatchOut.of(batch), {"Location": f"/v1/tenants/{call.tenant.slug}/batches/{batch.id}"})


async def mark_done(call: Call[MarkDoneIn]) -> Reply[SendOut]:
    """Say that a failed send was done by hand in Spectrum: its lines count as posted, nothing is sent."""
    send = await call.use_cases.mark_done(
        call.tenant.id, call.path["send_id"], reason=call.input.reason, by=call.caller.name
    )
    return Reply(await _shown(call, call.tenant.id, send.id))


async def show_send(call: Call[Nothing]) -> Reply[SendOut]:
    """One send: how far it is, every attempt, every line, and its plan."""
    tenant = call.tenant
    return Reply(await _shown(call, tenant.id, call.path["send_id"]))


async def follow_send(call: Call[Nothing]) -> Reply[EventStream]:
    """Server-sent events: the send as it is now, then each new state of it, until its end.

    Each event is named `send` and holds what `GET .../sends/{send_id}` answers. Come back with `Last-Event-ID`, as an
    EventSource does by itself, and nothing is repeated; 204 says that you have seen the end. A stream is over after ten
    minutes, or when the key is no longer valid.
    """
    tenant_id, send_id, follow = call.tenant.id, call.path["send_id"], call.use_cases.follow_send

    async def following(seen: str, seconds: float) -> StreamEvent | None:
        news = await follow(tenant_id, send_id, seen=seen, seconds=seconds)
        if news is None:
            return None
        return StreamEvent(news.mark, "send", SendOut.of_details(news.details).model_dump_json(), news.last)

    seen = call.headers.get("Last-Event-ID", "")
    news = await follow(tenant_id, send_id, seen=seen)  # so that a send that is not there is a problem, not a stream
    return Reply(EventStream(following=following, over=news is not None and news.last and news.mark == seen))


async def retry_send(call: Call[Nothing]) -> Reply[SendOut]:
    """Let a failed or waiting send go again now. Only what is left to do is done."""
    tenant = call.tenant
    send = await call.use_cases.retry_send(tenant.id, call.path["send_id"])
    return Reply(await _shown(call, tenant.id, send.id))


async def cancel_send(call: Call[Nothing]) -> Reply[SendOut]:
    """Take back a send that has written nothing yet."""
    tenant = call.tenant
    send = await call.use_cases.cancel_send(tenant.id, call.path["send_id"])
    return Reply(await _shown(call, tenant.id, send.id))


async def _requested(call: Call[SendIn] | Call[CompleteIn], tenant: Tenant, send: Send) -> Reply[SendOut]:
    headers = {"Location": f"/v1/tenants/{tenant.slug}/sends/{send.id}"}
    if seconds := call.wait_seconds:
        await call.use_cases.wait_for_send(tenant.id, send.id, seconds)
        headers["Preference-Applied"] = f"wait={seconds}"
    return Reply(await _shown(call, tenant.id, send.id), headers)


async def _shown(
    call: Call[SendIn] | Call[CompleteIn] | Call[MarkDoneIn] | Call[Nothing], tenant_id: str, send_id: str
) -> SendOut:
    return SendOut.of_details(await call.use_cases.show_send(tenant_id, send_id))
