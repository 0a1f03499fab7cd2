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
from adapters.inbound.schema.schema_base import FileOut, Nothing
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import EventStream
from core.model.webhooks.event import EventType


def openapi_document(routes: Sequence[Route] = ROUTES) -> Part:
    """The document as JSON, with its calls in the order of the table."""
    models = Models(_taken(routes), _given(routes))
    for route in routes:
        if route.method == "GET":
            models.query(route.takes)  # what only queries name
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


def _given(routes: Sequence[Route]) -> set[type[BaseModel]]:
    given = {route.gives for route in routes} | {Problem} | {shape for _, shape in EVENTS.values()}
    given |= {route.csv.gives for route in routes if route.csv}
    return {one for one in given if not issubclass(one, FileOut)} - {Nothing, EventStream}


def _operation(route: Route, models: Models) -> Part:
    summary, description = _said(route)
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
        content[CSV] = csv_body(route)
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
