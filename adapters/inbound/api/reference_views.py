"""The OpenAPI document as its pages show it: calls in groups, and the shapes of what they take and give."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

CALLS, SHAPES = "/docs/calls/", "/docs/shapes/"
Part = Mapping[str, Any]
_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "{} or more",
    "maximum": "{} or less",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "pattern": "pattern {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field, parameter or header. `shapes` are the schemas that its type names."""

    name: str
    type: str
    shapes: Sequence[str]
    needed: bool
    meaning: str
    example: str
    limits: str

    @classmethod
    def of(cls, name: str, schema: Part, *, needed: bool = False) -> Self:
        examples = schema.get("examples", ())
        return cls(
            name=name,
            type=_type(schema),
            shapes=sorted(_named(schema)),
            needed=needed,
            meaning=schema.get("description", ""),
            example=_json(examples[0]) if examples else "",
            limits=", ".join(_limits(schema)),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    status: str
    codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, of a client to Jobferry, or of Jobferry to a tenant's own program (`to_you`)."""

    name: str
    group: str
    group_title: str
    method: str
    path: str
    title: str
    description: str
    parameters: Mapping[str, Sequence[Field]]
    takes: Sequence[Field]
    gives: Sequence[Field]
    status: str
    request: str
    answer: str
    headers: Sequence[Field]
    refusals: Sequence[Refusal]
    samples: Sequence[Part]
    to_you: bool

    @property
    def address(self) -> str:
        return CALLS + self.name


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field holds: fields of its own, or one of several values, each with its meaning."""

    name: str
    description: str
    fields: Sequence[Field]
    values: Mapping[str, str]
    example: str
    used_by: Sequence[Call]

    @property
    def address(self) -> str:
        return SHAPES + self.name


@dataclass(frozen=True, slots=True)
class Reference:
    """All calls and shapes by name. `groups` are the names of the groups, each with its title, text and calls."""

    introduction: str
    groups: Sequence[tuple[str, str, str, Sequence[Call]]]
    calls: Mapping[str, Call]
    shapes: Mapping[str, Shape]

    @classmethod
    def of(cls, document: Part) -> Self:
        calls = {call.name: call for call in _calls(document)}
        every = list(calls.values())
        groups = [
            (tag["name"], tag["x-displayName"], tag["description"], [one for one in every if one.group == tag["name"]])
            for tag in document["tags"]
        ]
        shapes = {name: _shape(name, schema, every) for name, schema in _schemas(document).items()}
        return cls(document["info"]["description"], groups, calls, shapes)

    def with_code(self, code: str) -> list[Call]:
        """The calls that may answer with this error."""
        return [call for call in self.calls.values() if any(code in one.codes for one in call.refusals)]


def _calls(document: Part) -> Iterator[Call]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield _call(document, method, path, operation, to_you=False)
    for item in document["webhooks"].values():
        yield _call(document, "post", "your own address", item["post"], to_you=True)


def _call(document: Part, method: str, path: str, operation: Part, *, to_you: bool) -> Call:
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    status, good = next((one, said) for one, said in operation["responses"].items() if one.startswith("2"))
    given = good.get("content", {}).get("application/json", {})
    shown = good.get("content") or {"": {}}
    return Call(
        name=operation["operationId"],
        group=operation["tags"][0],
        group_title=next(tag["x-displayName"] for tag in document["tags"] if tag["name"] == operation["tags"][0]),
        method=method.upper(),
        path=path,
        title=operation["summary"],
        description=operation["description"],
        parameters=_parameters(operation["parameters"]),
        takes=_fields(document, taken),
        gives=_fields(document, given),
        status=status,
        request=_json(taken["example"]) if taken else "",
        answer=_shown(next(iter(shown.values())).get("example", "")),
        headers=[Field.of(name, _header(document, name)) for name in good.get("headers", {})],
        refusals=[
            Refusal(one, _resolved(document, said)["x-problem-codes"])
            for one, said in operation["responses"].items()
            if one.isdecimal() and one >= "400" and not to_you
        ],
        samples=operation.get("x-codeSamples", ()),
        to_you=to_you,
    )


def _parameters(given: Sequence[Part]) -> Mapping[str, Sequence[Field]]:
    titles = {"path": "In the path", "query": "In the query", "header": "Headers"}
    return {
        title: [Field.of(one["name"], _said(one), needed=one["required"]) for one in given if one["in"] == place]
        for place, title in titles.items()
        if any(one["in"] == place for one in given)
    }


def _shape(name: str, schema: Part, calls: Sequence[Call]) -> Shape:
    users = [one for one in calls if any(name in field.shapes for field in (*one.takes, *one.gives))]
    return Shape(
        name=name,
        description=schema["description"],
        fields=_of_object(schema),
        values=schema.get("x-enum-descriptions", {}),
        example=_json(schema["examples"][0]),
        used_by=users,
    )


def _schemas(document: Part) -> Mapping[str, Part]:
    schemas: Mapping[str, Part] = document["components"]["schemas"]
    return schemas


def _header(document: Part, name: str) -> Part:
    return _said(document["components"]["headers"][name])


def _said(given: Part) -> Part:
    """A parameter or header as a schema."""
    return {**given["schema"], "description": given["description"], "examples": [given["example"]]}


def _fields(document: Part, media: Part) -> Sequence[Field]:
    schema = media.get("schema", {})
    return _of_object(_resolved(document, schema["anyOf"][0] if "anyOf" in schema else schema))


def _of_object(schema: Part) -> Sequence[Field]:
    needed = schema.get("required", ())
    return [Field.of(name, one, needed=name in needed) for name, one in schema.get("properties", {}).items()]


def _named(schema: Part) -> set[str]:
    """The shapes that a schema names: itself, as a choice, as an element, or as a value."""
    if "$ref" in schema:
        return {_name(schema)}
    inner = (schema.get(one) for one in ("items", "additionalProperties", "propertyNames"))
    parts = [*schema.get("anyOf", ()), *inner]
    return {name for part in parts if isinstance(part, Mapping) for name in _named(part)}


def _name(schema: Part) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def _resolved(document: Part, part: Part) -> Part:
    if "$ref" not in part:
        return part
    kind, name = part["$ref"].split("/")[-2:]
    found: Part = document["components"][kind][name]
    return found


def _type(schema: Part) -> str:
    """The type in words."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " or ".join(f'"{one}"' for one in schema["enum"])
    match schema.get("type", "any"):
        case "array":
            return f"list of {_type(schema['items'])}"
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return f"object of {_type(schema['additionalProperties'])}"
        case kind:
            return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _limits(schema: Part) -> Iterator[str]:
    for part in (schema, *schema.get("anyOf", ())):
        yield from (words.format(part[name]) for name, words in _LIMITS.items() if name in part)
    if schema.get("default") is not None:
        yield f"default {json.dumps(schema['default'])}"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else _json(value)
