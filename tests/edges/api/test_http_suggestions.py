"""Suggested codes over HTTP: search, pages, pair by pair, repeated requests, roles and odd input."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap
from core.services.access.api_keys import KeyRequest
from tests.support.http_scene import Scene, api

HERE = "/v1/tenants/cardinal/connections/main/suggestions"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Three companies: one is clear, of one there are two, nothing resembles the last. They are searched for."""
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        connection = await running.use_cases.find_connection(tenant.id, "main")
        companies = ((1, "Riverside Bakery Inc", "Cary"), (2, "Harbor Foods Inc", "Cary"), (3, "Żółw Holdings", "Apex"))
        for number, name, city in companies:
            record = RecordToMap(kind=AliasKind.CUSTOMER, id=str(number), name=name, city=city, street="1 Main St")
            running.service_trade.records.put(tenant.id, record)
        codes = [
            ListedCode(
                kind=AliasKind.CUSTOMER, code="RIVERS", name="Riverside Bakery", street="1 Main St", city="Cary"
            ),
            ListedCode(kind=AliasKind.CUSTOMER, code="HARB1", name="Harbor Foods Inc"),
            ListedCode(kind=AliasKind.CUSTOMER, code="HARB2", name="Harbor Foods Inc"),
        ]
        async with running.transactions.begin(tenant.id) as t:
            await t.code_lists.store(connection.id, codes)
        assert (await running.call("POST", f"{HERE}/search", {})).body["step"] == "read"
        await work(running)
        yield running


async def work(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    while (await scene.use_cases.show_suggestions(tenant.id, "main")).busy:
        await scene.carry_out_suggestions(tenant.id, connection.id)


async def listed(scene: Scene, query: str = "") -> dict[str, Any]:
    answer = await scene.call("GET", f"{HERE}?{query}")
    assert answer.status == 200, answer.body
    return {one["servicetrade_id"]: one for one in answer.body["items"]}


def pair(one: dict[str, Any], code: str, **changes: Any) -> dict[str, Any]:
    named = {"kind": one["kind"], "servicetrade_id": one["servicetrade_id"], "code": code, "version": one["version"]}
    return named | changes


async def test_the_search_is_told_and_its_records_are_listed(scene: Scene) -> None:
    search = (await scene.call("GET", f"{HERE}/search")).body
    assert (search["step"], search["clear"], search["doubtful"], search["nothing"]) == ("done", 1, 1, 1)
    assert [*await listed(scene, "grade=clear")] == ["1"]
    assert [*await listed(scene, "kind=site")] == []
    [best] = (await listed(scene))["1"]["suggestions"]
    assert (best["code"], best["clear"], best["listed"], best["street"]) == ("RIVERS", True, True, "1 Main St")
    assert "same street" in ", ".join(best["reasons"])


async def test_pages_follow_each_other(scene: Scene) -> None:
    seen, cursor = [], ""
    while True:
        page = (await scene.call("GET", f"{HERE}?limit=1{cursor}")).body
        seen += [one["servicetrade_id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ["2", "1", "3"], "by name"
    assert (await scene.call("GET", f"{HERE}?cursor=bm9wZQ")).body["code"] == "BAD_INPUT"


async def test_pairs_are_confirmed_one_by_one_and_set_by_a_worker(scene: Scene) -> None:
    found = await listed(scene)
    pairs = [pair(found["1"], "RIVERS"), pair(found["2"], "HARB2", version=99), pair(found["3"], "NOPE")]
    answer = await scene.call("POST", f"{HERE}/confirm", {"pairs": pairs})
    assert answer.status == 202
    assert answer.body["accepted"] == 1
    assert [one["outcome"] for one in answer.body["pairs"]] == ["accepted", "changed", "not_listed"]
    again = await scene.call("POST", f"{HERE}/confirm", {"pairs": pairs[:1]})
    assert [one["outcome"] for one in again.body["pairs"]] == ["already"]
    await work(scene)
    assert [*await listed(scene, "state=set")] == ["1"]
    acts = (await scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]
    assert next(one for one in acts if one["action"] == "code.set")["detail"]["suggested"] == "RIVERS"


async def test_a_request_with_the_same_key_is_answered_once(scene: Scene) -> None:
    body = {"pairs": [pair((await listed(scene))["1"], "RIVERS")], "place": "alias"}
    key = {"Idempotency-Key": "night-run-1"}
    first = await scene.call("POST", f"{HERE}/confirm", body, headers=key)
    again = await scene.call("POST", f"{HERE}/confirm", body, headers=key)
    assert (first.status, first.body) == (again.status, again.body)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_records_are_left_and_opened_again(scene: Scene) -> None:
    records = {"records": [{"kind": "customer", "servicetrade_id": "3"}]}
    assert (await scene.call("POST", f"{HERE}/leave", records)).body == {"records": 1}
    assert [*await listed(scene, "state=left")] == ["3"]
    assert (await scene.call("POST", f"{HERE}/reopen", records)).body == {"records": 1}
    twice = {"records": records["records"] * 2}
    assert (await scene.call("POST", f"{HERE}/leave", twice)).body["code"] == "ALIAS_INVALID"


@pytest.mark.parametrize(
    "body", [{}, {"pairs": []}, {"pairs": [{"kind": "customer"}]}, {"pairs": "x"}, {"place": "nowhere", "pairs": []}]
)
async def test_odd_requests_are_told_what_is_wrong(scene: Scene, body: dict[str, Any]) -> None:
    answer = await scene.call("POST", f"{HERE}/confirm", body)
    assert (answer.status, answer.body["code"]) == (422, "BAD_INPUT")


async def test_who_may_only_read_confirms_nothing(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    reader = KeyRequest(name="reader", tenant_id=tenant.id, scopes=frozenset({Scope.READ}))
    key = (await scene.use_cases.api_keys.create(reader, Caller())).text
    body = {"pairs": [pair((await listed(scene))["1"], "RIVERS")]}
    assert (await scene.call("POST", f"{HERE}/confirm", body, key=key)).status == 403
    assert (await scene.call("GET", HERE, key=key)).status == 200
