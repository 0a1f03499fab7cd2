"""The OpenAPI document: valid, committed, complete, and true: whatever is sent, only what it names comes back."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.inbound.api import reference
from adapters.inbound.api.routes import ROUTES
from adapters.inbound.console.rendering import code_words
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.server.problem_types import problem_type
from docs.generate.openapi import FILE, openapi_text
from tests.support.api_document import DOCUMENT
from tests.support.http_scene import JOB, Scene, api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {"tenant": "cardinal", "connection": "main", "job_id": JOB.id}
"""Variables that lead somewhere, so that the fuzzing comes further than 404."""
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = [
    pytest.param(GenerationMode.POSITIVE, 2, id="positive"),
    pytest.param(GenerationMode.POSITIVE, 15, id="positive, more", marks=pytest.mark.long),
    pytest.param(GenerationMode.NEGATIVE, 8, id="negative", marks=pytest.mark.long),
]
"""How many calls of a kind each route gets."""
SOURCES = [*Path("core").rglob("*.py"), *Path("adapters").rglob("*.py"), *Path("plugins").rglob("*.py")]
RAISED = re.compile(r'(?:code=|default_code = )"([A-Z][A-Z_]+)"')


def test_the_document_is_valid_and_committed() -> None:
    validate(DOCUMENT)
    assert FILE.read_text(encoding="utf-8") == openapi_text(), "run: python -m docs.generate.openapi"


def test_every_route_is_in_the_document() -> None:
    described = {one["operationId"] for item in DOCUMENT["paths"].values() for one in item.values()}
    assert described == {route.name for route in ROUTES}


def test_a_tenants_patch_names_no_defaults_that_a_client_could_fill_in() -> None:
    """Null has a meaning in it: a client that sends what the schema calls the default would take settings back."""
    properties = DOCUMENT["components"]["schemas"]["TenantPatch"]["properties"]
    assert {"name", "plugin_defaults", "servicetrade"} <= properties.keys()
    assert not [name for name, one in properties.items() if "default" in one]


def test_every_code_that_is_raised_has_a_page() -> None:
    raised = {code for source in SOURCES for code in RAISED.findall(source.read_text(encoding="utf-8"))}
    assert len(raised) > 80
    assert [code for code in sorted(raised) if problem_type(code) is None] == []


def test_a_backtick_without_a_partner_stays_and_what_is_code_is_escaped() -> None:
    assert code_words("see `a <b>` and `c` or `d") == "see <code>a &lt;b&gt;</code> and <code>c</code> or `d"
    assert code_words("`x") == "`x"
    assert code_words("plain & simple") == "plain &amp; simple"


async def test_the_pages_and_the_document_are_served_without_a_key() -> None:
    async with api() as scene:
        assert (await scene.call("GET", "/openapi.json", key=None)).body == json.loads(openapi_text())
        docs = (await scene.call("GET", "/docs", key=None)).text
        assert all(f'id="{route.name}"' in docs for route in ROUTES)
        assert "<script" not in docs
        missing = await scene.call("GET", "/v1/tenants/none")
        kind = await scene.call("GET", missing.body["type"], key=None)
        assert (kind.status, missing.body["title"] in kind.text) == (200, True)
        assert (await scene.call("GET", "/problems/NO_SUCH", key=None)).status == 404
        assert "TENANT_NOT_FOUND" in (await scene.call("GET", "/problems", key=None)).text


async def test_the_document_is_made_once_when_somebody_asks_and_others_are_served_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = Event(), Event()
    made = []

    def slowly() -> Any:
        made.append(1)
        begun.set()
        assert go_on.wait(20)
        return DOCUMENT

    monkeypatch.setattr(reference, "openapi_document", slowly)
    monkeypatch.setattr(reference, "_made", cache(reference._made.__wrapped__))
    async with api() as scene, asyncio.TaskGroup() as asking:
        assert made == [], "a process starts without it"
        asked = [asking.create_task(scene.call("GET", path, key=None)) for path in ("/openapi.json", "/docs")]
        assert await asyncio.to_thread(begun.wait, 20)
        assert (await scene.call("GET", "/livez", key=None)).status == 200
        go_on.set()
        assert [(await one).status for one in asked] == [200, 200]
    assert made == [1]


@pytest.fixture(scope="module")
def served() -> Iterator[Scene]:
    """A furnished API on a loop in another thread, since the fuzzer's calls block this one."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    manager = api()

    async def open_scene() -> Scene:
        scene = await manager.__aenter__()
        await scene.furnish()
        return scene

    try:
        yield asyncio.run_coroutine_threadsafe(open_scene(), loop).result(20)
    finally:
        asyncio.run_coroutine_threadsafe(manager.__aexit__(None, None, None), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


@pytest.mark.parametrize(("mode", "examples"), EXAMPLES)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_whatever_is_sent_only_documented_answers_come_back(
    served: Scene, route: Any, mode: GenerationMode, examples: int
) -> None:
    """Negative: a body, parameter or header that the document does not allow; it must be refused as such."""
    if mode is GenerationMode.NEGATIVE and route.takes is Nothing:
        return  # there is nothing to get wrong
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    operation = SCHEMA[route.path][route.method]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def fuzz(case: Any, known: bool) -> None:
        if known and route.name not in ("remove_tenant", "remove_connection", "change_connection"):
            case.path_parameters = {
                **(case.path_parameters or {}),
                **{name: value for name, value in KNOWN.items() if f"{{{name}}}" in route.path},
            }
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {served.key}"}
        case.headers.pop("Prefer", None)
        answer = case.call(base_url=served.url, timeout=20)
        too_large = answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # refused before anybody reads it
        case.validate_response(answer, checks=CHECKS if too_large else checks)

    fuzz()
