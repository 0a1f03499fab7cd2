"""Inputs of a form, and their conversion to the values of the API's models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.inbound.server.reading import MalformedJson, parse
from core.model.shared.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is its path in the values, joined by dots. `kind` is text, secret, number, choice, check,
    lines, pairs, long or json. `value` is its content as text ('on' for a check). `default` applies if it is not
    changed. `options` are values and their labels."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    required: bool = False
    default: Any = None
    options: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


def text_of(kind: str, value: Any) -> str:
    match kind, value:
        case _, None:
            return ""
        case "check", _:
            return "on" if value else ""
        case "lines", list():
            return "\n".join(map(str, value))
        case "pairs", dict():
            return "\n".join(f"{name} = {one}" for name, one in value.items())
        case "json", _:
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def parsed(field: Field, text: str) -> Any:
    """The value; None for an empty input. Text that is not a number or JSON stays text, for the model to report."""
    if field.kind == "check":
        return bool(text) if bool(text) is not bool(field.default) else None
    if not text.strip():
        return None
    match field.kind:
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "pairs":
            pairs = (line.partition("=") for line in text.splitlines() if line.strip())
            return {name.strip(): value.strip() for name, _, value in pairs}
        case "number" | "json":
            try:
                return parse(text.encode())
            except MalformedJson:
                return text
    return text if field.kind == "long" else text.strip()


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values with dotted names into nested objects, without values that are None."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None:
            place = whole
            *path, last = name.split(".")
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
    return whole


def problems_of(error: BadInput, *, below: str = "") -> dict[str, str]:
    """Error texts by field name. `below` is the pointer of the object that holds the form's fields."""
    return {one.pointer.removeprefix(below).strip("/").replace("/", "."): one.detail for one in error.errors}


def without_input(problems: Mapping[str, str], fields: Sequence[Field]) -> list[str]:
    """The problems that belong to no input of the form, in words."""
    names = {one.name for one in fields}
    return [f"{name}: {text}" for name, text in problems.items() if name not in names]
