"""The pages about the API: calls, shapes of fields and problems, and the OpenAPI document. They need no key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import cache

from aiohttp import web

from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.api.reference_search import search
from adapters.inbound.api.reference_views import CALLS, SHAPES, Reference
from adapters.inbound.server.problem_types import PATH, all_codes, problem_type

LONGEST_SEARCH = 200
Page = Callable[[str], web.Response]
Render = Callable[..., str]


def reference_routes(render: Render, page: Page) -> Sequence[web.RouteDef]:
    """`render` fills in a template, `page` makes an HTML answer."""
    one_at_a_time = asyncio.Lock()

    async def made() -> tuple[str, Reference]:
        """When somebody first asks, and beside the event loop: it takes a quarter of the time in which `serve` starts,
        and nobody may have it made many times by asking at once."""
        async with one_at_a_time:
            return await asyncio.to_thread(_made)

    async def openapi(_: web.Request) -> web.Response:
        text, _reference = await made()
        return web.Response(text=text, content_type="application/json")

    async def docs(request: web.Request) -> web.Response:
        asked = " ".join(request.query.get("q", "").split())[:LONGEST_SEARCH]
        _, reference = await made()
        found = search(reference, asked) if asked else None
        return page(render("reference/reference.html", reference=reference, asked=asked, found=found))

    async def call(request: web.Request) -> web.Response:
        _, reference = await made()
        found = reference.calls.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return page(render("reference/call.html", call=found))

    async def shape(request: web.Request) -> web.Response:
        _, reference = await made()
        found = reference.shapes.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return page(render("reference/shape.html", shape=found))

    async def problems(_: web.Request) -> web.Response:
        kinds = [problem_type(code) for code in all_codes()]
        return page(render("reference/problems.html", kinds=kinds))

    async def problem(request: web.Request) -> web.Response:
        kind = problem_type(request.match_info["code"])
        if kind is None:
            raise web.HTTPNotFound
        _, reference = await made()
        return page(render("reference/problem.html", kind=kind, calls=reference.with_code(kind.code)))

    return [
        web.get("/openapi.json", openapi),
        web.get("/docs", docs),
        web.get(CALLS + "{name}", call),
        web.get(SHAPES + "{name}", shape),
        web.get(PATH.rstrip("/"), problems),
        web.get(PATH + "{code}", problem),
    ]


@cache
def _made() -> tuple[str, Reference]:
    """The document as JSON, and as its pages show it. They change only with the version: a process makes them once."""
    document = openapi_document()
    return json.dumps(document, indent=1), Reference.of(document)
