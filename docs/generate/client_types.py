"""The types of the client: for every schema of the OpenAPI document a TypedDict, or a Literal for an enumeration.

A TypedDict costs nothing at run time, and a field that a later version adds does no harm.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

Part = Mapping[str, Any]
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def class_name(schema: str) -> str:
    """`Page_SendOut_` is PageSendOut, `PluginModel-Input` is PluginModelInput."""
    return "".join(part[:1].upper() + part[1:] for part in schema.replace("-", "_").split("_"))


class Types:
    def __init__(self, schemas: Mapping[str, Part]) -> None:
        self._schemas = schemas

    def of(self, schema: Part, prefix: str = "models.") -> str:
        """The annotation of a value that this schema describes."""
        if "$ref" in schema:
            return prefix + class_name(schema["$ref"].rpartition("/")[2])
        if "const" in schema or "enum" in schema:
            return f"Literal[{', '.join(map(repr, schema.get('enum') or [schema['const']]))}]"
        if choices := (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            return " | ".join(dict.fromkeys(self.of(one, prefix) for one in choices))
        match schema.get("type"):
            case "array":
                return f"list[{self.of(schema['items'], prefix)}]"
            case "object":
                return self._mapping(schema, prefix)
            case str() as kind:
                return _PLAIN[kind]
        return "Any"

    def of_items(self, page: Part) -> str:
        """The annotation of one item of a page."""
        schema = self._schemas[page["$ref"].rpartition("/")[2]]
        return self.of(schema["properties"]["items"]["items"])

    def module(self, preamble: str) -> str:
        found = "\n\n\n".join(self._definition(name, schema) for name, schema in sorted(self._schemas.items()))
        return f"{preamble}\nfrom typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n\n{found}\n"

    def _mapping(self, schema: Part, prefix: str) -> str:
        values, keys = schema.get("additionalProperties", True), schema.get("propertyNames", {})
        key = self.of(keys, prefix) if "$ref" in keys else "str"
        return f"dict[{key}, {self.of(values, prefix) if isinstance(values, Mapping) else 'Any'}]"

    def _definition(self, name: str, schema: Part) -> str:
        words = schema.get("description", "")
        if "properties" not in schema:
            alias = f"{class_name(name)}: TypeAlias = {self._alias(schema)}"
            meanings = [f"{value}: {said}." for value, said in schema.get("x-enum-descriptions", {}).items()]
            return "\n".join([alias, _docstring("\n".join([words, *meanings]))]) if words or meanings else alias
        fields = [
            self._field(one, field, one in schema.get("required", ())) for one, field in schema["properties"].items()
        ]
        body = "\n".join([_docstring(words), "", *fields] if words else fields)
        return f"class {class_name(name)}(TypedDict):\n{textwrap.indent(body, '    ')}"

    def _alias(self, schema: Part) -> str:
        return self.of(schema, "")

    def _field(self, name: str, schema: Part, needed: bool) -> str:
        kind = self.of(schema, "")
        shown = f"{name}: {kind if needed else f'NotRequired[{kind}]'}"
        return f"{shown}\n{_docstring(schema['description'])}" if schema.get("description") else shown


def _docstring(words: str) -> str:
    safe = words.replace("\\", "\\\\").replace('"""', "'''")
    text = "\n".join(textwrap.fill(line, 106) for line in safe.splitlines())
    return f'"""{text}"""' if "\n" not in text else f'"""{text}\n"""'
