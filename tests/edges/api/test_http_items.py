"""Items, completion and doubts over the API: what a program sees from the preview to the verdict."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.work_orders.item import JobItem
from tests.support.http_scene import JOB, SENDS, Scene, api, is_problem, pointers

T = "/v1/tenants/cardinal"
JOB_URL = f"{T}/jobs/{JOB.id}"
VALVE = JobItem(id="71", name="Check valve", type="part", quantity=Decimal("2.50"), cost=Decimal("41"), code="CV4G")
PERMIT = JobItem(id="72", name="Permit", type="fee", quantity=Decimal(3), cost=Decimal("33.335"), code="GC-PERMIT")
HOURS = JobItem(id="73", name="Labor", type="labor", quantity=Decimal(8), cost=Decimal(60), code="LAB")
NEW_ONLY = {"connection": "main", "items": "new_only"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """The first job is completed and has a valve, a permit and hours; the account speaks to the fakes."""
    async with api() as scene:
        await scene.furnish()
        tenant = await scene.use_cases.find_tenant("cardinal")
        scene.service_trade.add_job(tenant.id, replace(JOB, status="scheduled"))
        for item in (VALVE, PERMIT, HOURS):
            scene.service_trade.add_item(tenant.id, JOB.id, item)
        yield scene


async def complete_by_hand(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)


async def shown(scene: Scene, send_id: str) -> Any:
    return (await scene.call("GET", f"{SENDS}/{send_id}")).body


def lose_the_answer_to_the_first_line(scene: Scene) -> None:
    scene.spectrum.answer_next(Accepted())
    scene.spectrum.answer_next(Unknown(UnknownReason.TIMEOUT, "no answer in time"), applied=True)


async def test_a_preview_tells_every_line_what_stays_behind_and_what_each_choice_would_do(scene: Scene) -> None:
    await complete_by_hand(scene)
    plan = (await scene.call("POST", JOB_URL + "/preview", NEW_ONLY)).body
    assert plan["items"] == "new_only"
    valve, permit = plan["lines"]
    assert (valve["kind"], valve["code"], valve["quantity"], valve["amount"]) == ("material", "CV4G", "2.5", None)
    assert (permit["kind"], permit["code"], permit["quantity"], permit["amount"]) == (
        "other_charge",
        "GC-PERMIT",
        None,
        "100.01",
    )
    assert (valve["round"], valve["purpose"]) == (0, "new")
    assert {"field": "Item_Code", "value": "CV4G"}.items() <= valve["fields"][0].items()
    assert valve["fields"][0]["origin"]["source"] == "item.code"
    assert [(left["item_id"], left["code"]) for left in plan["left_out"]] == [("73", "labor")]
    assert {mode: choice["lines"] for mode, choice in plan["choices"].items()} == {
        "new_only": 2,
        "difference": 2,
        "again": 2,
    }
    assert plan["choices"]["new_only"]["amount"] == "100.01"


async def test_items_of_an_open_job_are_refused_at_once(scene: Scene) -> None:
    answer = await scene.call("POST", SENDS, {"job_id": JOB.id, **NEW_ONLY})
    assert is_problem(answer, 422, "ITEMS_NEED_COMPLETION")
    assert pointers(answer) == ["/items"]
    assert (await scene.call("GET", SENDS)).body["items"] == []


async def test_a_request_that_does_not_mention_items_sends_none(scene: Scene) -> None:
    await complete_by_hand(scene)
    send_id = await scene.send()
    await scene.work()
    send = await shown(scene, send_id)
    assert (send["state"], send["items"], send["lines"]) == ("sent", "none", [])
    assert scene.spectrum.lines == []


async def test_a_send_shows_its_lines_and_how_many_are_posted(scene: Scene) -> None:
    await complete_by_hand(scene)
    send_id = await scene.send(items="new_only")
    await scene.work()
    send = await shown(scene, send_id)
    assert send["state"] == "sent"
    assert [(line["item_id"], line["state"]) for line in send["lines"]] == [("71", "posted"), ("72", "posted")]
    [step] = [step for step in send["steps"] if step["name"] == "lines"]
    assert (step["state"], step["posted"], step["total"]) == ("done", 2, 2)
    assert {attempt["line_id"] for attempt in send["attempts"]} == {None, *(line["id"] for line in send["lines"])}


async def test_completing_a_job_sends_it_with_its_items_once_a_key(scene: Scene) -> None:
    headers = {"Idempotency-Key": "done-1"}
    first = await scene.call("POST", JOB_URL + "/complete", NEW_ONLY, headers=headers)
    assert first.status == 202, first.text
    assert first.headers["Location"] == f"{SENDS}/{first.body['id']}"
    assert first.body["completes"]
    twin = await scene.call("POST", JOB_URL + "/complete", NEW_ONLY, headers=headers)
    assert twin.body["id"] == first.body["id"]
    await scene.work()
    assert (await shown(scene, first.body["id"]))["state"] == "sent"
    assert scene.service_trade.calls.count("complete_job") == 1
    assert len(scene.spectrum.lines) == 2
    other = await scene.call("POST", JOB_URL + "/complete", {"connection": "main"}, headers=headers)
    assert is_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_job_that_could_not_be_sent_stays_open(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.add_item(tenant.id, JOB.id, replace(PERMIT, id="74", cost=None))
    answer = await scene.call("POST", JOB_URL + "/complete", NEW_ONLY)
    assert is_problem(answer, 422, "PLAN_BLOCKED")
    assert [found["code"] for found in answer.body["plan"]["findings"]] == ["ITEM_COST_MISSING"]
    assert "complete_job" not in scene.service_trade.calls
    assert (await scene.call("GET", SENDS)).body["items"] == []


async def test_a_plan_hash_covers_the_lines(scene: Scene) -> None:
    await complete_by_hand(scene)
    seen = (await scene.call("POST", JOB_URL + "/preview", NEW_ONLY)).body["plan_hash"]
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.add_item(tenant.id, JOB.id, replace(VALVE, quantity=Decimal(3)))
    answer = await scene.call("POST", SENDS, {"job_id": JOB.id, **NEW_ONLY, "plan_hash": seen})
    assert is_problem(answer, 409, "JOB_CHANGED_WHILE_SENDING")
    assert answer.body["plan"]["lines"][0]["quantity"] == "3"


async def test_a_doubt_is_listed_with_its_evidence_and_settled_once(scene: Scene) -> None:
    await complete_by_hand(scene)
    lose_the_answer_to_the_first_line(scene)
    send_id = await scene.send(items="new_only")
    await scene.work()
    assert (await shown(scene, send_id))["state"] == "in_doubt"
    [doubt] = (await scene.call("GET", T + "/doubts")).body["items"]
    assert (doubt["send_id"], doubt["line"]["item_id"]) == (send_id, "71")
    assert doubt["detail"] == "timeout: no answer in time"
    assert "company 101" in doubt["where_to_look"]
    assert doubt["line"]["work_order_number"] in doubt["where_to_look"]
    assert doubt["quiet_until"]
    settle = f"{T}/doubts/{doubt['line']['id']}/settle"
    verdict = {"outcome": "posted", "reason": "seen in Spectrum"}
    settled = await scene.call("POST", settle, verdict)
    assert (settled.status, settled.body["state"], settled.body["settled_by"]) == (200, "posted", "operator:scene")
    await scene.work()
    assert (await shown(scene, send_id))["state"] == "sent"
    assert (await scene.call("GET", T + "/doubts")).body["items"] == []
    assert is_problem(await scene.call("POST", settle, verdict), 409, "LINE_NOT_IN_DOUBT")
    entry, *_ = (await scene.call("GET", T + "/audit")).body["items"]
    assert (entry["action"], entry["detail"]["line_id"]) == ("doubt.settled", doubt["line"]["id"])
    assert entry["actor"] == "operator:scene"
    assert entry["detail"]["reason"] == "seen in Spectrum"


async def test_a_verdict_needs_an_outcome_and_a_reason(scene: Scene) -> None:
    assert pointers(await scene.call("POST", T + "/doubts/lin_1/settle", {})) == ["/outcome", "/reason"]
    for reason in ("", "  ", "x" * 501):
        answer = await scene.call("POST", T + "/doubts/lin_1/settle", {"outcome": "posted", "reason": reason})
        assert pointers(answer) == ["/reason"]
    assert (await scene.call("POST", T + "/doubts/lin_1/settle", {"outcome": "maybe", "reason": "x"})).status == 422
    answer = await scene.call("POST", T + "/doubts/lin_1/settle", {"outcome": "posted", "reason": "x"})
    assert is_problem(answer, 404, "LINE_NOT_FOUND")
    assert is_problem(await scene.call("GET", T + "/doubts?connection=none"), 404, "CONNECTION_NOT_FOUND")


async def test_the_settings_for_items_come_back(scene: Scene) -> None:
    asked = {
        "slug": "second",
        "name": "Second",
        "external_system": "spectrum_b",
        "company_code": "102",
        "endpoint_url": "https://spectrum.example.com",
        "authorization_id": "AUTH-7711-XYZ",
        "item_kinds": {"Equipment": "other_charge", "discount": "skip"},
        "default_warehouse": "MAIN",
        "non_stock_fallback": "without_code",
        "on_completion": "send_with_items",
        "completion_start_date": "2026-11-23",
        "items_on_resend": "difference",
    }
    made = await scene.call("POST", T + "/connections", asked)
    assert made.status == 201, made.text
    found = (await scene.call("GET", T + "/connections/second")).body
    assert found["item_kinds"]["equipment"] == "other_charge"
    assert found["item_kinds"]["discount"] == "skip"
    assert found["item_kinds"]["labor"] == "skip"
    assert found["completion_start_date"] == "2026-11-23T00:00:00Z"
    for name in ("default_warehouse", "non_stock_fallback", "on_completion", "items_on_resend"):
        assert found[name] == asked[name]


@pytest.mark.parametrize(
    ("setting", "value", "pointer"),
    [
        ("item_kinds", {"labor": "material"}, "/item_kinds/labor"),
        ("item_kinds", {"part": "gold"}, "/item_kinds/part"),
        ("items_on_resend", "none", "/items_on_resend"),
        ("completion_start_date", "tomorrow", "/completion_start_date"),
        ("completion_start_date", "2026-11-23T10:00:00", "/completion_start_date"),
        ("default_warehouse", "A-WAREHOUSE-TOO-LONG", "/default_warehouse"),
    ],
)
async def test_a_wrong_setting_for_items_is_pointed_at(scene: Scene, setting: str, value: object, pointer: str) -> None:
    asked = {
        "slug": "second",
        "name": "Second",
        "external_system": "spectrum_b",
        "company_code": "102",
        "endpoint_url": "https://spectrum.example.com",
        "authorization_id": "AUTH-7711-XYZ",
        setting: value,
    }
    answer = await scene.call("POST", T + "/connections", asked)
    assert answer.status == 422, answer.text
    assert pointers(answer) == [pointer]


async def test_aliases_of_library_items_come_by_file_and_count_in_the_plan(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.add_item(tenant.id, JOB.id, replace(VALVE, library_id="501"))
    scene.service_trade.add_item(tenant.id, JOB.id, replace(PERMIT, library_id="502"))
    await complete_by_hand(scene)
    file = b"kind,servicetrade_id,name,code\nitem,501,Check valve,CV-4G-GROOVED-1\nitem,502,Permit,PERMIT\n"
    aliases, media = f"{T}/aliases?connection=main", {"Content-Type": "text/csv"}
    tried = await scene.call("POST", aliases + "&dry_run=true", data=file, headers=media)
    assert ([one["kind"] for one in tried.body["added"]], tried.body["imported"]) == (["item", "item"], False)
    await scene.call("POST", aliases, data=file, headers=media)
    listed = (await scene.call("GET", aliases + "&kind=item")).body["items"]
    assert {one["servicetrade_id"]: one["code"] for one in listed} == {"501": "CV-4G-GROOVED-1", "502": "PERMIT"}
    valve, permit = (await scene.call("POST", JOB_URL + "/preview", NEW_ONLY)).body["lines"]
    assert (valve["code"], permit["code"]) == ("CV-4G-GROOVED-1", "PERMIT")
    assert valve["fields"][0]["origin"]["source"] == permit["fields"][0]["origin"]["source"] == "alias.item"
