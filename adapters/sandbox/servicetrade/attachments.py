"""The attachments of jobs in the sandbox ServiceTrade. The list is seen in public clients, the content [unknown]."""

from __future__ import annotations

from base64 import b64decode

from aiohttp import web

from adapters.sandbox.servicetrade.envelope import page, refusal
from adapters.sandbox.servicetrade.state import JOB, ServiceTradeState


def attachment_routes(state: ServiceTradeState) -> list[web.RouteDef]:
    async def list_attachments(request: web.Request) -> web.Response:
        if request.query.get("entityType") != str(JOB):
            return refusal(state, 405, "At least one filter is required")
        rows = [
            {"id": int(key), "name": one.name, "purposeId": one.purpose, "size": len(b64decode(one.content))}
            for key, one in state.attachments.items()
            if one.job == request.query.get("entityId")
        ]
        return page(state, request, "attachments", rows)

    async def show_content(request: web.Request) -> web.Response:
        found = state.attachments.get(request.match_info["id"])
        if found is None:
            return refusal(state, 404, "Attachment not found")
        return web.Response(body=b64decode(found.content), content_type="application/octet-stream")

    return [
        web.get("/api/attachment", list_attachments),
        web.get(r"/api/attachment/{id:\d+}/content", show_content),
    ]
