"""Finds calls, shapes and errors by words, for people who read the pages about the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.inbound.api.reference_views import Call, Field, Reference, Shape
from adapters.inbound.server.problem_types import ProblemType, all_codes, problem_type


@dataclass(frozen=True, slots=True)
class Found:
    """What has all the words, the calls with a word in their title or address first."""

    calls: Sequence[Call]
    shapes: Sequence[Shape]
    problems: Sequence[ProblemType]


def search(reference: Reference, asked: str) -> Found:
    """What has each of the words somewhere in its text, in upper or lower case."""
    words = asked.lower().split()

    def fits(text: str) -> bool:
        return all(word in text.lower() for word in words)

    calls = [call for call in reference.calls.values() if fits(" ".join(_of_call(call)))]
    calls.sort(key=lambda call: not fits(f"{call.title} {call.path} {call.name}"))
    problems = [found for code in all_codes() if (found := problem_type(code))]
    return Found(
        calls=calls,
        shapes=[shape for shape in reference.shapes.values() if fits(" ".join(_of_shape(shape)))],
        problems=[one for one in problems if fits(f"{one.code} {one.title} {one.meaning}")],
    )


def _of_call(call: Call) -> Iterator[str]:
    yield from (call.name, call.method, call.path, call.title, call.description)
    for fields in (*call.parameters.values(), call.takes, call.gives, call.headers):
        yield from _of_fields(fields)
    for one in call.refusals:
        yield from (one.status, *one.codes)


def _of_shape(shape: Shape) -> Iterator[str]:
    yield from (shape.name, shape.description, *shape.values, *shape.values.values())
    yield from _of_fields(shape.fields)


def _of_fields(fields: Sequence[Field]) -> Iterator[str]:
    for one in fields:
        yield from (one.name, one.meaning)
