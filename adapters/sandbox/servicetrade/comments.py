"""Comments of the sandbox ServiceTrade, and its ExternalSync resource, which accepts any body."""

from __future__ import annotations

import time

from aiohttp import web

from adapters.sandbox.servicetrade.envelope import answer, body_of, page, refusal
from adapters.sandbox.servicetrade.records import comment
from adapters.sandbox.servicetrade.state import ENTITY_NAMES, Comment, ServiceTradeState


def comment_routes(state: ServiceTradeState) -> list[web.RouteDef]:
    async def list_comments(request: web.Request) -> web.Response:
        kind, entity = request.query.get("entityType"), request.query.get("entityId")
        if not kind or not entity:
            return refusal(state, 405, "At least one filter is required")
        rows = [
            comment(record, one)
            for record, one in state.comments.items()
            if str(one.entity_type) == kind and one.entity == entity
        ]
        return page(state, request, "comments", rows)

    async def post(request: web.Request) -> web.Response:
        body = await body_of(request)
        kind, entity, content = body.get("entityType"), str(body.get("entityId")), body.get("content")
        if not isinstance(kind, int) or entity not in state.of_type(ENTITY_NAMES.get(kind, "")):
            return refusal(state, 404, "Entity not found")
        if not isinstance(content, str) or not content.strip():
            return refusal(state, 400, "content: is required")
        posted = Comment(
            entity_type=kind,
            entity=entity,
            content=content,
            visibility=[str(one) for one in body.get("visibility") or ["public"]],
            pinned=bool(body.get("pinned")),
            created=int(time.time()),
        )
        state.comments[record := state.take_id()] = posted
        return answer(state, comment(record, posted))

    async def delete(request: web.Request) -> web.Response:
        if state.comments.pop(request.match_info["id"], None) is None:
            return refusal(state, 404, "Comment not found")
        return web.Response(status=204)

    async def sync(request: web.Request) -> web.Response:
        """Store the body unchanged. The resource exists; its members are [unknown]."""
        state.syncs.append(body := await body_of(request))
        return answer(state, {"id": int(state.take_id()), **body})

    return [
        web.get("/api/comment", list_comments),
        web.post("/api/comment", post),
        web.delete(r"/api/comment/{id:\d+}", delete),
        web.post("/api/externalsync", sync),
    ]
