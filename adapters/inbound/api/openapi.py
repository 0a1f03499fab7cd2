"""The OpenAPI document, made from the table of routes and the models that the server uses."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from inspect import getdoc

from pydantic import BaseModel

from adapters.inbound.api.document import words
from adapters.inbound.api.document.answers import csv_body, headers, problem_examples, responses_of, shared_responses
from adapters.inbound.api.document.attribute_words import one_line
from adapters.inbound.api.document.parameters import header, parameters_of
from adapters.inbound.api.document.samples import samples
from adapters.inbound.api.document.schemas import Models, Part
from adapters.inbound.api.routes import ROUTES, Route
from adapters.inbound.api.serving import CSV, JSON
from adapters.inbound.schema.events import EVENTS
from adapters.inbound.schema.problems import Problem
from adapters.inbound.schema.schema_base import Csv, Nothing
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import EventStream
from core.model.webhooks.event import EventType

<<<<<<< HEAD
=======
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
_KEY_WORDS = {
    False: "Requests with the same key and body give the same sends, however often you repeat them, for 30 days.",
    True: "Requests with the same key and body give the first answer, however often you repeat them, for 24 hours.",
}
_REPLAYED = ("Idempotent-Replayed", "`true` for the answer to a repeated request, which did nothing.")
_GIVEN = {
    Mark.IDEMPOTENT: _REPLAYED,
    Mark.KEPT: _REPLAYED,
    Mark.WAITS: ("Preference-Applied", "`wait=N` if the answer waited for the send, up to N seconds."),
    Mark.ETAG: ("ETag", "The version, for If-Match."),
    Mark.LOCATION: ("Location", "The address of the new record."),
}
_INTRO = (
    "Jobferry sends ServiceTrade jobs to Spectrum as work orders. Every call under /v1 needs a key: "
    "`Authorization: Bearer jf_...`. An operator key may do everything. A tenant's key works only for that tenant and "
    "only for the calls that its scopes allow. Records of another tenant answer 404, like records that do not exist."
)

>>>>>>> 9709af39 (Repeated requests: keys belong to their caller, replays are marked, and every POST that makes something answers once; jobs are looked up and sent by their number)

def openapi_document(routes: Sequence[Route] = ROUTES) -> Part:
    """The document as JSON, with its calls in the order of the table."""
    models = Models(_taken(routes), _given(routes))
    schemas = models.with_examples()
    paths: Part = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, models)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Jobferry",
            "version": version("jobferry"),
            "summary": words.SUMMARY,
            "description": words.INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": words.SERVERS,
        "tags": [
            {"name": name, "description": said, "x-displayName": title} for name, (title, said) in words.TAGS.items()
        ],
        "paths": paths,
        "webhooks": {kind.value: {"post": _webhook(kind, models)} for kind in EVENTS},
        "components": {
            "schemas": schemas,
            "responses": shared_responses(routes),
            "headers": headers(),
            "examples": problem_examples(routes),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": words.KEY}},
        },
    }


def _taken(routes: Sequence[Route]) -> set[type[BaseModel]]:
    return {route.takes for route in routes if route.method != "GET"} - {Nothing}


<<<<<<< HEAD
def _given(routes: Sequence[Route]) -> set[type[BaseModel]]:
    given = {route.gives for route in routes} | {Problem} | {shape for _, shape in EVENTS.values()}
    return (given | {route.csv.gives for route in routes if route.csv}) - {Nothing, EventStream, Csv}


def _operation(route: Route, models: Models) -> Part:
    summary, description = _said(route)
=======
def _operation(route: Route, models: _Models) -> Part:
    summary, _, more = (getdoc(route.handler) or "").partition("\n\n")
    public = route.access is Access.PUBLIC
    operator = route.access is Access.OPERATOR
    asks = "" if public else f"Needs {'an operator key' if operator else f'the scope `{route.access.value}`'}."
    responses = {str(route.status): _answer(route, models)}
    if Mark.WAITS in route.marks:
        responses["200"] = _answer(route, models) | {"description": "After waiting: the send has ended."}
    if route.gives is EventStream:
        responses["204"] = {"description": "You have seen the last event: do not reconnect."}
    for status in sorted(set(_refusals(route))):
        responses[str(status)] = _problem(status, models)
>>>>>>> 9709af39 (Repeated requests: keys belong to their caller, replays are marked, and every POST that makes something answers once; jobs are looked up and sent by their number)
    operation: Part = {
        "operationId": route.name,
        "tags": [tag_of(route)],
        "summary": summary,
        "description": f"{description} {_asks(route)}".strip(),
        "parameters": parameters_of(route, models),
        **_request_body(route, models),
        "responses": responses_of(route, models),
        "security": [] if route.access is Access.PUBLIC else [{"key": []}],
    }
    return operation | {"x-codeSamples": samples(route.method, route.path, operation)}


def tag_of(route: Route) -> str:
    """The group that a call stands in: the module of its handler."""
    return route.handler.__module__.rpartition(".")[2]


def _said(route: Route) -> tuple[str, str]:
    """The first sentence of the handler's text without its full stop, and the rest."""
    text = one_line(getdoc(route.handler) or "")
    first, _, rest = text.partition(". ")
    return first.rstrip("."), rest


def _asks(route: Route) -> str:
    if route.access is Access.PUBLIC:
        return "Needs no key."
    return f"Needs {'an operator key' if route.access is Access.OPERATOR else f'the scope `{route.access.value}`'}."


def _request_body(route: Route, models: Models) -> Part:
    if route.method == "GET" or route.takes is Nothing:
        return {}
    needed = any(field.is_required() for field in route.takes.model_fields.values())
    schema = models.ref(route.takes, "validation")
    content: Part = {JSON: {"schema": schema, "example": models.example(schema)}}
    if route.csv:
        content[CSV] = csv_body()
    return {"requestBody": {"required": needed, "content": content}}


def _webhook(kind: EventType, models: Models) -> Part:
    """The call to a tenant's own program, by the Standard Webhooks specification."""
    when, shape = EVENTS[kind]
    schema = models.ref(shape, "serialization")
    example = models.example(schema) | {"type": kind.value}
    return {
        "operationId": f"on_{kind.value.replace('.', '_')}",
        "tags": ["webhook_endpoints"],
        "summary": when.rstrip("."),
        "description": "Jobferry posts this to each webhook endpoint that receives events of this kind.",
        "parameters": [header(name, said, example, required=True) for name, said, example in words.WEBHOOK_HEADERS],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": example}}},
        "responses": words.WEBHOOK_ANSWERS,
    }
<<<<<<< HEAD
=======


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

    if Mark.IDEMPOTENT in route.marks or Mark.KEPT in route.marks:
        yield header("Idempotency-Key", _KEY_WORDS[Mark.KEPT in route.marks], pattern="^[ -~]{1,255}$")
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
>>>>>>> 9709af39 (Repeated requests: keys belong to their caller, replays are marked, and every POST that makes something answers once; jobs are looked up and sent by their number)
