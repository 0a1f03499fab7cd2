"""Every part of the OpenAPI document is described, has an example that is true, and is used."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from adapters.inbound.api.document.error_codes import OF_CALLS, codes_of
from adapters.inbound.api.document.examples import MISSING
from adapters.inbound.api.path_variables import VARIABLES, variables_in
from adapters.inbound.api.routes import ROUTES
from adapters.inbound.schema.reconciliations import COLUMNS as RECONCILED
from adapters.inbound.server.problem_types import all_codes, problem_type
from core.model.catalogue import CATALOGUE
from core.model.mappings.alias_csv import COLUMNS as ALIASES
from core.model.shared.advice import Door, Outcome
from tests.support.api_document import DOCUMENT
from tests.support.documented_errors import OF_THE_COMMAND_LINE

SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [(method, path, one) for path, item in DOCUMENT["paths"].items() for method, one in item.items()]
EVENTS = [one["post"] for one in DOCUMENT["webhooks"].values()]
VERBS = re.compile(
    "(acknowledge|add|cancel|change|check|complete|confirm|create|declare|dismiss|examine|export|find|follow|forget"
    "|import|leave|list|make|mark|pause|preview|reconcile|redeliver|refresh|rehearse|remove|reopen|request|resume|retry|revoke"
    "|rotate|set|settle|show|start"
    "|switch|try)(_[a-z]+)*"
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in SCHEMAS.items():
        for field, one in schema.get("properties", {}).items():
            yield f"{name}.{field}", one


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in [*(one for _, _, one in OPERATIONS), *EVENTS]:
        for one in operation["parameters"]:
            yield f"{operation['operationId']}.{one['name']}", one


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """For a part of the document; its references lead into the whole."""
    whole = Resource.from_contents({"$id": "urn:document", **DOCUMENT}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:document", whole)
    within = json.loads(json.dumps(schema).replace('"#/components', '"urn:document#/components'))
    return Draft202012Validator(within, registry=registry, format_checker=FormatChecker())


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of the document with its schema."""
    for name, schema in SCHEMAS.items():
        yield from ((name, {"$ref": f"#/components/schemas/{name}"}, one) for one in schema["examples"])
    for name, one in fields():
        yield from ((name, one, example) for example in one.get("examples", ()))
    for name, one in parameters():
        yield name, one["schema"], one["example"]
    for name, one in DOCUMENT["components"]["headers"].items():
        yield name, one["schema"], one["example"]
    problem = {"$ref": "#/components/schemas/Problem"}
    for name, one in DOCUMENT["components"]["examples"].items():
        yield name, problem, one["value"]
    for operation in [*(one for _, _, one in OPERATIONS), *EVENTS]:
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (one for body in bodies for one in body.get("content", {}).values() if "example" in one):
            yield operation["operationId"], media["schema"], media["example"]


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower())) - {"the", "a", "of", "its", "it", "is", "this", "an"}


def test_every_field_and_parameter_is_described_and_not_by_its_name_alone() -> None:
    poor = []
    for place, one in [*fields(), *parameters()]:
        said = one.get("description", "")
        name = place.rpartition(".")[2]
        if len(said) < 8 or not said.endswith((".", "`", ")")) or words_of(said) <= words_of(name.replace("_", " ")):
            poor.append(f"{place}: {said!r}")
    assert not poor, "write below the field what it means, its unit, and who sets it"


def test_every_field_has_an_example_or_a_type_that_has_one() -> None:
    lacking = [name for name, one in fields() if "examples" not in one and "$ref" not in json.dumps(one)]
    lacking += [name for name, one in parameters() if "example" not in one]
    lacking += [name for name, _, example in examples() if MISSING in json.dumps(example)]
    assert sorted(set(lacking)) == [], "give an example: Annotated[type, eg(value)]"


def test_every_example_is_what_its_schema_allows() -> None:
    wrong = [
        f"{place}: {error.json_path} {error.message[:200]}"
        for place, schema, example in examples()
        for error in validator(schema).iter_errors(example)
    ]
    assert not wrong


def test_the_example_of_every_body_is_accepted_as_it_stands() -> None:
    for route in ROUTES:
        body = DOCUMENT["paths"][route.path][route.method.lower()].get("requestBody", {})
        if "application/json" in body.get("content", {}):
            route.takes.model_validate_json(json.dumps(body["content"]["application/json"]["example"]))


def test_moments_numbers_and_addresses_name_their_format() -> None:
    for place, one in fields():
        formats = set(re.findall(r"'format': '([a-z-]+)'", str(one)))
        for example in one.get("examples", ()):
            if not isinstance(example, str):
                continue
            if MOMENT.fullmatch(example):
                assert "date-time" in formats, place
            if re.match(r"https?://", example):
                assert formats & {"uri", "uri-reference"}, place
            if "@" in example and "." in example:
                assert formats & {"email"} or "address" in place or "user" in place, place
        if place.rpartition(".")[2] in ("amount", "quantity"):
            assert formats == {"decimal"}, place


def test_every_file_has_an_example_with_a_cell_for_each_heading() -> None:
    headings: Mapping[str, Sequence[str]] = {
        "list_aliases": ALIASES,
        "set_aliases": ALIASES,
        "list_reconciled_jobs": RECONCILED,
        "import_codes": ("code", "name", "city", "customer_code"),
    }
    for _, _, one in OPERATIONS:
        bodies = [one.get("requestBody", {}), *one["responses"].values()]
        for file in (body["content"]["text/csv"] for body in bodies if "text/csv" in body.get("content", {})):
            heading, row = csv.reader(io.StringIO(file["example"]))
            assert tuple(heading) == headings[one["operationId"]]
            assert len(row) == len(heading)


def test_every_operation_has_a_title_a_text_a_group_and_an_id_of_one_pattern() -> None:
    tags = {tag["name"]: tag for tag in DOCUMENT["tags"]}
    for method, path, one in OPERATIONS:
        place = f"{method} {path}"
        assert VERBS.fullmatch(one["operationId"]), one["operationId"]
        assert 8 <= len(one["summary"]) <= 70, f"{place}: the first sentence of the handler is its title"
        assert one["summary"][0].isupper(), place
        assert not one["description"].startswith("Needs"), f"{place}: say more than the title after the first sentence"
        assert one["description"].endswith("."), place
        assert one["tags"][0] in tags, place
        ways = (
            ["curl", "Python"]
            if one["operationId"] in ("follow_send", "export_tenant")
            else ["curl", "Python client", "Python"]
        )
        assert [sample["label"] for sample in one["x-codeSamples"]] == ways, place
    assert tags.keys() == {one["tags"][0] for _, _, one in OPERATIONS}
    assert all(tag["description"] and tag["x-displayName"] for tag in tags.values())
    ids = [one["operationId"] for _, _, one in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_schema_is_described_and_used() -> None:
    assert [name for name, one in SCHEMAS.items() if not one.get("description")] == []
    text = json.dumps(DOCUMENT)
    for kind in ("schemas", "headers", "examples", "responses"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, f"nothing uses {kind}/{name}"


def test_every_choice_says_what_each_value_means() -> None:
    unsaid = {
        f"{name}: {value}"
        for name, one in SCHEMAS.items()
        for value, said in one.get("x-enum-descriptions", dict.fromkeys(one.get("enum", ()), "")).items()
        if not said
    }
    assert sorted(unsaid) == [], "write below each member of the enumeration what it means"


def test_every_error_is_one_that_people_can_read_about() -> None:
    names = {route.name for route in ROUTES}
    assert OF_CALLS.keys() <= names
    codes = {code for route in ROUTES for listed in codes_of(route).values() for code in listed}
    assert [code for code in sorted(codes) if problem_type(code) is None] == []
    for route in ROUTES:
        assert all(name in VARIABLES for name in variables_in(route.path)), route.path


@pytest.mark.parametrize("status", ["429", "503"])
def test_answers_that_end_by_themselves_say_after_how_long(status: str) -> None:
    for _, path, one in OPERATIONS:
        answer = one["responses"].get(status, {})
        named = DOCUMENT["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], answer)
        assert not named or "Retry-After" in named["headers"], path


def test_no_error_tells_a_caller_to_type_a_command() -> None:
    told = {}
    for code in all_codes():
        kind = problem_type(code)
        assert kind is not None
        words = [kind.title, kind.meaning, *kind.fix]
        if entry := CATALOGUE.get(code):
            words += [step for outcome in Outcome for step in entry.steps(outcome, Door.API)]
        told[code] = [one for one in words if OF_THE_COMMAND_LINE.search(one)]
    assert {code: words for code, words in told.items() if words} == {}
