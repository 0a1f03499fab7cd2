"""The example of a value: the first one that its schema names, else one made of the examples of its parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Schemas = Mapping[str, Any]
MISSING = "give an example"
GIVEN = "x-given-by-the-caller"
"""Marks the schema of an object that callers give, while the document is made."""


def example_of(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """A value that this schema allows, or MISSING where somebody has to give one; a test finds that."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        return example_of(choice, schemas)
    match schema.get("type"):
        case "object":
            return _object(schema, schemas)
        case "array":
            return [example_of(schema["items"], schemas)]
        case "boolean":
            return schema.get("default", False)
        case "null":
            return None
    return schema.get("default", MISSING)


def _object(schema: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    if "properties" in schema:
        wanted = _needed(schema) if GIVEN in schema else schema["properties"]
        return {name: example_of(one, schemas) for name, one in schema["properties"].items() if name in wanted}
    values, keys = schema.get("additionalProperties"), schema.get("propertyNames")
    if isinstance(values, Mapping) and keys:
        return {example_of(keys, schemas): example_of(values, schemas)}
    return {}


def _needed(schema: Mapping[str, Any]) -> Collection[str]:
    """What a caller has to give; if nothing, the first field shows how."""
    return schema.get("required") or list(schema["properties"])[:1]
