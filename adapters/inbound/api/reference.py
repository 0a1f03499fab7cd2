"""The pages about the API: every call, every problem, and the OpenAPI document. They need no key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache

from aiohttp import web

from adapters.inbound.api.document.schemas import Part
from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.server.problem_types import PATH, all_codes, problem_type

Page = Callable[[str], web.Response]
Render = Callable[..., str]


def reference_routes(render: Render, page: Page) -> Sequence[web.RouteDef]:
    """`render` fills in a template, `page` makes an HTML answer."""
    text, calls = _rendered(render)

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    async def docs(_: web.Request) -> web.Response:
        return page(calls)

    async def problems(_: web.Request) -> web.Response:
        kinds = [problem_type(code) for code in all_codes()]
        return page(render("reference/problems.html", kinds=kinds))

    async def problem(request: web.Request) -> web.Response:
        kind = problem_type(request.match_info["code"])
        if kind is None:
            raise web.HTTPNotFound
        return page(render("reference/problem.html", kind=kind))

    return [
        web.get("/openapi.json", openapi),
        web.get("/docs", docs),
        web.get(PATH.rstrip("/"), problems),
        web.get(PATH + "{code}", problem),
    ]


@cache
def _rendered(render: Render) -> tuple[str, str]:
    """The OpenAPI document as JSON and the page of all calls. Both change only with the version, so a process renders
    them once."""
    document = openapi_document()
    calls = render("reference/reference.html", document=document, groups=_groups(document), shapes=_shapes(document))
    return json.dumps(document, indent=1), calls


def _groups(document: Part) -> list[tuple[str, str, list[Part]]]:
    """Each tag with its description and its calls in the order of the table."""
    calls: dict[str, list[Part]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            call = {"method": method.upper(), "path": path, **operation}
            calls.setdefault(operation["tags"][0], []).append(call | _bodies(document, operation))
    return [(tag["name"], tag["description"], calls[tag["name"]]) for tag in document["tags"] if tag["name"] in calls]


def _bodies(document: Part, operation: Part) -> Part:
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    given = good.get("content", {}).get("application/json", {})
    return {
        "takes": _fields(document, taken),
        "gives": _fields(document, given),
        "refusals": [status for status in operation["responses"] if not status.startswith("2")],
    }


def _fields(document: Part, media: Part) -> list[Part]:
    """The first level of a body: name, type in words, the shapes that it names, and whether it is required."""
    schema = _resolved(document, media.get("schema", {}))
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "type": _words(one),
            "shapes": sorted(_named(one)),
            "needed": name in needed,
            "meaning": one.get("description", ""),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _shapes(document: Part) -> list[Part]:
    """The schemas that fields of a body or of another shape name, by name."""
    schemas = document["components"]["schemas"]
    bodies = {name for item in document["paths"].values() for name in _bodies_named(item)}
    found: set[str] = set()
    unread = {name for body in bodies for name in _inner(schemas[body])}
    while unread:
        name = unread.pop()
        found.add(name)
        unread |= _inner(schemas[name]) - found
    return [
        {"name": name, "fields": _fields(document, {"schema": schemas[name]}), "type": _words(schemas[name])}
        for name in sorted(found)
    ]


def _bodies_named(item: Part) -> set[str]:
    media = [operation.get("requestBody", {}).get("content", {}) for operation in item.values()]
    media += [answer.get("content", {}) for one in item.values() for answer in one["responses"].values()]
    return {name for content in media for one in content.values() for name in _named(one.get("schema", {}))}


def _inner(schema: Part) -> set[str]:
    return {name for one in schema.get("properties", {}).values() for name in _named(one)}


def _named(schema: Part) -> set[str]:
    """The shapes that a schema names: itself, as a choice, or as an element."""
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    parts = [*schema.get("anyOf", ()), *(one for one in [schema.get("items")] if one)]
    return {name for part in parts for name in _named(part)}


def _resolved(document: Part, schema: Part) -> Part:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _words(schema: Part) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_words(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "any"))
    return f"list of {_words(schema['items'])}" if kind == "array" and "items" in schema else kind
