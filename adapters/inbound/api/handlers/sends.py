"""Sends: request, follow, retry and cancel them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from http import HTTPStatus
from typing import Any

from adapters.inbound.api import cursor
from adapters.inbound.api.call import REPLAYED, Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery
from adapters.inbound.schema.sending.send_requests import (
    BatchIn,
    CompleteIn,
    Include,
    MarkDoneIn,
    SendIdsIn,
    SendIn,
    SendQuery,
    SendsQuery,
)
from adapters.inbound.schema.sending.sends import AttemptOut, BatchOut, SendOut, SendSummary
from adapters.inbound.server.event_stream import EventStream, StreamEvent
from core.services.sending.batches import BatchRequest
from core.services.sending.request_send import SendRequest
from ports.change_feed import send_topic


async def request_send(call: Call[SendIn]) -> Reply[SendOut]:
    """Request a send. Answers at once; with `Prefer: wait=N` when the send stops moving or the time is over.

    After waiting, 200 means that the send has ended, and 202 that it goes on by itself or waits for a person: `state`
    says which. If too many requests of the tenant wait already, it answers at once, without `Preference-Applied`.
    """
    return await _requested(call, call.input.job_id or "", job_number=call.input.job_number)


async def complete_job(call: Call[CompleteIn]) -> Reply[SendOut]:
    """Complete a job in ServiceTrade and send it, as one request. Answers like `request_send`."""
    return await _requested(call, call.path["job_id"], completes=True)


async def list_sends(call: Call[SendsQuery]) -> Reply[Page[SendSummary]]:
    """List sends.

    Newest first, in pages. The filters add up.
    """
    tenant, asked = call.tenant, call.input
    page = await call.use_cases.list_sends(
        tenant.id,
        asked.only,
        connection=asked.connection,
        limit=asked.limit,
        before=cursor.decode(asked.cursor),
    )
    return cursor.page_before([SendSummary.of_page(page, send) for send in page.sends], page.next_before)


async def request_batch(call: Call[BatchIn]) -> Reply[BatchOut]:
    """Request one send for each of many jobs: all are stored, or none. The batch shows their progress."""
    asked = call.input
    request = BatchRequest(
        connection=asked.connection,
        job_ids=tuple(asked.job_ids),
        requested_by=call.caller.name,
        repeats_as=call.caller.repeats_as,
        items=asked.items,
        tasks=asked.tasks,
        request_id=call.request_id,
    )
    batch = await call.use_cases.batches.request(call.tenant.id, request, idempotency_key=call.idempotency_key)
    headers = {"Location": f"/v1/tenants/{call.tenant.slug}/batches/{batch.id}"}
    return Reply(BatchOut.of(batch), headers | (REPLAYED if batch.replayed else {}))


async def show_batch(call: Call[Nothing]) -> Reply[BatchOut]:
    """Show the progress of a batch. `GET .../sends?batch=ID` lists its sends."""
    return Reply(BatchOut.of(await call.use_cases.batches.show(call.tenant.id, call.path["batch_id"])))


async def retry_batch(call: Call[SendIdsIn]) -> Reply[BatchOut]:
    """Retry many failed or waiting sends now. Sends in another state are ignored and not part of the batch in the
    answer."""
    batch = await call.use_cases.batches.retry(call.tenant.id, call.input.send_ids, by=call.caller.name)
    return Reply(BatchOut.of(batch), {"Location": f"/v1/tenants/{call.tenant.slug}/batches/{batch.id}"})


async def cancel_batch(call: Call[SendIdsIn]) -> Reply[BatchOut]:
    """Cancel many sends that have written nothing yet. Sends in another state are ignored and not part of the batch in
    the answer."""
    batch = await call.use_cases.batches.cancel(call.tenant.id, call.input.send_ids, by=call.caller.name)
    return Reply(BatchOut.of(batch), {"Location": f"/v1/tenants/{call.tenant.slug}/batches/{batch.id}"})


async def mark_done(call: Call[MarkDoneIn]) -> Reply[SendOut]:
    """Mark a failed send as done by hand in Spectrum.

    Its lines count as posted, and nothing is sent.
    """
    send = await call.use_cases.send_actions.mark_done(
        call.tenant.id, call.path["send_id"], reason=call.input.reason, by=call.caller.name
    )
    return Reply(await _shown(call, send.id))


async def show_send(call: Call[SendQuery]) -> Reply[SendOut]:
    """Show one send.

    Its progress, its newest attempts, every line, and its plan; or of these only the large parts that `include` names.
    """
    return Reply(await _shown(call, call.path["send_id"], call.input.include))


async def list_attempts(call: Call[PageQuery]) -> Reply[Page[AttemptOut]]:
    """List the attempts of a send, newest first, in pages. Those of an ended send are deleted after some time."""
    asked = call.input
    page = await call.use_cases.list_attempts(
        call.tenant.id, call.path["send_id"], limit=asked.limit, before=cursor.decode(asked.cursor)
    )
    return cursor.page_before([AttemptOut.of(one) for one in page.attempts], page.next_before)


async def follow_send(call: Call[Nothing]) -> Reply[EventStream]:
    """Follow a send by server-sent events.

    Its present state, then each new state until its end. Each event is named `send` and holds the answer of `GET
    .../sends/{send_id}`. Reconnect with `Last-Event-ID`, as an EventSource does, so that no event is repeated. 204
    means that you have seen the last event. A stream ends after ten minutes, or when the key is no longer valid.
    """
    follow, of_send = call.use_cases.follow_send, (call.tenant.id, call.path["send_id"])

    async def look(seen: str) -> StreamEvent | None:
        news = await follow(*of_send, seen=seen)
        if news is None:
            return None
        return StreamEvent(news.mark, "send", SendOut.of_details(news.details).model_dump_json(), news.last)

    seen = call.headers.get("Last-Event-ID", "")
    news = await follow(*of_send, seen=seen)  # before the stream begins, so that an unknown send gives a 404
    over = news is not None and news.last and news.mark == seen
    return Reply(EventStream(topic=send_topic(of_send[1]), watch=partial(follow.watch, *of_send), look=look, over=over))


async def retry_send(call: Call[Nothing]) -> Reply[SendOut]:
    """Retry a failed or waiting send now. Only the steps that are left are done."""
    send = await call.use_cases.send_actions.retry(call.tenant.id, call.path["send_id"], by=call.caller.name)
    return Reply(await _shown(call, send.id))


async def cancel_send(call: Call[Nothing]) -> Reply[SendOut]:
    """Cancel a send.

    Only a send that has written nothing yet.
    """
    send = await call.use_cases.send_actions.cancel(call.tenant.id, call.path["send_id"], by=call.caller.name)
    return Reply(await _shown(call, send.id))


async def _requested(
    call: Call[SendIn] | Call[CompleteIn], job_id: str, *, job_number: str | None = None, completes: bool = False
) -> Reply[SendOut]:
    asked = call.input
    request = SendRequest(
        connection=asked.connection,
        job_id=job_id,
        job_number=job_number,
        requested_by=call.caller.name,
        repeats_as=call.caller.repeats_as,
        adopt=asked.adopt,
        plan_hash=asked.plan_hash,
        items=asked.items,
        tasks=asked.tasks,
        completes=completes,
        request_id=call.request_id,
    )
    details = await call.use_cases.request_send.details(call.tenant.id, request, idempotency_key=call.idempotency_key)
    send_id = details.send.id
    headers = {"Location": f"/v1/tenants/{call.tenant.slug}/sends/{send_id}"} | (REPLAYED if details.replayed else {})
    if seconds := call.wait_seconds:
        with call.place_to_wait() as free:
            if free:
                await call.use_cases.wait_for_send(call.tenant.id, send_id, seconds)
                headers["Preference-Applied"] = f"wait={seconds}"
        shown = await _shown(call, send_id)
        ended = "Preference-Applied" in headers and shown.state.finished
        return Reply(shown, headers, HTTPStatus.OK if ended else None)
    return Reply(SendOut.of_details(details), headers)


async def _shown(call: Call[Any], send_id: str, include: Collection[Include] = tuple(Include)) -> SendOut:
    details = await call.use_cases.show_send(call.tenant.id, send_id, attempts=Include.ATTEMPTS in include)
    return SendOut.of_details(details, include)
