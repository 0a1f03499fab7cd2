"""Makes forms from the JSON Schema of a plugin's configuration, and configurations from filled-in forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.inbound.console.forms import Field, nested, parsed, text_of

_LIST_HINT, _PAIRS_HINT = "One on each line.", "One on each line, such as: West = W"
_OBJECT_HINT = "As JSON."


def fields_of(schema: Mapping[str, Any], config: Mapping[str, Any]) -> list[Field]:
    """Every setting of the schema, with values from a configuration. Nested settings become a group.

    Defaults are not filled in: if saved, they would override the defaults of tenant and installation.
    """
    return list(_fields(schema, schema, config, "", ""))


def config_of(schema: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The filled-in values, without empty ones. A value that is not a number or JSON stays text, and the plugin's own
    model reports the error."""
    return nested({field.name: parsed(field, form.get(field.name, "")) for field in fields_of(schema, {})})


def _fields(
    whole: Mapping[str, Any], schema: Mapping[str, Any], config: Mapping[str, Any], path: str, group: str
) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        setting = _resolved(whole, given)
        default = setting.get("default")
        value = config.get(name)
        label = name.replace("_", " ").capitalize()
        if setting.get("type") == "object" and setting.get("properties"):
            inner = value if isinstance(value, dict) else {}
            yield from _fields(whole, setting, inner, f"{path}{name}.", label)
            continue
        kind, hint = _kind(whole, setting)
        if default not in (None, "", [], {}) and kind != "check":
            hint += f" If empty: {text_of(kind, default)}."
        about = " ".join(filter(None, (given.get("description") or setting.get("description", ""), hint.strip())))
        shown = default if value is None and kind == "check" else value
        yield Field(
            name=f"{path}{name}",
            label=label,
            kind=kind,
            value=text_of(kind, shown),
            help=about,
            required=name in required and kind != "check",
            default=default,
            group=group,
            options={str(one): str(one) for one in setting.get("enum", ())},
        )


def _resolved(whole: Mapping[str, Any], setting: Mapping[str, Any]) -> Mapping[str, Any]:
    """The setting with references resolved and without the choice of null."""
    choices = [one for one in setting.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) == 1:
        return {**setting, **_resolved(whole, choices[0])}
    name = setting.get("$ref", "").rpartition("/")[2]
    return {**whole.get("$defs", {}).get(name, {}), **setting} if name else setting


def _kind(whole: Mapping[str, Any], setting: Mapping[str, Any]) -> tuple[str, str]:
    if "enum" in setting:
        return "choice", ""
    match setting.get("type"):
        case "string":
            return "text", ""
        case "boolean":
            return "check", ""
        case "integer" | "number":
            return "number", ""
        case "array" if _resolved(whole, setting.get("items", {})).get("type") == "string":
            return "lines", _LIST_HINT
        case "object" if _resolved(whole, setting.get("additionalProperties") or {}).get("type") == "string":
            return "pairs", _PAIRS_HINT
    return "json", _OBJECT_HINT
