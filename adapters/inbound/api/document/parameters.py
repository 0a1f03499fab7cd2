"""What a call takes beside its body: variables of its path, its query, and headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.inbound.api.document.schemas import Models, Part
from adapters.inbound.api.path_variables import VARIABLES, variables_in
from adapters.inbound.api.routes import Mark, Route
from adapters.inbound.server.event_stream import EventStream

_Header = tuple[str, str, str, Mapping[str, Any]]


def _idempotency_key(kept: str) -> _Header:
    return (
        "Idempotency-Key",
        "A new random text for each thing that you want done, such as a UUID. A repeated request with the same key and"
        f" body does nothing again and gives the same answer, for {kept}; with another body it is refused.",
        "6f1c9a52-5b0e-4c38-9a55-0f6f4d1f8f0e",
        {"pattern": "^[ -~]{1,255}$"},
    )


_HEADERS: Mapping[Mark, _Header] = {
    Mark.IDEMPOTENT: _idempotency_key("30 days"),
    Mark.KEPT: _idempotency_key("24 hours"),
    Mark.WAITS: (
        "Prefer",
        "`wait=10`: answer when the send stops moving, or after 10 seconds; 60 at most. Left out: answer at once.",
        "wait=10",
        {},
    ),
    Mark.IF_MATCH: (
        "If-Match",
        "The version that the change is based on: the ETag of your last GET. `*` overwrites any version.",
        '"3"',
        {},
    ),
}


def parameters_of(route: Route, models: Models) -> list[Part]:
    """All parameters of a call, each with a description and an example."""
    return [*_of_the_path(route), *_of_the_query(route, models), *_of_headers(route)]


def header(name: str, words: str, example: object, *, required: bool = False, **schema: Any) -> Part:
    """A header that a call takes."""
    value = {"type": "string", **schema}
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": words,
        "example": example,
        "schema": value,
    }


def _of_the_path(route: Route) -> Iterator[Part]:
    for name in variables_in(route.path):
        words, example = VARIABLES[name]
        described = {"description": words, "example": example, "schema": {"type": "string"}}
        yield {"name": name, "in": "path", "required": True, **described}


def _of_the_query(route: Route, models: Models) -> Iterator[Part]:
    taken = route.takes if route.method == "GET" else route.csv.takes if route.csv else None
    if taken is None:
        return
    fields, required = models.query(taken)
    for name, schema in fields.items():
        words, examples = schema.pop("description", ""), schema.pop("examples", None)
        example = examples[0] if examples else models.example(schema)
        listed = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
        needed = route.method == "GET" and name in required
        if route.csv and route.method != "GET":
            words = f"Only with a text/csv body. {words}"
        yield {
            "name": name,
            "in": "query",
            "required": needed,
            "description": words,
            "example": example,
            "schema": schema,
            **listed,
        }


def _of_headers(route: Route) -> Iterator[Part]:
    for mark, (name, words, example, schema) in _HEADERS.items():
        if mark in route.marks:
            yield header(name, words, example, required=mark is Mark.IF_MATCH, **schema)
    if route.gives is EventStream:
        words = "The `id` of the last event that you have seen. Left out: begin with the present state."
        yield header("Last-Event-ID", words, "7c1f")
