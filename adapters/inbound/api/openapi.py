"""The OpenAPI document, made from the table of routes and the models that the server uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from inspect import getdoc
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.inbound.api.routes import ROUTES, Mark, Route
from adapters.inbound.api.serving import CSV
from adapters.inbound.schema.events import EVENTS
from adapters.inbound.schema.problems import Problem
from adapters.inbound.schema.schema_base import Csv, Nothing
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import MEDIA_TYPE as EVENT_STREAM
from adapters.inbound.server.event_stream import EventStream
from adapters.inbound.server.problem import MEDIA_TYPE
from adapters.inbound.server.request_id import HEADER
from core.model.webhooks.event import EventType

Part = dict[str, Any]
_Mode = Literal["validation", "serialization"]
_REF = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"{(\w+)}")
_PLAIN_TEXT: Part = {"schema": {"type": "string"}}
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_TAGS = {
    "health": "Health checks: is it running, and can it work.",
    "keys": "Keys for this API, of the operator and of each tenant.",
    "tenants": "ServiceTrade accounts.",
    "connections": "Spectrum companies that a tenant sends to.",
    "jobs": "A job before it is sent: Send menu, preview, items that are in Spectrum already.",
    "sends": "Request, follow, retry and cancel sends.",
    "doubts": "Items to check in Spectrum: they may have been posted or not.",
    "restore": "Connections that wait because the database came from a backup.",
    "counts": "How many jobs wait, and for what.",
    "warnings": "What needs somebody's attention.",
    "webhook": "ServiceTrade's webhook, which reports completed jobs at once.",
    "webhook_endpoints": "Addresses of a tenant's programs that receive events about its sends.",
    "readiness": "Codes that upcoming jobs lack, and setting them.",
    "aliases": "Spectrum codes for ServiceTrade's companies, locations and contracts, used instead of external ids.",
    "plugins": "Rules that a connection may use.",
    "sign_in_links": "Links that sign people in to the console.",
    "notifications": "What a tenant is told by mail and chat.",
    "audit": "Who did what, and why.",
}
_GIVEN = {
    Mark.ETAG: ("ETag", "The version, for If-Match."),
    Mark.LOCATION: ("Location", "The address of the new record."),
}
_INTRO = (
    "Jobferry sends ServiceTrade jobs to Spectrum as work orders. Every call under /v1 needs a key: "
    "`Authorization: Bearer jf_...`. An operator key may do everything. A tenant's key works only for that tenant and "
    "only for the calls that its scopes allow. Records of another tenant answer 404, like records that do not exist."
)


def openapi_document(routes: Sequence[Route] = ROUTES) -> Part:
    """The document as JSON, with its calls in the order of the table."""
    models = _Models(routes)
    paths: Part = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, models)
    return {
        "openapi": "3.1.1",
        "info": {"title": "Jobferry", "version": version("jobferry"), "description": _INTRO},
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": paths,
        "webhooks": {kind.value: {"post": _webhook(kind, models)} for kind in EVENTS},
        "components": {
            "schemas": models.schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "jf_..."}},
        },
    }


class _Models:
    """The models of requests and answers, by the names that pydantic gives them."""

    def __init__(self, routes: Sequence[Route]) -> None:
        taken = {route.takes for route in routes if route.method != "GET"}
        given = {route.gives for route in routes} | {Problem}
        given |= {route.csv.gives for route in routes if route.csv and route.csv.gives is not Csv}
        given |= {shape for _, shape in EVENTS.values()}
        models: list[tuple[type[BaseModel], _Mode]] = [(model, "validation") for model in taken - {Nothing}]
        models += [(model, "serialization") for model in given - {Nothing, EventStream}]
        models.sort(key=lambda one: (one[0].__name__, one[1]))
        self._names, described = models_json_schema(models, ref_template=_REF)
        self.schemas: Part = described["$defs"]

    def ref(self, model: type[BaseModel], mode: _Mode) -> Part:
        return {"$ref": self._names[model, mode]["$ref"]}


def _operation(route: Route, models: _Models) -> Part:
    summary, _, more = (getdoc(route.handler) or "").partition("\n\n")
    public = route.access is Access.PUBLIC
    operator = route.access is Access.OPERATOR
    asks = "" if public else f"Needs {'an operator key' if operator else f'the scope `{route.access.value}`'}."
    responses = {str(route.status): _answer(route, models)}
    if route.gives is EventStream:
        responses["204"] = {"description": "You have seen the last event: do not reconnect."}
    for status in sorted(set(_refusals(route))):
        responses[str(status)] = _problem(status, models)
    operation: Part = {
        "operationId": route.name,
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "summary": " ".join(summary.split()),
        "description": " ".join(filter(None, (" ".join(more.split()), asks))),
        "parameters": [*_path_parameters(route), *_query_parameters(route, models), *_header_parameters(route)],
        "responses": responses,
        "security": [] if public else [{"key": []}],
    }
    if route.method != "GET" and route.takes is not Nothing:
        needed = any(field.is_required() for field in route.takes.model_fields.values())
        content = {"application/json": {"schema": models.ref(route.takes, "validation")}}
        if route.csv:
            content[CSV] = _PLAIN_TEXT
        operation["requestBody"] = {"required": needed, "content": content}
    return operation


def _webhook(kind: EventType, models: _Models) -> Part:
    """The call to a tenant's own program, by the Standard Webhooks specification."""
    when, shape = EVENTS[kind]
    headers = {
        "webhook-id": "The event's id, the same for every try: ignore ids that you have received before.",
        "webhook-timestamp": "Seconds since 1970. Refuse events older than five minutes.",
        "webhook-signature": "`v1,` and a signature in Base64; several while a secret changes: see webhooks.md.",
    }
    return {
        "operationId": f"on_{kind.value.replace('.', '_')}",
        "tags": ["webhook_endpoints"],
        "summary": when,
        "parameters": [
            {"name": name, "in": "header", "required": True, **_text(words)} for name, words in headers.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": models.ref(shape, "serialization")}},
        },
        "responses": {
            "2XX": {"description": "Accepted. Answer within 10 seconds and process the event afterwards."},
            "410": {"description": "The endpoint wants no more events: Jobferry pauses it."},
            "default": {"description": "Jobferry tries again, eight times in a day and a half."},
        },
    }


def _answer(route: Route, models: _Models) -> Part:
    given = {name: _text(words) for mark, (name, words) in _GIVEN.items() if mark in route.marks}
    answer: Part = {"description": HTTPStatus(route.status).phrase, "headers": {**given, **_OF_EVERY_ANSWER}}
    if route.gives is EventStream:
        answer["content"] = {EVENT_STREAM: _PLAIN_TEXT}
    elif route.gives is not Nothing:
        schema = models.ref(route.gives, "serialization")
        if route.csv and route.csv.gives is not Csv:
            schema = {"anyOf": [schema, models.ref(route.csv.gives, "serialization")]}
        answer["content"] = {"application/json": {"schema": schema}}
        if route.csv and route.csv.gives is Csv:
            answer["content"][CSV] = _PLAIN_TEXT
    return answer


def _problem(status: int, models: _Models) -> Part:
    content = {MEDIA_TYPE: {"schema": models.ref(Problem, "serialization")}}
    return {"description": HTTPStatus(status).phrase, "headers": _OF_EVERY_ANSWER, "content": content}


def _refusals(route: Route) -> Iterator[int]:
    """Every status that an error of this call may have."""
    yield from (400, 422, 431, 500, 503)
    if route.access is not Access.PUBLIC:
        yield from (401, 403, 429)
    if _VARIABLE.search(route.path):
        yield from (404, 409)
    if route.method in _WRITES:
        yield from (408, 409, 413, 415, 417)
    if Mark.IF_MATCH in route.marks:
        yield from (412, 428)


def _path_parameters(route: Route) -> Iterator[Part]:
    for name in _VARIABLE.findall(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route, models: _Models) -> Iterator[Part]:
    taken = route.takes if route.method == "GET" else route.csv.takes if route.csv else None
    if taken is None:
        return
    described = taken.model_json_schema(ref_template=_REF)
    models.schemas.update(described.get("$defs", {}))
    for name, schema in described.get("properties", {}).items():
        wanted = _not_null(schema)
        parameter = {
            "name": name,
            "in": "query",
            "schema": wanted,
            "required": route.method == "GET" and name in described.get("required", ()),
        }
        yield parameter | ({"style": "form", "explode": False} if wanted.get("type") == "array" else {})


def _not_null(schema: Mapping[str, Any]) -> Part:
    """The schema without null: an optional query parameter is left out instead."""
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default", "title")}
    for choice in schema.get("anyOf", ()):
        if choice != {"type": "null"}:
            kept |= choice
    return kept


def _header_parameters(route: Route) -> Iterator[Part]:
    def header(name: str, words: str, *, required: bool = False, **schema: str) -> Part:
        return {"name": name, "in": "header", "required": required, **_text(words, **schema)}

    if Mark.IDEMPOTENT in route.marks:
        words = "Requests with the same key and body give the same answer, however often you repeat them."
        yield header("Idempotency-Key", words, pattern="^[ -~]{1,255}$")
    if Mark.WAITS in route.marks:
        yield header("Prefer", "`wait=10` answers when the send stops moving, or after 10 seconds (60 at most).")
    if route.gives is EventStream:
        yield header("Last-Event-ID", "The `id` of the last event that you have seen.")
    if Mark.IF_MATCH in route.marks:
        words = "The ETag of your last GET; `*` overwrites any version."
        yield header("If-Match", words, required=True)


def _text(words: str, **schema: str) -> Part:
    return {"description": words, "schema": {"type": "string", **schema}}


_OF_EVERY_ANSWER: Part = {
    HEADER: _text("The id of the request: the caller's own from this header if it is short and plain, else a new one.")
}
