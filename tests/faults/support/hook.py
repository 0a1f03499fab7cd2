"""Our hook on a loopback socket, as ServiceTrade sees it, and events as ServiceTrade sends them."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from adapters.bootstrap.web_app import make_app
from adapters.sandbox.server import listening
from core.services.webhooks.servicetrade_webhook import HOOK_PATH
from tests.journeys.world import World


def event_about(job_id: str) -> dict[str, Any]:
    """Ids only, and a new message id, as on every delivery of its own."""
    now = int(time.time())
    about = {"type": "job", "id": int(job_id), "uri": f"https://api.servicetrade.com/api/job/{job_id}"}
    event = {"action": "updated", "timestamp": now, "userId": 2016630019555329, "entity": about}
    return {"messageId": str(uuid.uuid4()), "timestamp": str(now), "data": [event]}


async def deliver(session: aiohttp.ClientSession, address: str, job_id: str) -> int | None:
    """The answer's status; None if none came."""
    try:
        async with session.post(address, json=event_about(job_id)) as response:
            return response.status
    except aiohttp.ClientError:
        return None


@asynccontextmanager
async def hooked(world: World) -> AsyncIterator[str]:
    """Serve the API beside the world, registered with its ServiceTrade. Gives the hook's address."""

    async def ready() -> None:
        """Nobody asks here."""

    async with listening(make_app(world.use_cases, world.change_feed, ready=ready)) as url:
        yield await register(world, url)


async def register(world: World, url: str) -> str:
    """Switch the webhook on; from then on its public address leads to `url`, as through a gateway."""
    state = await world.use_cases.servicetrade_webhook.switch_on(world.tenant.id, by="ann")
    hook = world.servicetrade.state.webhooks[state.webhook_id or ""]
    hook.hook_url = f"{url}{HOOK_PATH}{hook.hook_url.rpartition('/')[2]}"
    return hook.hook_url
