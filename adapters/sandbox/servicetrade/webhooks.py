"""Webhooks of the sandbox ServiceTrade: registered over the API, delivered unsigned, dropped after three tries [doc].

Any answer from 200 to 499 counts as delivered; 5xx, no connection, or no answer in five seconds is tried again.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import ValidationError

from adapters.sandbox.servicetrade.account import Delivery, EntityEvents, Webhook
from adapters.sandbox.servicetrade.envelope import answer, body_of, page, refusal
from adapters.sandbox.servicetrade.records import webhook
from adapters.sandbox.servicetrade.state import ENTITY_NAMES, ServiceTradeState

TRIES = 3
_USER = 2016630019555329


class Webhooks:
    """Delivers events in background tasks until `stop`."""

    def __init__(self, state: ServiceTradeState) -> None:
        self._state = state
        self._tasks: set[asyncio.Task[None]] = set()

    def happened(self, entity: int, record: str, action: str, changes: Sequence[Mapping[str, Any]] = ()) -> None:
        """Call every enabled webhook for this kind of event. Sends ids only, and a changeset if requested."""
        for hook_id, hook in self._state.webhooks.items():
            if hook.enabled and any(one.entity_type == entity and action in one.actions for one in hook.entity_events):
                body = self._body(entity, record, action, changes if hook.include_changesets else ())
                task = asyncio.create_task(self._deliver(hook_id, hook, body))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def delivered(self) -> None:
        """Wait until all deliveries have ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _body(self, entity: int, record: str, action: str, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        now = int(time.time())
        kind = ENTITY_NAMES[entity]
        event: dict[str, Any] = {
            "action": action,
            "timestamp": now,
            "userId": _USER,
            "entity": {"type": kind, "id": int(record), "uri": f"https://api.servicetrade.com/api/{kind}/{record}"},
        }
        if changes:
            event["changeset"] = list(changes)
        return {"messageId": str(uuid.uuid4()), "timestamp": str(now), "data": [event]}

    async def _deliver(self, hook_id: str, hook: Webhook, body: dict[str, Any]) -> None:
        settings = self._state.settings
        timeout = aiohttp.ClientTimeout(total=settings.delivery_seconds)
        # The receiver may be another part of a demo with a self-signed certificate.
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(ssl=False)) as session:
            for attempt in range(1, TRIES + 1):
                status = await _post(session, hook.hook_url, body)
                self._state.deliveries.append(
                    Delivery(webhook=hook_id, message_id=body["messageId"], attempt=attempt, status=status, body=body)
                )
                if status is not None and status < 500:
                    return
                if attempt < TRIES:
                    await asyncio.sleep(settings.delivery_pause_seconds)


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> int | None:
    try:
        async with session.post(url, json=body, allow_redirects=False) as response:
            return response.status
    except (aiohttp.ClientError, OSError):
        return None


def webhook_routes(state: ServiceTradeState) -> list[web.RouteDef]:
    async def register(request: web.Request) -> web.Response:
        try:
            hook = _read(await body_of(request))
        except (KeyError, TypeError, ValidationError):
            return refusal(state, 400, "hookUrl and entityEvents are required")
        state.webhooks[record := state.take_id()] = hook
        return answer(state, webhook(record, hook))

    async def list_all(request: web.Request) -> web.Response:
        return page(state, request, "webhooks", [webhook(record, hook) for record, hook in state.webhooks.items()])

    async def show(request: web.Request) -> web.Response:
        record = request.match_info["id"]
        if record not in state.webhooks:
            return refusal(state, 404, "Webhook not found")
        return answer(state, webhook(record, state.webhooks[record]))

    async def change(request: web.Request) -> web.Response:
        record = request.match_info["id"]
        if record not in state.webhooks:
            return refusal(state, 404, "Webhook not found")
        kept, body = state.webhooks[record], await body_of(request)
        if body.get("hookUrl", kept.hook_url) != kept.hook_url:
            return refusal(state, 400, "hookUrl cannot be changed")
        try:
            state.webhooks[record] = changed = _read(webhook(record, kept) | body)
        except (KeyError, TypeError, ValidationError):
            return refusal(state, 400, "The webhook is not valid")
        return answer(state, webhook(record, changed))

    async def remove(request: web.Request) -> web.Response:
        if state.webhooks.pop(request.match_info["id"], None) is None:
            return refusal(state, 404, "Webhook not found")
        return web.Response(status=204)

    one = r"/api/webhook/{id:\d+}"
    return [
        web.post("/api/webhook", register),
        web.get("/api/webhook", list_all),
        web.get(one, show),
        web.put(one, change),
        web.delete(one, remove),
    ]


def _read(body: Mapping[str, Any]) -> Webhook:
    return Webhook(
        hook_url=body["hookUrl"],
        enabled=body.get("enabled", True),
        include_changesets=body.get("includeChangesets", False),
        entity_events=[
            EntityEvents(entity_type=one["entityType"], actions=one["actions"]) for one in body["entityEvents"]
        ],
    )
