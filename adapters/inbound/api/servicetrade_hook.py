"""Receives changes from ServiceTrade: `POST /hooks/servicetrade/{secret}`.

ServiceTrade counts any answer from 200 to 499 as delivered. So 2xx is sent only after the hint is stored, and 5xx if it
cannot be stored. The body is only a hint: if it cannot be read, Jobferry reads all jobs.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import structlog
from aiohttp import web
from pydantic_core import from_json

from adapters.inbound.server.limits import HOOK_BODY_LIMIT, LIMITS
from adapters.inbound.server.reading import BodyTooSlow, MalformedJson, read_up_to
from adapters.net.json_shapes import key_of, sole, text_or_nothing
from core.model.shared.errors import JobferryError, NotFound
from core.services.webhooks.servicetrade_webhook import HOOK_PATH
from core.services.wiring import UseCases

_log = structlog.get_logger()
_JOB_TYPES = ("job", "3")
_JOB_ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_MOST_JOBS = 1000


def hook_routes(use_cases: UseCases, *, body_seconds: float = LIMITS.body_seconds) -> list[web.RouteDef]:
    async def servicetrade_hook(request: web.Request) -> web.Response:
        try:
            body = await read_up_to(request, HOOK_BODY_LIMIT, seconds=body_seconds)
        except (web.HTTPRequestEntityTooLarge, BodyTooSlow, MalformedJson):
            body = b""  # an unreadable body still means that some job changed
        job_ids = jobs_named_in(body)
        if job_ids is not None and not job_ids:
            return web.Response(status=204)  # the event names no jobs
        try:
            await use_cases.receive_event(request.match_info["secret"], job_ids)
        except NotFound as error:
            raise web.HTTPNotFound from error
        except JobferryError as error:
            _log.warning("event.not_stored", code=error.code)
            raise web.HTTPServiceUnavailable from error
        return web.Response(status=204)

    return [web.post(HOOK_PATH + "{secret}", servicetrade_hook)]


def jobs_named_in(body: bytes) -> Collection[str] | None:
    """The ids of the jobs in an event, however it writes types and ids; None if it cannot be read or names too many."""
    try:
        document: object = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    events = document.get("data") if isinstance(document, dict) else None
    if isinstance(events, dict) and events:
        events = [events]
    if not isinstance(events, list):
        return None
    jobs = set()
    for event in map(sole, events):
        entity = sole(event.get("entity")) if isinstance(event, dict) else None
        kind = text_or_nothing(entity.get("type")).strip().lower() if isinstance(entity, dict) else ""
        if not isinstance(entity, dict) or not kind:
            return None
        if kind not in _JOB_TYPES:
            continue
        job_id = key_of(entity)
        if not _JOB_ID.fullmatch(job_id):
            return None
        jobs.add(job_id)
    return jobs if len(jobs) <= _MOST_JOBS else None
