"""Forms made from the JSON Schema of a plugin's configuration, and configurations made from what people filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LIST_HINT, _PAIRS_HINT = "One a line.", "One a line, such as: West = W"
_OBJECT_HINT = "As JSON."


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is its path in the configuration, joined by dots; `kind` is text, number, choice, check, lines,
    pairs or json; `value` is what stands in it, as text ('on' for a check). `default` holds where it is left alone."""

    name: str
    label: str
    kind: str
    value: str = ""
    help: str = ""
    required: bool = False
    default: Any = None
    options: Sequence[str] = ()
    group: str = ""


def fields_of(schema: Mapping[str, Any], config: Mapping[str, Any]) -> list[Field]:
    """Every setting of the schema, filled in from a configuration. Settings within a setting become a group.

    Defaults are not filled in: saved, they would stand before those of tenant and instance.
    """
    return list(_fields(schema, schema, config, "", ""))


def config_of(schema: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in, without what was left empty. What is no number or no JSON stays text: the plugin's own model
    says what is wrong with it."""
    config: dict[str, Any] = {}
    for field in fields_of(schema, {}):
        value = _parsed(field, form.get(field.name, ""))
        if value is not None:
            place = config
            *path, last = field.name.split(".")
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
    return config


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
            hint += f" If empty: {_text(kind, default)}."
        about = " ".join(filter(None, (given.get("description") or setting.get("description", ""), hint.strip())))
        shown = default if value is None and kind == "check" else value
        yield Field(
            name=f"{path}{name}", label=label, kind=kind, value=_text(kind, shown), help=about,
            required=name in required and kind != "check", default=default, options=setting.get("enum", ()),
            group=group,
        )  # fmt: skip


def _resolved(whole: Mapping[str, Any], setting: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without references, and without the choice of leaving it out."""
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


def _text(kind: str, value: Any) -> str:
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


def _parsed(field: Field, text: str) -> Any:
    """None for what was left empty."""
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
                return json.loads(text)
            except ValueError:
                return text
    return text
