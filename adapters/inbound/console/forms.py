"""Inputs of a form, and what people filled in as the values that the API's models take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.inbound.server.body import MalformedJson, parse
from core.model.shared.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is its path among the values, joined by dots; `kind` is text, secret, number, choice, check,
    lines, pairs, long or json; `value` is what stands in it, as text ('on' for a check). `default` holds where it is
    left alone, `options` are values and their words."""

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
    """None for what was left empty. What is no number or no JSON stays text: whoever takes it says what is wrong."""
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
    """Values by their dotted names as objects within objects, without those that are None."""
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
    """What is wrong by the field's name; `below` is the pointer that the form's fields stand under."""
    return {one.pointer.removeprefix(below).strip("/").replace("/", "."): one.detail for one in error.errors}
