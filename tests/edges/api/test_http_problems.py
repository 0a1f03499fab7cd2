"""Whatever goes wrong leaves the API as a problem document: with a code, a place, and without the inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from adapters.inbound.server.readiness import Readiness
from core.model.shared.errors import OperatorMends, TenantMends, TimeMends
from tests.support.http_scene import CONNECTION, JOB, SECRETS, SENDS, TENANT, Scene, api, is_problem, pointers


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


@pytest.fixture
async def furnished(scene: Scene) -> Scene:
    await scene.furnish()
    return scene


@pytest.mark.parametrize("key", [None, "jf_not-one-of-ours", "nonsense", "jf_\u00fc"])
async def test_everything_under_v1_needs_a_key(scene: Scene, key: str | None) -> None:
    for path in ("/v1/tenants", "/v1/tenants/cardinal/sends", "/v1/no-such-thing", "/v1"):
        answer = await scene.call("GET", path, key=key)
        assert is_problem(answer, 401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_in_no_encoding_at_all(scene: Scene) -> None:
    host, port = scene.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer jf_\xff\r\nConnection: close\r\n\r\n")
    assert b" 401 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_the_scheme_of_the_key_must_be_bearer_in_any_case(scene: Scene) -> None:
    basic = await scene.call("GET", "/v1/tenants", key=None, headers={"Authorization": f"Basic {scene.key}"})
    assert basic.status == 401
    lower = await scene.call("GET", "/v1/tenants", key=None, headers={"Authorization": f"bearer {scene.key}"})
    assert lower.status == 200


async def test_an_unknown_address(scene: Scene) -> None:
    assert is_problem(await scene.call("GET", "/v1/nothing"), 404, "ROUTE_NOT_FOUND")
    assert is_problem(await scene.call("GET", "/elsewhere", key=None), 404, "ROUTE_NOT_FOUND")


async def test_an_address_with_control_characters_is_nobodys(scene: Scene) -> None:
    assert is_problem(await scene.call("GET", "/v1/tenants/%00"), 404, "ROUTE_NOT_FOUND")


async def test_a_wrong_method_names_the_right_ones(scene: Scene) -> None:
    answer = await scene.call("DELETE", "/v1/tenants")
    assert is_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["Allow"]


async def test_a_body_over_one_megabyte(scene: Scene) -> None:
    answer = await scene.call("POST", "/v1/tenants", data=b'{"slug":"' + b"a" * 1_010_000 + b'"}')
    assert is_problem(answer, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("media", ["text/plain", "application/json; name*0*", "x*0*", ";"])
async def test_a_body_of_another_kind(scene: Scene, media: str) -> None:
    answer = await scene.call("POST", "/v1/tenants", data=b"slug=x", headers={"Content-Type": media})
    assert is_problem(answer, 415, "MEDIA_TYPE_NOT_SUPPORTED")


@pytest.mark.parametrize("body", [b"{", b"", b'{"slug": NaN}', b"\xff\xfe", b'{"slug": "\\ud800"}', b"[" * 5000])
async def test_a_body_that_is_no_json(scene: Scene, body: bytes) -> None:
    assert is_problem(await scene.call("POST", "/v1/tenants", data=body), 400, "MALFORMED_JSON")


async def test_every_wrong_field_is_pointed_at(scene: Scene) -> None:
    answer = await scene.call(
        "POST", "/v1/tenants", {"name": 7, "servicetrade": {"username": "u", "pass/word": "x"}, "extra": 1}
    )
    assert is_problem(answer, 422, "BAD_INPUT")
    assert sorted(pointers(answer)) == ["/extra", "/name", "/servicetrade/pass~1word", "/slug"]


async def test_a_body_that_is_no_object(scene: Scene) -> None:
    answer = await scene.call("POST", "/v1/tenants", data=b"[1]")
    assert is_problem(answer, 422, "BAD_INPUT")
    assert pointers(answer) == [""]


@pytest.mark.parametrize("name", ["a\x00b", "two\nlines"])
async def test_characters_that_no_name_may_hold(scene: Scene, name: str) -> None:
    answer = await scene.call("POST", "/v1/tenants", {**TENANT, "name": name})
    assert answer.status == 422
    assert pointers(answer) == ["/name"]


async def test_nul_is_found_deep_inside(furnished: Scene) -> None:
    plugins = [{"name": "one", "config": {"list": ["fine", "a\x00"], "k\x00": 1}}]
    answer = await furnished.call(
        "POST", "/v1/tenants/cardinal/connections", {**CONNECTION, "slug": "two", "plugins": plugins}
    )
    assert pointers(answer) == ["/plugins/0/config/list/1", "/plugins/0/config/k"]


async def test_the_models_own_rules_point_at_the_same_fields(furnished: Scene) -> None:
    wrong = {**CONNECTION, "slug": "Not A Slug", "company_code": "TOO LONG", "leading_character": "--"}
    answer = await furnished.call("POST", "/v1/tenants/cardinal/connections", wrong)
    assert is_problem(answer, 422, "CONNECTION_INVALID")
    assert pointers(answer) == ["/slug", "/company_code", "/leading_character"]


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"endpoint_url": "ftp://spectrum"}, "/endpoint_url"),
        ({"authorization_id": ""}, "/authorization_id"),
        ({"enhanced_auth": {"client_id": "only"}}, "/enhanced_auth/client_secret"),
        ({"long_text": "shorten"}, "/long_text"),
    ],
)
async def test_a_wrong_connection(furnished: Scene, change: dict[str, object], pointer: str) -> None:
    answer = await furnished.call("POST", "/v1/tenants/cardinal/connections", {**CONNECTION, "slug": "two", **change})
    assert answer.status == 422
    assert pointers(answer) == [pointer]
    assert len((await furnished.call("GET", "/v1/tenants/cardinal/connections")).body["items"]) == 1


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"username": "u"},
        {"username": "u", "password": "p", "client_id": "c"},
        {"client_id": "", "client_secret": ""},
    ],
)
async def test_an_unclear_sign_in(scene: Scene, login: dict[str, str]) -> None:
    answer = await scene.call("POST", "/v1/tenants", {**TENANT, "servicetrade": login})
    assert is_problem(answer, 422, "TENANT_INVALID")
    assert pointers(answer) == ["/servicetrade"]


async def test_a_refused_field_is_never_repeated_with_its_value(scene: Scene) -> None:
    body = {**TENANT, "servicetrade": {"username": "u", "password": [SECRETS[0]], "client_secret": 5}}
    answer = await scene.call("POST", "/v1/tenants", body)
    assert answer.status == 422
    assert SECRETS[0] not in answer.text


async def test_wrong_credentials_are_told_and_nothing_is_stored(scene: Scene) -> None:
    scene.service_trade.fail_next(TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED"))
    answer = await scene.call("POST", "/v1/tenants", TENANT)
    assert is_problem(answer, 422, "ST_LOGIN_REFUSED")
    assert answer.body["fix"]
    assert not answer.body["retryable"]
    assert (await scene.call("GET", "/v1/tenants/cardinal")).status == 404


async def test_what_time_mends_says_when_to_come_back(furnished: Scene) -> None:
    furnished.service_trade.fail_next(TimeMends("Slow down.", code="ST_RATE_LIMIT", retry_after=6.2))
    answer = await furnished.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})
    assert is_problem(answer, 503, "ST_RATE_LIMIT")
    assert answer.headers["Retry-After"] == "7"
    assert answer.body["retryable"]


async def test_what_exists_twice(furnished: Scene) -> None:
    assert is_problem(await furnished.call("POST", "/v1/tenants", TENANT), 409, "TENANT_EXISTS")
    again = await furnished.call("POST", "/v1/tenants/cardinal/connections", CONNECTION)
    assert is_problem(again, 409, "CONNECTION_EXISTS")


@pytest.mark.parametrize(
    "method, path, code",
    [
        ("GET", "/v1/tenants/nobody", "TENANT_NOT_FOUND"),
        ("GET", "/v1/tenants/nobody/sends", "TENANT_NOT_FOUND"),
        ("GET", "/v1/tenants/cardinal/connections/none", "CONNECTION_NOT_FOUND"),
        ("POST", "/v1/tenants/cardinal/connections/none/test", "CONNECTION_NOT_FOUND"),
        ("GET", SENDS + "/snd_none", "SEND_NOT_FOUND"),
        ("POST", SENDS + "/snd_none/retry", "SEND_NOT_FOUND"),
        ("POST", "/v1/tenants/cardinal/warnings/wrn_none/dismiss", "WARNING_NOT_FOUND"),
    ],
)
async def test_what_is_not_there(furnished: Scene, method: str, path: str, code: str) -> None:
    assert is_problem(await furnished.call(method, path), 404, code)


async def test_readiness_follows_the_database(scene: Scene) -> None:
    assert (await scene.call("GET", "/readyz", key=None)).body == {"status": "ok"}
    scene.broken.append(OperatorMends("The database at db.inside does not answer.", fix="Start db.inside."))
    assert (await scene.call("GET", "/readyz", key=None)).status == 200, "the answer is kept for a second"
    scene.clock.advance(1)
    answer = await scene.call("GET", "/readyz", key=None)
    assert is_problem(answer, 503, "OPERATOR_SETUP")
    assert "db.inside" not in answer.text, "strangers learn nothing of the database"
    assert (await scene.call("GET", "/livez", key=None)).status == 200


async def test_however_many_ask_for_readiness_the_database_is_asked_once() -> None:
    asked = 0

    async def ready() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)

    readiness = Readiness(ready, seconds=lambda: 0.0)
    await asyncio.gather(*(readiness.require() for _ in range(150)))
    await readiness.require()
    assert asked == 1


async def test_an_unexpected_failure_shows_an_id_and_nothing_else(scene: Scene) -> None:
    scene.broken.append(RuntimeError("the inside: " + SECRETS[0]))
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = await scene.call("GET", "/readyz", key=None)
    assert is_problem(answer, 500, "INTERNAL_ERROR")
    assert "the inside" not in answer.text
    logged = next(line for line in lines if line["event"] == "request.failed")
    assert logged["request_id"] in answer.body["detail"]
    assert answer.body["instance"].endswith(logged["request_id"])


async def test_one_line_a_request_with_nothing_secret_in_it(scene: Scene) -> None:
    with capture_logs() as lines:
        await scene.furnish()
        await scene.call("GET", "/v1/tenants/cardinal", key=None)
        await scene.call("GET", "/v1/tenants/cardinal/nothing")
    answered = [line for line in lines if line["event"] == "request.answered"]
    assert [(line["method"], line["route"], line["status"], line["tenant"]) for line in answered] == [
        ("POST", "add_tenant", 201, None),
        ("POST", "add_connection", 201, "cardinal"),
        ("GET", "find_tenant", 401, "cardinal"),
        ("GET", None, 404, None),
    ]
    assert all(line["milliseconds"] >= 0 for line in answered)
    assert not any(secret in str(lines) for secret in (*SECRETS, scene.key))
