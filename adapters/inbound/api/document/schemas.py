"""The schemas of all messages: their descriptions come from where the messages are defined."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from adapters.inbound.api.document.attribute_words import attribute_words, one_line
from adapters.inbound.api.document.examples import GIVEN, example_of

Part = dict[str, Any]
Mode = Literal["validation", "serialization"]
REF = "#/components/schemas/{model}"
_OF_THE_VALUE = ("description", "examples")
_NULL = {"type": "null"}


class _Described(GenerateJsonSchema):
    """Adds what stands below the fields of a message and below the members of a choice."""

    def model_schema(self, schema: Any) -> Part:
        made = super().model_schema(schema)
        owner = schema["cls"]
        words = attribute_words(owner)
        of = owner.__pydantic_generic_metadata__["origin"]
        if of and of.__doc__:
            made["description"] = of.__doc__
        if self.mode == "validation":
            made[GIVEN] = True
        for name, one in made.get("properties", {}).items():
            _lift(one)
            one.pop("title", None)
            if name in words:
                one["description"] = words[name]
        return _tidy(made)

    def enum_schema(self, schema: Any) -> Part:
        made = super().enum_schema(schema)
        kind = schema["cls"]
        words = {kind[name].value: said for name, said in attribute_words(kind).items()}
        if words:
            made["x-enum-descriptions"] = {value: words.get(value, "") for value in made["enum"]}
            told = "; ".join(f"`{value}`: {said.rstrip('.')}" for value, said in words.items())
            made["description"] = f"{made.get('description', '')} {told}.".strip()
        made["examples"] = made["enum"][:1]
        return _tidy(made)


class Models:
    """The messages of the API by the names that their schemas have in the document."""

    def __init__(self, taken: Iterable[type[BaseModel]], given: Iterable[type[BaseModel]]) -> None:
        models: list[tuple[type[BaseModel], Mode]] = [(model, "validation") for model in set(taken)]
        models += [(model, "serialization") for model in set(given)]
        models.sort(key=lambda one: (one[0].__name__, one[1]))
        self._names, described = models_json_schema(models, ref_template=REF, schema_generator=_Described)
        self.schemas: Part = described["$defs"]

    def ref(self, model: type[BaseModel], mode: Mode) -> Part:
        return {"$ref": self._names[model, mode]["$ref"]}

    def query(self, model: type[BaseModel]) -> tuple[Part, Collection[str]]:
        """The fields of a query by name, and which of them are required."""
        described = model.model_json_schema(ref_template=REF, schema_generator=_Described)
        self.schemas.update(described.get("$defs", {}))
        fields = {name: _without_null(one) for name, one in described.get("properties", {}).items()}
        return fields, described.get("required", ())

    def example(self, schema: Part) -> Any:
        """An example of what the schema allows."""
        return example_of(schema, self.schemas)

    def with_examples(self) -> Part:
        """The schemas by name. Each field has an example: its own, or one made of the examples of its parts."""
        self.schemas["JsonValue"] = {"description": "Any JSON value.", "examples": ["repair"]}
        for schema in self.schemas.values():
            for one in schema.get("properties", {}).values():
                self._complete(one)
        for schema in self.schemas.values():
            schema.setdefault("examples", [example_of(schema, self.schemas)])
        for schema in self.schemas.values():
            schema.pop(GIVEN, None)
        return dict(sorted(self.schemas.items()))

    def _complete(self, field: Part) -> None:
        """A field that is only named by its type says what the type says. The example of an object is in its schema."""
        named = self.schemas.get(field.get("$ref", "").rpartition("/")[2], {})
        if "description" in named:
            field.setdefault("description", named["description"])
        if "$ref" not in str(field) or "enum" in named:
            field.setdefault("examples", [example_of(field, self.schemas)])


def _lift(schema: Part) -> None:
    """What is said of the value is said of the field: a type that may also be null keeps it inside."""
    kept = [one for one in schema.get("anyOf", ()) if one != _NULL]
    if len(kept) == 1:
        for key in _OF_THE_VALUE:
            if key in kept[0]:
                schema.setdefault(key, kept[0][key])
                del kept[0][key]


def _tidy(schema: Part) -> Part:
    if "description" in schema:
        schema["description"] = one_line(schema["description"])
    schema.pop("title", None)
    return schema


def _without_null(schema: Part) -> Part:
    """The schema of a query field, which is left out instead of being null."""
    said = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    choices = [one for one in schema.get("anyOf", ()) if one != _NULL]
    if len(choices) == 1:
        return {**choices[0], **said}
    return {**said, "anyOf": choices} if choices else said | {key: schema[key] for key in ("default",) if key in schema}
