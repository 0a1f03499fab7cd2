"""The answer to a call that may be repeated with its Idempotency-Key: it is made once, and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web
from pydantic import BaseModel, SecretStr

from adapters.inbound.api.call import REPLAYED, Call
from adapters.inbound.api.routes import Route
from core.model.access.api_key import Scope
from core.services.operations.answer_once import RepeatableRequest


async def answered_once(route: Route, call: Call[BaseModel]) -> web.Response:
    """The handler's answer, or that to the first request with the key, marked as such. Raises what the handler
    raises, and what AnswerOnce raises."""

    async def make() -> str:
        reply = await route.handler(call)
        return json.dumps({"body": reply.body.model_dump_json(), "headers": dict(reply.headers)})

    request = RepeatableRequest(
        tenant_id=call.of_tenant.id if call.of_tenant else None,
        caller=call.caller.repeats_as,
        rights=[scope for scope in Scope if call.caller.may(scope)],
        key=call.idempotency_key or "",
        parts=(route.name, *(f"{name}={value}" for name, value in sorted(call.path.items())), _exactly(call.input)),
    )
    answered = await call.use_cases.answer_once(request, make)
    kept = json.loads(answered.text)
    return json_answer(route, kept["body"], kept["headers"] | (REPLAYED if answered.replayed else {}))


def json_answer(route: Route, text: str, headers: Mapping[str, str], status: int | None = None) -> web.Response:
    """A JSON answer with the route's status, unless it is another one."""
    return web.Response(text=text, status=status or route.status, content_type="application/json", headers=headers)


def _exactly(asked: BaseModel) -> str:
    """What was asked for, with its secrets, which a model hides in its own text."""

    def told(value: object) -> str:
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    return json.dumps(asked.model_dump(exclude_unset=True), sort_keys=True, default=told)
