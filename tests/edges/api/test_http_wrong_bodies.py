"""Bodies that the document does not allow, made from the examples that it does: each is refused, and where it is wrong
is named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from adapters.inbound.api.routes import ROUTES, Mark, Route
from adapters.inbound.schema.schema_base import Nothing
from tests.edges.api.test_http_isolation import BODIES, OWN, furnish
from tests.support.api_document import DOCUMENT
from tests.support.http_scene import Scene, api, pointers

STRANGE: tuple[object, ...] = (None, True, 0, -1, 10**30, 1.5, "", "x", [], [None], {}, {"x": 1})


def schema_of(route: Route) -> dict[str, Any]:
    body = DOCUMENT["paths"][route.path][route.method.lower()]["requestBody"]
    return {**body["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}


def allowed(route: Route, body: object) -> bool:
    return bool(jsonschema.Draft202012Validator(schema_of(route)).is_valid(body))


def wrong_bodies(example: Mapping[str, Any], fields: Iterable[str]) -> Iterator[tuple[str, object]]:
    """What is changed, and the whole body then."""
    yield "/unknown", {**example, "unknown": 1}
    for name in fields:
        yield f"/{name}", {key: value for key, value in example.items() if key != name}
        for strange in STRANGE:
            yield f"/{name}", {**example, name: strange}
    for strange in STRANGE:
        yield "", strange


async def test_what_the_document_does_not_allow_is_refused_where_it_is_wrong() -> None:
    tried = 0
    async with api() as scene:
        variables = await furnish(scene, OWN)
        for route in ROUTES:
            if route.method != "GET" and route.takes is not Nothing:
                example = BODIES[route.name]
                assert allowed(route, example), route.name
                for pointer, body in wrong_bodies(example, route.takes.model_fields):
                    if not allowed(route, body):
                        tried += 1
                        await refused(scene, route, variables, pointer, body)
    assert tried > 1000


async def refused(scene: Scene, route: Route, variables: Mapping[str, str], pointer: str, body: object) -> None:
    path = route.path.replace("/v1/keys/{key_id}", "/v1/keys/{operator_key_id}").format_map(variables)
    headers = {"If-Match": "*"} if Mark.IF_MATCH in route.marks else {}
    answer = await scene.call(route.method, path, data=json.dumps(body).encode(), headers=headers)
    case = f"{route.name} with {body!r}: {answer.text}"
    assert answer.status in ((400, 422) if pointer == "" else (422,)), case
    if pointer:
        assert any(one == pointer or one.startswith(f"{pointer}/") for one in pointers(answer)), case
