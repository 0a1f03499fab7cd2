"""The documents that commands print with `--json`, as tables of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.inbound.schema.schema_base import Page


def document_tables(documents: Sequence[type[BaseModel]]) -> Iterator[str]:
    """One section for each document and for each object in one, in the order of the alphabet."""
    wanted = {item for one in documents for item in _items(one)}
    _, found = models_json_schema([(one, "serialization") for one in sorted(wanted, key=lambda one: one.__name__)])
    for name, schema in sorted(found["$defs"].items()):
        if "enum" not in schema:
            yield from _table(name, schema, found["$defs"])


def _items(document: type[BaseModel]) -> Sequence[type[BaseModel]]:
    if issubclass(document, Page):
        return document.__pydantic_generic_metadata__["args"]
    return (document,)


def _table(name: str, schema: Mapping[str, Any], all_of: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n### {name}\n"
    if words := schema.get("description"):
        yield _cell(words) + "\n"
    if fields := schema.get("properties"):
        yield "| field | type | |\n|---|---|---|"
        for field, about in fields.items():
            yield f"| `{field}` | {_type(about, all_of)} | {_cell(about.get('description', ''))} |"
    else:
        yield "An object without fields."


def _type(about: Mapping[str, Any], all_of: Mapping[str, Any]) -> str:
    if "$ref" in about:
        name = about["$ref"].rsplit("/", 1)[1]
        values = all_of[name].get("enum")
        return ", ".join(f"`{value}`" for value in values) if values else f"[{name}](#{name.lower()})"
    if choices := about.get("anyOf"):
        some = [_type(one, all_of) for one in choices if one.get("type") != "null"]
        return " or ".join(some) + ("?" if len(some) < len(choices) else "")
    if "const" in about:
        return f"`{about['const']}`"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    match about.get("type"):
        case "array":
            return f"list of {_type(about.get('items', {}), all_of)}"
        case "object" if isinstance(about.get("additionalProperties"), dict):
            return f"object of {_type(about['additionalProperties'], all_of)}"
        case "string" if "format" in about:
            return str(about["format"])
    return str(about.get("type", "anything"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
