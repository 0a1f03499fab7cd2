"""The daily work over HTTP: menu, preview, send, follow, retry, cancel, warnings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.sending.answer import NotSent, NotSentReason
from tests.support.http_scene import CONNECTION, JOB, SECRETS, SENDS, UNMAPPED, Scene, api, is_problem, pointers

JOB_URL = f"/v1/tenants/cardinal/jobs/{JOB.id}"
REFUSED = NotSent(NotSentReason.REFUSED, "connection refused")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def steps(body: dict[str, list[dict[str, str]]]) -> list[str]:
    assert [step["name"] for step in body["steps"]] == ["plan", "header", "write_back", "report"]
    return [step["state"] for step in body["steps"]]


async def test_a_job_is_sent_and_followed_to_its_end(scene: Scene) -> None:
    asked = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main"})
    assert asked.status == 202
    assert asked.headers["Location"] == f"{SENDS}/{asked.body['id']}"
    assert (asked.body["state"], asked.body["finished_at"], asked.body["plan"]) == ("queued", None, None)
    assert asked.body["next_try_at"] is None
    assert steps(asked.body) == ["waiting"] * 4
    await scene.work()
    shown = (await scene.call("GET", asked.headers["Location"])).body
    assert (shown["state"], shown["work_order_number"]) == ("sent", "T104482")
    assert steps(shown) == ["done"] * 4
    assert shown["requested_at"] == shown["finished_at"] == "2026-03-02T09:00:00Z"
    assert [(a["step"], a["outcome"]) for a in shown["attempts"]] == [("header", "accepted")]
    assert shown["plan"]["work_order_number"] == "T104482"
    assert shown["lines"] == []
    assert ("101", "T104482") in scene.spectrum.work_orders


async def test_waiting_for_the_end(scene: Scene) -> None:
    request = asyncio.create_task(
        scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main"}, headers={"Prefer": "wait=500"})
    )
    while not scene.transactions.rows.woken:  # noqa: ASYNC110 - the queue in memory tells nobody
        await asyncio.sleep(0)
    await scene.work()
    answer = await request
    assert (answer.status, answer.body["state"]) == (200, "sent")
    assert answer.headers["Preference-Applied"] == "wait=60"


@pytest.mark.parametrize("preference", ["wait=soon", "respond-async", "waiting=5", "wait=0"])
async def test_other_preferences_do_not_wait(scene: Scene, preference: str) -> None:
    answer = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main"}, headers={"Prefer": preference})
    assert answer.body["state"] == "queued"
    assert "Preference-Applied" not in answer.headers


async def test_the_preview_says_where_each_value_comes_from(scene: Scene) -> None:
    plan = (await scene.call("POST", JOB_URL + "/preview", {"connection": "main"})).body
    assert plan["sendable"]
    assert plan["creates"]
    assert plan["work_order_number"] == "T104482"
    assert (plan["lines"], plan["left_out"]) == ([], [])
    purchase_order = next(value for value in plan["header"] if value["field"] == "Customer_PO_Number")
    assert purchase_order["value"] == "PO-77120"
    assert purchase_order["origin"]["source"] == "job.customerPo"
    assert purchase_order["changes"]
    assert not scene.spectrum.calls


async def test_a_preview_that_cannot_be_sent_says_why_and_who_mends_it(scene: Scene) -> None:
    plan = (await scene.call("POST", f"/v1/tenants/cardinal/jobs/{UNMAPPED.id}/preview", {"connection": "main"})).body
    assert not plan["sendable"]
    blocker = next(found for found in plan["findings"] if found["severity"] == "blocker")
    assert (blocker["code"], blocker["owner"]) == ("MAP_SITE_MISSING", "servicetrade_admin")
    assert blocker["fix"]
    assert blocker["cause"]


async def test_a_choice_of_items_is_one_of_four(scene: Scene) -> None:
    for path, body in ((JOB_URL + "/preview", {}), (SENDS, {"job_id": JOB.id})):
        answer = await scene.call("POST", path, {**body, "connection": "main", "items": "all"})
        assert is_problem(answer, 422, "BAD_INPUT")
        assert pointers(answer) == ["/items"]
        assert "none, new_only, difference, again" in answer.body["errors"][0]["detail"]
    assert (await scene.call("POST", JOB_URL + "/preview", {"connection": "main", "items": "none"})).status == 200


async def test_an_unknown_job(scene: Scene) -> None:
    answer = await scene.call("POST", "/v1/tenants/cardinal/jobs/999/preview", {"connection": "main"})
    assert is_problem(answer, 404, "JOB_NOT_FOUND")


@pytest.mark.parametrize("job_id", ["", "12a", "12345678901234567", 12])
async def test_a_job_id_is_a_string_of_digits(scene: Scene, job_id: object) -> None:
    answer = await scene.call("POST", SENDS, {"job_id": job_id, "connection": "main"})
    assert pointers(answer) == ["/job_id"]


async def test_values_are_never_bent_into_another_type(scene: Scene) -> None:
    answer = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main", "adopt": "yes"})
    assert pointers(answer) == ["/adopt"]


async def test_a_plan_that_no_longer_holds_comes_back_as_the_new_one(scene: Scene) -> None:
    seen = (await scene.call("POST", JOB_URL + "/preview", {"connection": "main"})).body
    await scene.add_job(replace(JOB, customer_po="PO-2"))
    body = {"job_id": JOB.id, "connection": "main", "plan_hash": seen["plan_hash"]}
    answer = await scene.call("POST", SENDS, body)
    assert is_problem(answer, 409, "JOB_CHANGED_WHILE_SENDING")
    new = answer.body["plan"]
    assert new["plan_hash"] != seen["plan_hash"]
    assert (await scene.call("POST", SENDS, {**body, "plan_hash": new["plan_hash"]})).status == 202


async def test_a_repeated_key_is_the_same_send(scene: Scene) -> None:
    body, key = {"job_id": JOB.id, "connection": "main"}, {"Idempotency-Key": "b7c1"}
    first = await scene.call("POST", SENDS, body, headers=key)
    again = await scene.call("POST", SENDS, body, headers=key)
    assert (again.status, again.body["id"]) == (202, first.body["id"])
    other = await scene.call("POST", SENDS, {**body, "job_id": UNMAPPED.id}, headers=key)
    assert is_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    assert len((await scene.call("GET", SENDS)).body["items"]) == 1


@pytest.mark.parametrize("key", ["x" * 256, "", "k\u00e4se"])
async def test_a_key_that_cannot_be_used(scene: Scene, key: str) -> None:
    answer = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main"}, headers={"Idempotency-Key": key})
    assert pointers(answer) == ["/Idempotency-Key"]


async def test_sends_a_page_at_a_time(scene: Scene) -> None:
    made = [await scene.send(replace(JOB, id=str(number))) for number in range(1, 6)]
    first = (await scene.call("GET", SENDS + "?limit=2")).body
    second = (await scene.call("GET", f"{SENDS}?limit=2&cursor={first['next']}")).body
    third = (await scene.call("GET", f"{SENDS}?limit=2&cursor={second['next']}")).body
    pages = [*first["items"], *second["items"], *third["items"]]
    assert [send["id"] for send in pages] == made[::-1]
    assert third["next"] is None
    assert "attempts" not in pages[0]


async def test_sends_by_state_job_and_connection(scene: Scene) -> None:
    sent, failed = await scene.send(), await scene.send(UNMAPPED)
    await scene.work()

    async def found(query: str) -> list[str]:
        return [send["id"] for send in (await scene.call("GET", f"{SENDS}?{query}")).body["items"]]

    assert await found("state=sent") == [sent]
    assert await found("state=sent,needs_attention") == [failed, sent]
    assert await found("state=queued&state=needs_attention") == [failed]
    assert await found(f"job_id={JOB.id}&connection=main") == [sent]
    assert (await scene.call("GET", SENDS + "?connection=none")).status == 404


@pytest.mark.parametrize(
    "query, pointer",
    [
        ("limit=0", "/limit"),
        ("limit=many", "/limit"),
        ("limit=5&limit=6", "/limit"),
        ("state=gone", "/state"),
        ("cursor=abc", "/cursor"),
        ("cursor=YmVmb3JlOi0x", "/cursor"),
        ("job_id=x", "/job_id"),
        ("stat=sent", "/stat"),
        ("connection=%00", "/connection"),
        ("cursor=%C3%BC", "/cursor"),
        ("cursor=YmVmb3JlOjAx", "/cursor"),
    ],
)
async def test_a_query_that_is_not_understood(scene: Scene, query: str, pointer: str) -> None:
    answer = await scene.call("GET", f"{SENDS}?{query}")
    assert is_problem(answer, 422, "BAD_INPUT")
    assert pointers(answer) == [pointer]


async def test_a_failed_send_its_warning_and_its_retry(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    failed = (await scene.call("GET", f"{SENDS}/{send_id}")).body
    assert failed["state"] == "needs_attention"
    assert steps(failed) == ["done", "waiting", "waiting", "done"]
    assert failed["findings"][0]["code"] == "MAP_SITE_MISSING"
    warning = (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"][0]
    assert (warning["send_id"], warning["connection"]) == (send_id, "main")
    assert warning["finding"]["fix"]
    assert UNMAPPED.location is not None
    await scene.add_job(replace(UNMAPPED, location=replace(UNMAPPED.location, external_id="COLD")))
    retried = await scene.call("POST", f"{SENDS}/{send_id}/retry")
    assert (retried.status, retried.body["state"]) == (200, "queued")
    assert steps(retried.body) == ["waiting"] * 4
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "sent"
    assert (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body == {"items": [], "next": None}
    assert is_problem(await scene.call("POST", f"{SENDS}/{send_id}/retry"), 409, "SEND_NOT_RETRYABLE")


async def test_a_warning_is_put_aside(scene: Scene) -> None:
    await scene.send(UNMAPPED)
    await scene.work()
    warning = (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"][0]
    gone = await scene.call("POST", f"/v1/tenants/cardinal/warnings/{warning['id']}/dismiss")
    assert (gone.status, gone.text) == (204, "")
    assert (await scene.call("GET", "/v1/tenants/cardinal/warnings")).body["items"] == []


async def test_a_send_that_waits_says_for_what_and_until_when(scene: Scene) -> None:
    scene.spectrum.answer_next(REFUSED)
    send_id = await scene.send()
    await scene.work()
    waiting = (await scene.call("GET", f"{SENDS}/{send_id}")).body
    assert (waiting["state"], waiting["next_try_at"]) == ("retrying", "2026-03-02T09:01:00Z")
    assert "could not be reached" in waiting["waits_for"]
    connection = (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body
    assert connection["hold"]["finding"]["code"] == "ENDPOINT_UNREACHABLE"
    assert connection["hold"]["until"] == "2026-03-02T09:01:00Z"
    scene.clock.advance(60)
    await scene.drain(connection["id"])
    done = (await scene.call("GET", f"{SENDS}/{send_id}")).body
    assert (done["state"], done["next_try_at"], done["waits_for"]) == ("sent", None, None)


async def test_a_paused_connection_lets_its_sends_wait(scene: Scene) -> None:
    paused = await scene.call("POST", "/v1/tenants/cardinal/connections/main/pause")
    assert (paused.status, paused.body["paused"]) == (200, True)
    send_id = await scene.send()
    await scene.work()
    assert "paused" in (await scene.call("GET", f"{SENDS}/{send_id}")).body["waits_for"]
    entry = (await scene.call("GET", JOB_URL + "/send-menu")).body["items"][0]
    assert "paused" in entry["disabled"]
    assert not entry["preselected"]
    assert not (await scene.call("POST", "/v1/tenants/cardinal/connections/main/resume")).body["paused"]
    await scene.work()
    assert (await scene.call("GET", f"{SENDS}/{send_id}")).body["state"] == "sent"


async def test_a_waiting_send_is_taken_back(scene: Scene) -> None:
    send_id = await scene.send()
    cancelled = await scene.call("POST", f"{SENDS}/{send_id}/cancel")
    assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    assert steps(cancelled.body) == ["skipped"] * 4
    assert is_problem(await scene.call("POST", f"{SENDS}/{send_id}/cancel"), 409, "SEND_NOT_CANCELLABLE")
    await scene.work()
    assert not scene.spectrum.calls


async def test_the_send_menu(scene: Scene) -> None:
    menu = (await scene.call("GET", JOB_URL + "/send-menu")).body
    assert menu == {
        "items": [
            {
                "connection": "main",
                "label": "Send Job to Spectrum",
                "preselected": True,
                "disabled": None,
                "notice": None,
                "work_order": None,
                "last_send": None,
            }
        ],
        "next": None,
    }
    send_id = await scene.send()
    await scene.work()
    entry = (await scene.call("GET", JOB_URL + "/send-menu")).body["items"][0]
    assert entry["work_order"] == {"number": "T104482", "sent_at": "2026-03-02T09:00:00Z"}
    assert (entry["last_send"]["id"], entry["last_send"]["state"]) == (send_id, "sent")


async def test_of_two_connections_none_is_preselected(scene: Scene) -> None:
    other = {**CONNECTION, "slug": "west", "name": "West", "external_system": "spectrumWest"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", other)).status == 201
    menu = (await scene.call("GET", JOB_URL + "/send-menu")).body
    assert [entry["preselected"] for entry in menu["items"]] == [False, False]


async def test_a_connection_is_examined_step_by_step(scene: Scene) -> None:
    answer = (await scene.call("POST", "/v1/tenants/cardinal/connections/main/test")).body
    assert answer["ok"]
    assert [(step["name"], step["state"]) for step in answer["steps"]] == [
        ("servicetrade", "ok"),
        ("connection", "ok"),
        ("authorization", "ok"),
        ("read_customers", "ok"),
        ("read_items", "ok"),
        ("permission", "unknown"),
    ]


async def test_a_connection_is_working_only_once_spectrum_accepted_a_write(scene: Scene) -> None:
    """And what was seen at its last test stays, until it says nothing about the present settings."""
    main = "/v1/tenants/cardinal/connections/main"

    async def shown() -> tuple[str, bool, bool]:
        body = (await scene.call("GET", main)).body
        assert body["proven"] is (body["last_write_at"] is not None)
        return body["state"], body["proven"], body["last_test"]["stale"]

    tested = (await scene.call("POST", f"{main}/test")).body
    kept = (await scene.call("GET", main)).body["last_test"]
    assert (kept["steps"], kept["ok"], kept["by"]) == (tested["steps"], True, "operator:scene")
    assert await shown() == ("not_proven", False, False)
    await scene.send()
    await scene.work()
    assert await shown() == ("working", True, False)
    assert (await scene.call("POST", f"{main}/pause")).body["state"] == "paused"
    assert (await scene.call("POST", f"{main}/resume")).body["state"] == "working"
    other = {"authorization_id": "OTHER-1", "check": False}
    changed = await scene.call("PATCH", main, other, headers={"If-Match": "*"})
    assert changed.status == 200, changed.body
    assert await shown() == ("not_proven", False, True)
    listed = (await scene.call("GET", "/v1/tenants/cardinal/connections")).body["items"]
    assert [one["state"] for one in listed] == ["not_proven"]


async def test_what_was_saved_comes_back_but_no_secret_ever(scene: Scene) -> None:
    scene.spectrum.answer_next(REFUSED)
    send_id = await scene.send()
    await scene.work()
    paths = (
        "/v1/tenants",
        "/v1/tenants/cardinal",
        "/v1/tenants/cardinal/connections",
        SENDS,
        f"{SENDS}/{send_id}",
        "/v1/tenants/cardinal/connections/main",
        "/v1/tenants/cardinal/warnings",
        JOB_URL + "/send-menu",
    )
    answers = [await scene.call("GET", path) for path in paths]
    assert all(answer.status == 200 for answer in answers)
    assert not any(secret in answer.text for answer in answers for secret in SECRETS)
    shown = answers[5].body
    kept = ("slug", "name", "external_system", "endpoint_url", "company_code", "leading_character")
    assert {name: shown[name] for name in kept} == {name: CONNECTION[name] for name in kept}
    assert shown["enhanced_auth"] is True
    assert "authorization_id" not in shown


async def test_head_is_answered_like_get(scene: Scene) -> None:
    answer = await scene.call("HEAD", "/livez", key=None)
    assert (answer.status, answer.text) == (200, "")
