"""A restored backup over HTTP: the hold is seen, what was completed since is listed, and one word ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.shared.errors import TimeMends
from tests.support.http_scene import JOB, Scene, api, is_problem, pointers

CONNECTION = "/v1/tenants/cardinal/connections/main"
RESTORE = f"{CONNECTION}/restore"
ACKNOWLEDGE = f"{RESTORE}/acknowledge"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def fall_behind(scene: Scene, lines: int = 3) -> None:
    [connection_id] = scene.transactions.rows.connections
    scene.intent_mark.note(connection_id, lines)
    await scene.compare_intents()


async def test_nothing_is_held_at_first(scene: Scene) -> None:
    answer = await scene.call("GET", RESTORE)
    assert answer.body == {
        "connection": "main",
        "items_hold": None,
        "restored_at": None,
        "since": None,
        "jobs": [],
        "more": False,
    }
    assert is_problem(await scene.call("POST", ACKNOWLEDGE, {"reason": "Compared."}), 409, "RESTORE_NOT_HELD")


async def test_a_held_connection_is_seen_looked_at_and_let_go(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    await fall_behind(scene)
    shown = (await scene.call("GET", CONNECTION)).body
    assert shown["items_hold"]["finding"]["code"] == "DATABASE_RESTORED"
    assert (shown["hold"], shown["restored_at"]) == (None, None)
    found = (await scene.call("GET", RESTORE)).body
    assert found["items_hold"] == shown["items_hold"]
    assert [job["job_id"] for job in found["jobs"]] == [JOB.id]
    assert found["jobs"][0] | {"completed_on": None} == {
        "job_id": JOB.id,
        "job_number": None,
        "completed_on": None,
        "work_order_number": None,
        "items_known": False,
    }
    warnings = (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"]
    assert [one["finding"]["code"] for one in warnings] == ["DATABASE_RESTORED"]
    assert is_problem(await scene.call("POST", ACKNOWLEDGE, {"reason": "Compared."}), 409, "RESTORE_TOO_FRESH")
    scene.clock.advance(15 * 60)
    ended = await scene.call("POST", ACKNOWLEDGE, {"reason": "Compared with the costs."})
    assert ended.status == 200, ended.text
    assert ended.headers["ETag"]
    assert (ended.body["items_hold"], bool(ended.body["restored_at"])) == (None, True)
    after = (await scene.call("GET", RESTORE)).body
    assert (after["items_hold"], after["jobs"], after["restored_at"]) == (None, [], ended.body["restored_at"])
    assert (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"] == []
    audit = (await scene.call("GET", "/v1/tenants/cardinal/audit?action=restore")).body["items"]
    assert [one["action"] for one in audit] == ["restore.acknowledged", "restore.found"]
    assert audit[0]["detail"]["reason"] == "Compared with the costs."


async def test_a_job_that_was_sent_is_listed_by_its_numbers(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    await scene.send()
    await scene.work()
    await fall_behind(scene)
    [job] = (await scene.call("GET", RESTORE)).body["jobs"]
    assert (job["job_number"], job["work_order_number"]) == ("104482", "T104482")


async def test_without_a_reason_and_for_nobody_else_it_stays_held(scene: Scene) -> None:
    await fall_behind(scene)
    for body, pointer in (({}, "/reason"), ({"reason": " "}, "/reason"), ({"reason": "x" * 501}, "/reason")):
        refused = await scene.call("POST", ACKNOWLEDGE, body)
        assert is_problem(refused, 422, "BAD_INPUT")
        assert pointers(refused) == [pointer]
    nowhere = CONNECTION.replace("main", "none")
    for method, path in (("GET", f"{nowhere}/restore"), ("POST", f"{nowhere}/restore/acknowledge")):
        said = {"reason": "Compared."} if method == "POST" else None
        assert is_problem(await scene.call(method, path, said), 404, "CONNECTION_NOT_FOUND")
    assert (await scene.call("GET", CONNECTION)).body["items_hold"]


async def test_while_servicetrade_is_away_the_list_says_so(scene: Scene) -> None:
    await fall_behind(scene)
    away = TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE")
    scene.service_trade.fail_next(away, call="changed_since")
    assert is_problem(await scene.call("GET", RESTORE), 503, "ST_UNREACHABLE")


async def test_settings_are_changed_while_it_is_held(scene: Scene) -> None:
    await fall_behind(scene)
    changed = await scene.call("PATCH", CONNECTION, {"name": "Renamed"}, headers={"If-Match": "*"})
    assert (changed.status, changed.body["name"]) == (200, "Renamed")
    assert changed.body["items_hold"]


async def test_what_is_removed_on_purpose_is_missed_by_nobody(scene: Scene) -> None:
    [connection_id] = scene.transactions.rows.connections
    scene.intent_mark.note(connection_id, 3)
    removed = await scene.call("DELETE", CONNECTION, headers={"If-Match": "*"})
    assert removed.status == 204, removed.text
    assert (await scene.compare_intents()).missing == ()
    assert (scene.intent_mark.highest(), scene.intent_mark.of(connection_id)) == ({}, 3)


async def test_neither_is_a_whole_tenant(scene: Scene) -> None:
    [connection_id] = scene.transactions.rows.connections
    scene.intent_mark.note(connection_id, 3)
    assert (await scene.call("DELETE", "/v1/tenants/cardinal")).status == 204
    assert (await scene.compare_intents()).missing == ()
    assert scene.intent_mark.forgotten() == {connection_id: 3}
