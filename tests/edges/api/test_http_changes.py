"""Connections and tenants are changed and removed, many jobs sent at once, and a failed send done by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.model.connections.settings import OnCompletion
from core.model.operations.audit import AuditEntry
from core.model.sending.answer import Accepted, AnswerRow, Refused
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import TimeMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin
from core.model.work_orders.item import JobItem
from tests.support.http_scene import CONNECTION, JOB, SECRETS, SENDS, UNMAPPED, Answer, Scene, api, is_problem, pointers

T = "/v1/tenants/cardinal"
MAIN = f"{T}/connections/main"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        yield scene


async def patch(scene: Scene, changes: object, version: str | None = "*") -> Answer:
    return await scene.call("PATCH", MAIN, changes, headers={"If-Match": version} if version else {})


async def stored(scene: Scene) -> Any:
    [row] = scene.transactions.rows.connections.values()
    return row


async def audit(scene: Scene) -> list[AuditEntry]:
    return [entry for _, entry in scene.transactions.rows.audit]


async def test_what_is_named_changes_and_everything_else_stays(scene: Scene) -> None:
    before = (await scene.call("GET", MAIN)).body
    answer = await patch(scene, {"name": "North", "leading_character": None, "item_kinds": {"other": "skip"}})
    assert answer.status == 200, answer.text
    changed = {name for name, value in answer.body.items() if before[name] != value}
    assert changed == {"name", "leading_character", "item_kinds"}
    assert (answer.body["name"], answer.body["leading_character"]) == ("North", "")
    [entry] = [entry for entry in await audit(scene) if entry.action == "connection.changed"]
    assert (entry.actor, entry.detail["changed"]) == ("operator:scene", "name, leading_character, item_kinds")


async def test_two_who_change_at_once_do_not_overwrite_each_other(scene: Scene) -> None:
    seen = (await scene.call("GET", MAIN)).headers["ETag"]
    first = await patch(scene, {"name": "One"}, seen)
    assert (first.status, first.headers["ETag"] != seen) == (200, True)
    assert is_problem(await patch(scene, {"name": "Two"}, seen), 412, "VERSION_CHANGED")
    assert (await scene.call("GET", MAIN)).body["name"] == "One"
    assert is_problem(await patch(scene, {"name": "Two"}, None), 428, "PRECONDITION_REQUIRED")
    assert is_problem(await patch(scene, {"name": "Two"}, 'W/"x"'), 412, "VERSION_CHANGED")
    assert is_problem(await scene.call("DELETE", MAIN, headers={"If-Match": seen}), 412, "VERSION_CHANGED")


async def test_a_pause_is_a_change_too(scene: Scene) -> None:
    seen = (await scene.call("GET", MAIN)).headers["ETag"]
    paused = await scene.call("POST", f"{MAIN}/pause")
    assert paused.headers["ETag"] != seen
    assert (await patch(scene, {"name": "Two"}, seen)).status == 412


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"slug": "other"}, "/slug"),
        ({"company_code": "TOOLONG"}, "/company_code"),
        ({"name": None}, "/name"),
        ({"items_on_resend": "none"}, "/items_on_resend"),
        ({"enhanced_auth": {"client_id": "x"}}, "/enhanced_auth/client_secret"),
    ],
)
async def test_a_wrong_change_is_pointed_at_and_stores_nothing(
    scene: Scene, changes: dict[str, object], pointer: str
) -> None:
    answer = await patch(scene, changes)
    assert answer.status == 422
    assert pointer in pointers(answer)
    assert (await stored(scene)).connection.version == 1


async def test_secrets_are_replaced_one_by_one_and_never_shown(scene: Scene) -> None:
    answer = await patch(scene, {"authorization_id": "NEW-AUTH-1"})
    secrets = (await stored(scene)).secrets
    assert (secrets.authorization_id.reveal(), secrets.client_id) == ("NEW-AUTH-1", "client-1")
    assert not any(secret in answer.text for secret in (*SECRETS, "NEW-AUTH-1"))
    without = await patch(scene, {"enhanced_auth": None})
    assert without.body["enhanced_auth"] is False
    assert (await stored(scene)).secrets.client_secret is None


async def test_secrets_that_do_not_work_are_not_stored_unless_asked_for(scene: Scene) -> None:
    wrong = CheckStep("token", CheckState.FAILED, "The client secret is wrong.", fix=("Copy it again.",))
    scene.spectrum.steps = (wrong,)
    answer = await patch(scene, {"authorization_id": "NEW-AUTH-1"})
    assert is_problem(answer, 422, "CONNECTION_CHECK_FAILED")
    assert pointers(answer) == ["/token"]
    assert (await stored(scene)).secrets.authorization_id.reveal() == CONNECTION["authorization_id"]
    assert (await patch(scene, {"name": "Only the name"})).status == 200, "nothing to try"
    assert (await patch(scene, {"authorization_id": "NEW-AUTH-1", "check": False})).status == 200
    added = {**CONNECTION, "slug": "west", "external_system": "west"}
    refused = await scene.call("POST", f"{T}/connections", added)
    assert is_problem(refused, 422, "CONNECTION_CHECK_FAILED")
    assert (await scene.call("POST", f"{T}/connections", {**added, "check": False})).status == 201


async def test_a_trigger_switched_on_starts_then(scene: Scene) -> None:
    scene.clock.advance(1000)
    await patch(scene, {"on_completion": "send"})
    connection = (await stored(scene)).connection
    assert connection.on_completion is OnCompletion.SEND
    assert connection.completion_start_date == scene.clock.now()
    scene.clock.advance(1000)
    await patch(scene, {"on_completion": "send_with_items"})
    assert (await stored(scene)).connection.completion_start_date == connection.completion_start_date


async def test_the_company_of_a_connection_that_has_sent_stays(scene: Scene) -> None:
    assert (await patch(scene, {"company_code": "102"})).status == 200
    await patch(scene, {"company_code": "101"})
    await scene.send()
    assert is_problem(await patch(scene, {"company_code": "102"}), 409, "CONNECTION_HAS_HISTORY")


async def test_a_connection_in_use_is_not_removed_and_then_goes_with_all_it_has(scene: Scene) -> None:
    send_id = await scene.send()
    refused = await scene.call("DELETE", MAIN, headers={"If-Match": "*"})
    assert is_problem(refused, 409, "CONNECTION_BUSY")
    await scene.work()
    assert (await scene.call("DELETE", MAIN, headers={"If-Match": "*"})).status == 204
    for path in (MAIN, f"{SENDS}/{send_id}"):
        assert (await scene.call("GET", path)).status == 404
    assert (await scene.call("GET", SENDS)).body["items"] == []
    assert (await audit(scene))[-1].action == "connection.removed"


async def test_a_tenant_is_changed_once_its_new_credentials_work(scene: Scene) -> None:
    account = {"username": "new@example.com", "password": "new-password"}
    answer = await scene.call("PATCH", T, {"name": "Renamed", "servicetrade": account})
    assert (answer.status, answer.body["name"]) == (200, "Renamed")
    assert "new-password" not in answer.text
    [row] = scene.transactions.rows.tenants.values()
    assert row.login == PasswordLogin("new@example.com", Secret("new-password"))
    mixed = await scene.call("PATCH", T, {"servicetrade": {"username": "only"}})
    assert is_problem(mixed, 422, "TENANT_INVALID")


async def test_a_change_of_a_tenant_is_audited_and_null_goes_back_to_the_default(scene: Scene) -> None:
    address = {"servicetrade": {"base_url": "https://api.other.example.com/api/"}}
    changed = await scene.call("PATCH", T, address)
    assert changed.body["servicetrade"] == {"base_url": "https://api.other.example.com/api"}
    assert (await audit(scene))[-1].detail == {"changed": "base_url"}
    back = await scene.call("PATCH", T, {"servicetrade": {"base_url": None}})
    assert back.body["servicetrade"] == {"base_url": "https://api.servicetrade.com/api"}
    refused = await scene.call("PATCH", T, {"name": None})
    assert (refused.status, pointers(refused)) == (422, ["/name"])


async def test_the_plugin_defaults_of_a_new_tenant_are_checked(scene: Scene) -> None:
    account = {"username": "new@example.com", "password": "new-password"}
    new = {"slug": "harbor", "name": "Harbor", "servicetrade": account, "plugin_defaults": {"none": {}}}
    refused = await scene.call("POST", "/v1/tenants", new)
    assert is_problem(refused, 422, "PLUGINS_INVALID")
    assert pointers(refused) == ["/plugin_defaults/none"]


async def test_a_paused_tenant_takes_requests_and_sends_nothing_until_it_is_resumed(scene: Scene) -> None:
    assert (await scene.call("POST", f"{T}/pause")).body["paused"] is True
    send_id = await scene.send()
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "queued"
    assert (await scene.call("POST", f"{T}/resume")).body["paused"] is False
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "sent"


async def test_a_removed_tenant_leaves_nothing_and_its_keys_open_nothing(scene: Scene) -> None:
    made = await scene.call("POST", f"{T}/keys", {"name": "billing", "scopes": ["read"]})
    assert (await scene.call("GET", T, key=made.body["key"])).status == 200
    assert (await scene.call("DELETE", T)).status == 204
    scene.clock.advance(3)
    assert (await scene.call("GET", T, key=made.body["key"])).status == 401
    assert (await scene.call("GET", T)).status == 404
    rows = scene.transactions.rows
    assert [len(table) for table in (rows.tenants, rows.connections, rows.audit)] == [0, 0, 0]


async def test_a_key_is_shown_once_rotated_with_an_overlap_and_revoked(scene: Scene) -> None:
    made = (await scene.call("POST", f"{T}/keys", {"name": "billing", "scopes": ["read"]})).body
    rotated = await scene.call("POST", f"{T}/keys/{made['id']}/rotate", {"overlap_seconds": 60})
    fresh = rotated.body["key"]
    for key in (made["key"], fresh):
        assert (await scene.call("GET", T, key=key)).status == 200
    scene.clock.advance(61)
    assert (await scene.call("GET", T, key=made["key"])).status == 401
    assert (await scene.call("GET", T, key=fresh)).status == 200
    assert (await scene.call("DELETE", f"{T}/keys/{rotated.body['id']}")).status == 204
    scene.clock.advance(5)
    assert (await scene.call("GET", T, key=fresh)).status == 401
    listed = await scene.call("GET", f"{T}/keys")
    assert fresh not in listed.text
    assert [bool(key["revoked_at"]) for key in listed.body["items"]] == [True, False]
    again = await scene.call("POST", f"{T}/keys/{made['id']}/rotate", {})
    assert is_problem(again, 409, "KEY_ENDED")
    actions = [entry.action for entry in await audit(scene) if entry.action.startswith("key.")]
    assert actions == ["key.created", "key.rotated", "key.revoked"]


async def test_a_batch_is_one_send_a_job_and_is_followed_by_its_counts(scene: Scene) -> None:
    body = {"job_ids": [JOB.id, UNMAPPED.id], "connection": "main"}
    asked = await scene.call("POST", f"{SENDS}/batch", body, headers={"Idempotency-Key": "b1"})
    assert (asked.status, asked.body["total"], asked.body["states"]) == (202, 2, {"queued": 2})
    repeated = await scene.call("POST", f"{SENDS}/batch", body, headers={"Idempotency-Key": "b1"})
    assert repeated.body["id"] == asked.body["id"]
    other = await scene.call("POST", f"{SENDS}/batch", {**body, "items": "new_only"}, headers={"Idempotency-Key": "b1"})
    assert is_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    await scene.work()
    batch = (await scene.call("GET", asked.headers["Location"])).body
    assert (batch["settled"], batch["states"]) == (True, {"sent": 1, "needs_attention": 1})
    listed = (await scene.call("GET", f"{SENDS}?batch={batch['id']}")).body["items"]
    assert {one["job_id"] for one in listed} == set(body["job_ids"])
    twice = await scene.call("POST", f"{SENDS}/batch", {**body, "job_ids": [JOB.id, JOB.id]})
    assert pointers(twice) == ["/job_ids"]
    assert is_problem(await scene.call("GET", f"{T}/batches/bat_none"), 404, "BATCH_NOT_FOUND")


async def test_many_sends_go_again_at_once_and_are_followed_together(scene: Scene) -> None:
    failed = [await scene.send(UNMAPPED)]
    sent = await scene.send()
    await scene.work()
    assert is_problem(await scene.call("POST", f"{SENDS}/retry", {"send_ids": [sent]}), 409, "NOTHING_TO_RETRY")
    assert UNMAPPED.location
    await scene.add_job(replace(UNMAPPED, location=replace(UNMAPPED.location, external_id="COLD1")))
    again = await scene.call("POST", f"{SENDS}/retry", {"send_ids": [*failed, *failed, sent, "snd_none"]})
    assert (again.status, again.body["total"], again.body["states"]) == (202, 1, {"queued": 1})
    await scene.work()
    batch = (await scene.call("GET", again.headers["Location"])).body
    assert (batch["settled"], batch["states"]) == (True, {"sent": 1})
    [retried] = (await scene.call("GET", f"{SENDS}?batch={batch['id']}")).body["items"]
    assert (retried["id"], retried["state"]) == (failed[0], "sent")
    assert [entry.detail for entry in await audit(scene) if entry.action == "sends.retried"] == [{"sends": "1"}]


async def test_a_send_done_by_hand_stays_so_and_its_warning_goes(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    early = await scene.call("POST", f"{SENDS}/{send_id}/mark-done", {"reason": "Typed it in."})
    assert is_problem(early, 409, "SEND_NOT_FAILED")
    await scene.work()
    done = await scene.call("POST", f"{SENDS}/{send_id}/mark-done", {"reason": "Typed it in."})
    assert (done.status, done.body["state"]) == (200, "done_by_hand")
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "done_by_hand"
    assert (await scene.call("GET", f"{T}/warnings")).body["items"] == []
    tenant = await scene.use_cases.find_tenant("cardinal")
    assert scene.service_trade.jobs[tenant.id, UNMAPPED.id].comments == []
    assert (await audit(scene))[-1].detail["reason"] == "Typed it in."


async def test_a_send_done_by_hand_stays_so_while_servicetrade_is_away(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    await scene.call("POST", f"{SENDS}/{send_id}/mark-done", {"reason": "Typed it in."})
    scene.service_trade.fail_next(TimeMends("ServiceTrade is away.", code="ST_UNREACHABLE"))
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "done_by_hand"
    assert (await scene.call("GET", f"{T}/warnings")).body["items"] == []


async def test_lines_entered_by_hand_are_not_posted_again(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    for number, code in (("71", "VALVE"), ("72", "GAUGE")):
        item = JobItem(id=number, name=code, type="part", quantity=Decimal(2), cost=Decimal(4), code=code)
        scene.service_trade.add_item(tenant.id, JOB.id, item)
    scene.service_trade.complete(tenant.id, JOB.id)
    scene.spectrum.answer_next(Accepted(), Refused((AnswerRow("I", "not on file", "Item_Code"),)))
    send_id = await scene.send(items="new_only")
    await scene.work()
    done = await scene.call("POST", f"{SENDS}/{send_id}/mark-done", {"reason": "Typed the valve in."})
    assert {line["state"] for line in done.body["lines"]} == {"posted"}
    await scene.work()
    await scene.send(items="difference")
    await scene.work()
    assert [line.fields["Item_Code"] for line in scene.spectrum.lines] == ["GAUGE"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
    ],
)
async def test_a_start_is_a_day_or_a_moment(scene: Scene, given: str, shown: str) -> None:
    assert (await patch(scene, {"completion_start_date": given})).body["completion_start_date"] == shown


@pytest.mark.parametrize("given", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("setting", ["completion_start_date", "client_secret_expires_at"])
async def test_a_moment_that_is_not_in_every_time_zone_is_refused(scene: Scene, setting: str, given: str) -> None:
    """Stored, it would let each answer and each page with the connection fail."""
    refused = await patch(scene, {setting: given})
    assert is_problem(refused, 422, "BAD_INPUT")
    assert pointers(refused) == [f"/{setting}"]
    assert (await scene.call("GET", MAIN)).status == 200


@pytest.mark.parametrize("given", ["2026-03-01T10:00:00", "soon", "2026-13-01"])
async def test_what_is_neither_is_refused(scene: Scene, given: str) -> None:
    assert is_problem(await patch(scene, {"completion_start_date": given}), 422, "BAD_INPUT")
