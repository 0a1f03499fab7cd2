"""Requests that are repeated with their Idempotency-Key: one record, one answer, whoever and whatever comes between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.inbound.api.routes import ROUTES, Mark
from adapters.outbound.memory.kept_answers import MemoryKeptAnswers
from core.model.shared.errors import TimeMends
from core.services.access.api_keys import ApiKeys
from core.services.operations.answer_once import KEPT, SURELY_OVER
from tests.support.http_scene import CONNECTION, JOB, SENDS, TENANT, Answer, Scene, api, is_problem

T = "/v1/tenants/cardinal"
KEYS = f"{T}/keys"
SPARE = {"name": "spare", "scopes": ["read"]}
ENDPOINT = {"url": "https://hooks.example.com/jobferry"}
ONCE = {"Idempotency-Key": "8a1c"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


async def key_of(scene: Scene, name: str) -> str:
    return str((await scene.call("POST", KEYS, {"name": name, "scopes": ["read", "send", "manage"]})).body["key"])


def test_every_post_that_makes_something_may_be_repeated_with_a_key() -> None:
    makes = [route for route in ROUTES if route.method == "POST" and route.status in (201, 202)]
    assert makes
    assert [route.name for route in makes if not route.marks & {Mark.IDEMPOTENT, Mark.KEPT}] == []
    assert {"rotate_secret", "rotate_webhook_secret"} <= {one.name for one in ROUTES if Mark.KEPT in one.marks}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/keys", {"name": "second"}),
        ("/v1/tenants", {**TENANT, "slug": "third"}),
        (f"{T}/connections", {**CONNECTION, "slug": "west", "external_system": "west"}),
        (KEYS, SPARE),
        (f"{T}/webhook-endpoints", ENDPOINT),
        (f"{T}/notification-recipients", {"channel": "mail", "address": "office@example.com"}),
        (f"{T}/sign-in-links", {"email": "ann@example.com", "role": "viewer", "name": "Ann"}),
    ],
)
async def test_a_repeated_request_gets_the_first_answer_and_makes_nothing(scene: Scene, path: str, body: Any) -> None:
    first = await scene.call("POST", path, body, headers=ONCE)
    assert first.status == 201, first.text
    assert not replayed(first)
    entries = len(scene.transactions.rows.audit), len(scene.transactions.rows.operator_audit)
    again = await scene.call("POST", path, body, headers=ONCE)
    assert replayed(again)
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers.get("Location") == first.headers.get("Location")
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert (len(scene.transactions.rows.audit), len(scene.transactions.rows.operator_audit)) == entries


async def test_a_repeated_send_and_a_repeated_batch_are_marked(scene: Scene) -> None:
    for path, body in (
        (SENDS, {"job_id": JOB.id, "connection": "main"}),
        (f"{SENDS}/batch", {"job_ids": ["5"], "connection": "main"}),
    ):
        key = {"Idempotency-Key": path}
        first = await scene.call("POST", path, body, headers=key)
        again = await scene.call("POST", path, body, headers=key)
        assert (replayed(first), replayed(again), again.body["id"]) == (False, True, first.body["id"])


async def test_a_key_is_refused_with_another_body_path_or_call(scene: Scene) -> None:
    assert (await scene.call("POST", KEYS, SPARE, headers=ONCE)).status == 201
    for path, body in ((KEYS, {**SPARE, "name": "other"}), (f"{T}/webhook-endpoints", ENDPOINT)):
        assert is_problem(await scene.call("POST", path, body, headers=ONCE), 422, "IDEMPOTENCY_KEY_REUSED")
    made = [one for one in (await scene.call("GET", KEYS)).body["items"] if one["name"] == "spare"]
    assert len(made) == 1


async def test_a_secret_in_the_body_is_part_of_it(scene: Scene) -> None:
    third = {**TENANT, "slug": "third"}
    assert (await scene.call("POST", "/v1/tenants", third, headers=ONCE)).status == 201
    other = {**third, "servicetrade": {"username": "sync@example.com", "password": "another"}}
    assert is_problem(await scene.call("POST", "/v1/tenants", other, headers=ONCE), 422, "IDEMPOTENCY_KEY_REUSED")


async def test_one_key_used_by_two_programs_means_two_requests(scene: Scene) -> None:
    """Also of sends: what one program asked for is not told to the other."""
    billing, dispatch = await key_of(scene, "billing"), await key_of(scene, "dispatch")
    for path, body in ((SENDS, {"job_id": JOB.id, "connection": "main"}), (f"{T}/webhook-endpoints", ENDPOINT)):
        answers = [await scene.call("POST", path, body, headers=ONCE, key=key) for key in (billing, dispatch, billing)]
        assert [replayed(one) for one in answers] == [False, False, True]
        assert answers[0].body["id"] == answers[2].body["id"] != answers[1].body["id"]
    clash = {"job_id": "77", "connection": "main"}
    assert (await scene.call("POST", SENDS, clash, headers=ONCE)).status == 202, "the operator's key is its own"


async def test_names_that_read_alike_together_with_their_keys_are_two_programs(scene: Scene) -> None:
    programs = {name: await key_of(scene, name) for name in ("billing", "billing/1")}
    for end, path, body in (
        ("a", SENDS, {"job_id": JOB.id, "connection": "main"}),
        ("b", f"{SENDS}/batch", {"job_ids": ["5"], "connection": "main"}),
    ):
        made = [
            await scene.call("POST", path, body, headers={"Idempotency-Key": once + end}, key=programs[name])
            for name, once in (("billing", "1/"), ("billing/1", ""))
        ]
        assert [(one.status, replayed(one)) for one in made] == [(202, False)] * 2


async def test_a_key_that_was_rotated_meanwhile_repeats_the_requests_of_its_former_one(scene: Scene) -> None:
    made = (await scene.call("POST", KEYS, {"name": "billing", "scopes": ["read", "send"]})).body
    body = {"job_id": JOB.id, "connection": "main", "items": "none"}
    first = await scene.call("POST", SENDS, body, headers=ONCE, key=made["key"])
    fresh = (await scene.call("POST", f"{KEYS}/{made['id']}/rotate", {})).body["key"]
    again = await scene.call("POST", SENDS, body, headers=ONCE, key=fresh)
    assert (again.body["id"], replayed(again)) == (first.body["id"], True)


async def test_two_keys_of_one_name_and_scopes_are_two_programs_also_after_a_rotation(scene: Scene) -> None:
    wanted = {"name": "billing", "scopes": ["read", "send", "manage"]}
    first, second = [(await scene.call("POST", KEYS, wanted)).body for _ in range(2)]
    for path, body in ((KEYS, SPARE), (SENDS, {"job_id": JOB.id, "connection": "main"})):
        made = await scene.call("POST", path, body, headers=ONCE, key=first["key"])
        other = await scene.call("POST", path, body, headers=ONCE, key=second["key"])
        assert not replayed(made)
        assert not replayed(other), path
        assert other.body["id"] != made.body["id"]
    fresh = first
    for _ in range(2):
        fresh = (await scene.call("POST", f"{KEYS}/{fresh['id']}/rotate", {})).body
    for path, body in ((KEYS, SPARE), (SENDS, {"job_id": JOB.id, "connection": "main"})):
        assert replayed(await scene.call("POST", path, body, headers=ONCE, key=fresh["key"])), path


async def test_a_key_of_the_same_name_that_may_do_less_does_not_get_the_secrets_of_the_other(scene: Scene) -> None:
    for scopes, path, body in (
        (["read", "manage", "settle"], KEYS, {"name": "spare", "scopes": ["settle"]}),
        (["read", "manage", "settle", "send"], f"{T}/sign-in-links", {"email": "a@example.com", "role": "sender"}),
    ):
        strong = (await scene.call("POST", KEYS, {"name": "billing", "scopes": scopes})).body["key"]
        weak = (await scene.call("POST", KEYS, {"name": "billing", "scopes": ["manage"]})).body["key"]
        first = await scene.call("POST", path, body, headers=ONCE, key=strong)
        assert first.status == 201, first.text
        assert is_problem(await scene.call("POST", path, body, headers=ONCE, key=weak), 403, "SCOPE_MISSING")
        assert replayed(await scene.call("POST", path, body, headers=ONCE, key=strong))


async def test_a_tenant_that_is_made_anew_does_not_answer_for_the_former_one(scene: Scene) -> None:
    body = {**TENANT, "slug": "third"}
    await scene.call("POST", "/v1/tenants", body)
    first = await scene.call("POST", "/v1/tenants/third/keys", SPARE, headers=ONCE)
    assert (await scene.call("DELETE", "/v1/tenants/third")).status == 204
    assert not [key for key in scene.transactions.rows.kept_answers if key[0] is not None]
    await scene.call("POST", "/v1/tenants", body)
    again = await scene.call("POST", "/v1/tenants/third/keys", SPARE, headers=ONCE)
    assert (again.status, replayed(again)) == (201, False)
    assert again.body["key"] != first.body["key"]


async def test_what_was_removed_since_is_not_made_again_by_a_repeated_request(scene: Scene) -> None:
    asked = [
        (SENDS, {"job_id": JOB.id, "connection": "main"}, {"Idempotency-Key": "send"}),
        (f"{SENDS}/batch", {"job_ids": [JOB.id], "connection": "main"}, {"Idempotency-Key": "batch"}),
    ]
    for path, body, once in asked:
        assert (await scene.call("POST", path, body, headers=once)).status == 202
        await scene.work()
    assert (await scene.call("DELETE", f"{T}/connections/main", headers={"If-Match": "*"})).status == 204
    await scene.call("POST", f"{T}/connections", CONNECTION)
    again = [await scene.call("POST", path, body, headers=once) for path, body, once in asked]
    assert is_problem(again[0], 404, "SEND_NOT_FOUND")
    assert is_problem(again[1], 404, "BATCH_NOT_FOUND")
    assert (await scene.call("GET", SENDS)).body["items"] == []


async def test_a_failure_is_not_kept(scene: Scene) -> None:
    full = [await scene.call("POST", f"{T}/webhook-endpoints", ENDPOINT) for _ in range(20)]
    refused = await scene.call("POST", f"{T}/webhook-endpoints", ENDPOINT, headers=ONCE)
    assert is_problem(refused, 409, "WEBHOOK_ENDPOINTS_FULL")
    await scene.call("DELETE", f"{T}/webhook-endpoints/{full[0].body['id']}")
    again = await scene.call("POST", f"{T}/webhook-endpoints", ENDPOINT, headers=ONCE)
    assert (again.status, replayed(again)) == (201, False)


async def test_after_a_day_the_key_is_new_and_its_answer_gone(scene: Scene) -> None:
    await scene.call("POST", KEYS, SPARE, headers=ONCE)
    scene.clock.advance(KEPT.total_seconds() - 1)
    assert replayed(await scene.call("POST", KEYS, SPARE, headers=ONCE))
    scene.clock.advance(2)
    assert not replayed(await scene.call("POST", KEYS, SPARE, headers=ONCE))
    scene.clock.advance(KEPT.total_seconds() + 1)
    while await scene.keep_retention():
        pass
    assert not scene.transactions.rows.kept_answers


class Stopped:
    """The making of a key that waits in the middle until it is let go, or ends there as if the process died."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on, self.fails = asyncio.Event(), asyncio.Event(), list[BaseException]()
        create = ApiKeys.create

        async def slow(*given: Any) -> Any:
            self.begun.set()
            await self.go_on.wait()
            if self.fails:
                raise self.fails.pop()
            return await create(*given)

        monkeypatch.setattr(ApiKeys, "create", slow)


async def test_a_request_beside_the_first_one_is_told_to_come_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = Stopped(monkeypatch)
    first = asyncio.create_task(scene.call("POST", KEYS, SPARE, headers=ONCE))
    await stopped.begun.wait()
    beside = await scene.call("POST", KEYS, SPARE, headers=ONCE)
    assert is_problem(beside, 409, "IDEMPOTENCY_KEY_IN_USE")
    assert (beside.body["retryable"], beside.headers["Retry-After"]) == (True, "1")
    stopped.go_on.set()
    assert (await first).status == 201
    assert (await scene.call("POST", KEYS, SPARE, headers=ONCE)).text == (await first).text


async def test_a_client_that_goes_away_gets_its_answer_later(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = Stopped(monkeypatch)
    first = asyncio.create_task(scene.call("POST", KEYS, SPARE, headers=ONCE))
    await stopped.begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    stopped.go_on.set()
    async with asyncio.timeout(10):
        while not any(one.made for one in scene.transactions.rows.kept_answers.values()):  # noqa: ASYNC110
            await asyncio.sleep(0)
    again = await scene.call("POST", KEYS, SPARE, headers=ONCE)
    assert (again.status, replayed(again)) == (201, True)


@pytest.mark.parametrize("end", [RuntimeError("killed"), TimeMends("gone", code="DATABASE_UNREACHABLE")])
async def test_an_end_that_nobody_knows_is_never_guessed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, end: Exception
) -> None:
    stopped = Stopped(monkeypatch)
    stopped.fails.append(end)
    stopped.go_on.set()
    assert (await scene.call("POST", KEYS, SPARE, headers=ONCE)).status >= 500
    assert is_problem(await scene.call("POST", KEYS, SPARE, headers=ONCE), 409, "IDEMPOTENCY_KEY_IN_USE")
    scene.clock.advance(SURELY_OVER.total_seconds())
    unclear = await scene.call("POST", KEYS, SPARE, headers=ONCE)
    assert is_problem(unclear, 409, "IDEMPOTENCY_KEY_UNCLEAR")
    assert "new key" in unclear.body["fix"]
    assert [one["name"] for one in (await scene.call("GET", KEYS)).body["items"]] == []


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise TimeMends("away", code="DATABASE_UNREACHABLE")

    monkeypatch.setattr(MemoryKeptAnswers, "keep", fails)
    assert (await scene.call("POST", KEYS, SPARE, headers=ONCE)).status == 201
    scene.clock.advance(SURELY_OVER.total_seconds())
    assert is_problem(await scene.call("POST", KEYS, SPARE, headers=ONCE), 409, "IDEMPOTENCY_KEY_UNCLEAR")


async def test_many_callers_with_few_keys_make_one_record_a_key(scene: Scene) -> None:
    async def call(number: int) -> Answer:
        body = {"url": f"https://hooks.example.com/{number % 5}"}
        while True:
            answer = await scene.call(
                "POST", f"{T}/webhook-endpoints", body, headers={"Idempotency-Key": str(number % 5)}
            )
            if answer.status != 409:
                return answer

    answers = await asyncio.gather(*(call(number) for number in range(40)))
    assert {one.status for one in answers} == {201}
    made = (await scene.call("GET", f"{T}/webhook-endpoints")).body["items"]
    assert Counter(one["url"] for one in made) == {f"https://hooks.example.com/{number}": 1 for number in range(5)}
    assert len({one.body["secret"] for one in answers}) == 5
    assert sum(not replayed(one) for one in answers) == 5


async def test_a_batch_of_retries_is_made_once(scene: Scene) -> None:
    await scene.call("POST", f"{T}/connections/main/pause")
    send = await scene.send()
    first = await scene.call("POST", f"{SENDS}/cancel", {"send_ids": [send]}, headers=ONCE)
    again = await scene.call("POST", f"{SENDS}/cancel", {"send_ids": [send]}, headers=ONCE)
    assert (first.status, again.status, again.body, replayed(again)) == (202, 202, first.body, True)
