"""Reconciliations over HTTP: start one, follow it, read its jobs as JSON and CSV."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.model.reconciliation.run import RunState
from core.model.shared.errors import TenantMends, TimeMends
from tests.support.http_scene import JOB, Scene, api, is_problem, pointers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE = "/v1/tenants/cardinal/reconciliations"


async def completed(scene: Scene, *numbers: int, sent: int = 0) -> None:
    """Completed jobs, of which the first `sent` were sent without items."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    for place, number in enumerate(numbers):
        job = replace(JOB, id=str(number), number=f"10{number}")
        await scene.add_job(job)
        scene.service_trade.complete(tenant.id, job.id)
        if place < sent:
            await scene.send(job)
            await scene.work()


async def test_what_was_never_sent_is_told_with_what_to_do(scene: Scene) -> None:
    await completed(scene, 1, 2, 3, sent=2)
    run = await scene.reconcile()
    shown = (await scene.call("GET", f"{BASE}/{run}")).body
    assert (shown["state"], shown["checked"], shown["accounted"], shown["differs"]) == ("whole", 3, 2, 1)
    assert {kind: number for kind, number in shown["kinds"].items() if number} == {"missing": 1}
    [main] = shown["connections"]
    assert (main["connection"], main["jobs"], main["differs"]) == ("main", 3, 1)
    [job] = (await scene.call("GET", f"{BASE}/{run}/jobs")).body["items"]
    [entry] = job["connections"]
    [told] = entry["differences"]
    assert (job["job_id"], job["number"], job["accounted_for"]) == ("3", "103", False)
    assert (told["kind"], told["place"], told["items"]) == ("missing", "job", "new_only")
    assert told["fix"]


async def test_jobs_come_in_pages_and_by_kind(scene: Scene) -> None:
    await completed(scene, 1, 2, 3)
    run = await scene.reconcile()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await scene.call("GET", f"{BASE}/{run}/jobs?limit=1&cursor={cursor}")).body
        seen += [job["job_id"] for job in page["items"]]
        cursor = page["next"]
    assert seen == ["1", "2", "3"]
    for query, number in (
        ("kind=missing", 3),
        ("kind=accounted", 0),
        ("kind=all&connection=main", 3),
        ("kind=drifted", 0),
    ):
        assert len((await scene.call("GET", f"{BASE}/{run}/jobs?{query}")).body["items"]) == number, query
    assert is_problem(await scene.call("GET", f"{BASE}/{run}/jobs?kind=none"), 422, "BAD_INPUT")
    assert is_problem(await scene.call("GET", f"{BASE}/{run}/jobs?cursor=x"), 422, "BAD_INPUT")


async def test_the_csv_has_a_row_for_each_difference(scene: Scene) -> None:
    await completed(scene, 1, 2, sent=1)
    run = await scene.reconcile()
    answer = await scene.call("GET", f"{BASE}/{run}/jobs?kind=all", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["job_id"], row["kind"], row["work_order"]) for row in rows] == [
        ("1", "accounted", "T101"),
        ("2", "missing", ""),
    ]


async def test_the_same_days_are_not_compared_twice_at_once(scene: Scene) -> None:
    first = await scene.call("POST", BASE, {"first_day": "2026-02-01", "last_day": "2026-02-02"})
    assert (first.status, first.body["state"]) == (202, "running")
    assert first.headers["Location"] == f"{BASE}/{first.body['id']}"
    again = await scene.call("POST", BASE, {"first_day": "2026-02-01", "last_day": "2026-02-02"})
    assert again.body["id"] == first.body["id"]
    for day in ("03", "04"):
        assert (await scene.call("POST", BASE, {"first_day": f"2026-02-{day}"})).status == 202
    refused = await scene.call("POST", BASE, {"first_day": "2026-02-05"})
    assert is_problem(refused, 409, "RECONCILIATIONS_RUNNING")
    assert len((await scene.call("GET", BASE)).body["items"]) == 3


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"first_day": "2026-02-02", "last_day": "2026-02-01"}, "/last_day"),
        ({"first_day": "2099-01-01"}, "/last_day"),
        ({"first_day": "2024-01-01", "last_day": "2026-01-01"}, "/first_day"),
        ({"first_day": "0001-01-01", "last_day": "0001-01-01"}, "/first_day"),
        ({"first_day": "yesterday"}, "/first_day"),
        ({"first_day": 20260201}, "/first_day"),
    ],
)
async def test_odd_days_are_refused_with_the_field(scene: Scene, body: dict[str, object], where: str) -> None:
    answer = await scene.call("POST", BASE, body)
    assert answer.status == 422
    assert pointers(answer) == [where]


async def test_when_servicetrade_refuses_the_login_nothing_sounds_complete(scene: Scene) -> None:
    await completed(scene, 1)
    scene.service_trade.fail_next(
        TenantMends("The password is wrong.", code="ST_LOGIN_REFUSED"), call="completed_between"
    )
    run = await scene.reconcile()
    shown = (await scene.call("GET", f"{BASE}/{run}")).body
    assert (shown["state"], shown["reason"]) == (RunState.INCOMPLETE, "The password is wrong.")
    assert (shown["checked"], shown["accounted"]) == (0, 0)


async def test_when_servicetrade_is_away_it_waits_and_then_goes_on(scene: Scene) -> None:
    await completed(scene, 1, 2, sent=1)
    away = TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE")
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.fail_next(away, call="completed_between")
    scene.clock.advance(60)
    run = await scene.use_cases.start_reconciliation(tenant.id, scene.clock.now().date(), by="ann")
    await scene.carry_out_reconciliation(tenant.id, run.id)
    waiting = (await scene.call("GET", f"{BASE}/{run.id}")).body
    assert (waiting["state"], waiting["trouble"]) == ("running", "ServiceTrade does not answer.")
    scene.service_trade.fail_next(away, call="read_items")
    await scene.carry_out_reconciliation(tenant.id, run.id)
    for _ in range(3):
        await scene.carry_out_reconciliation(tenant.id, run.id)
    shown = (await scene.call("GET", f"{BASE}/{run.id}")).body
    assert (shown["state"], shown["trouble"]) == ("whole", "")


def once(scene: Scene, call: str, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the next call of this method of ServiceTrade, something happens."""
    original, acts = getattr(scene.service_trade, call), [act]

    async def acting(*given: Any) -> Any:
        if acts:
            acts.pop()()
        return await original(*given)

    monkeypatch.setattr(scene.service_trade, call, acting)


async def test_a_job_reopened_while_others_are_read_is_not_told_as_missing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await completed(scene, 1, 2)
    tenant = await scene.use_cases.find_tenant("cardinal")
    once(scene, "describe_job", lambda: scene.service_trade.reopen(tenant.id, "2"), monkeypatch)
    run = await scene.reconcile()
    assert (await scene.call("GET", f"{BASE}/{run}")).body["state"] == "whole"
    jobs = (await scene.call("GET", f"{BASE}/{run}/jobs?kind=all")).body["items"]
    assert [job["job_id"] for job in jobs] == ["1"]


async def test_a_job_changed_after_it_was_checked_is_checked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purchase order changes when the list is read for the second time."""
    await completed(scene, 1, sent=1)
    tenant = await scene.use_cases.find_tenant("cardinal")
    stored, lists = scene.service_trade.jobs[tenant.id, "1"], []
    original = scene.service_trade.completed_between

    def listing(*given: Any) -> Any:
        lists.append(1)
        if len(lists) == 2:
            now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
            stored.snapshot = replace(stored.snapshot, customer_po="PO-NEW", updated=now)
        return original(*given)

    monkeypatch.setattr(scene.service_trade, "completed_between", listing)
    run = await scene.reconcile()
    assert len(lists) == 3
    shown = (await scene.call("GET", f"{BASE}/{run}")).body
    assert (shown["state"], shown["kinds"]["drifted"]) == ("whole", 1)


async def test_a_list_that_never_stands_still_is_not_called_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await completed(scene, 1)
    tenant = await scene.use_cases.find_tenant("cardinal")
    stored, original = scene.service_trade.jobs[tenant.id, "1"], scene.service_trade.completed_between

    def listing(*given: Any) -> Any:
        stored.snapshot = replace(stored.snapshot, updated=(stored.snapshot.updated or NOW) + timedelta(seconds=1))
        return original(*given)

    monkeypatch.setattr(scene.service_trade, "completed_between", listing)
    run = await scene.reconcile()
    shown = (await scene.call("GET", f"{BASE}/{run}")).body
    assert (shown["state"], shown["checked"]) == ("incomplete", 1)
    assert "changed while they were read" in shown["reason"]


async def test_a_worker_that_dies_anywhere_leaves_what_another_one_finishes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await completed(scene, *range(1, 30), sent=5)
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.clock.advance(max(0.0, (datetime.now(UTC) - scene.clock.now()).total_seconds()) + 60)
    # Midnight may have passed since the jobs were completed.
    today = scene.clock.now().date()
    run = await scene.use_cases.start_reconciliation(tenant.id, today - timedelta(days=1), today, by="ann")
    original, calls = scene.service_trade.describe_job, itertools.count(1)

    class Killed(BaseException):
        pass

    async def dying(*given: Any) -> Any:
        if next(calls) % 13 == 0:
            raise Killed
        return await original(*given)

    monkeypatch.setattr(scene.service_trade, "describe_job", dying)
    deaths = 0
    while (await scene.use_cases.read_reconciliations.show(tenant.id, run.id)).run.running:
        try:
            await scene.carry_out_reconciliation(tenant.id, run.id)
        except BaseExceptionGroup:
            deaths += 1
    assert deaths > 1
    shown = (await scene.call("GET", f"{BASE}/{run.id}")).body
    assert (shown["state"], shown["checked"], shown["differs"]) == ("whole", 29, 24)


async def test_a_job_that_cannot_be_read_hides_no_other_and_nothing_is_called_whole(scene: Scene) -> None:
    await completed(scene, 1, 2, sent=2)
    broken = TenantMends("The job has no status.", code="ST_RECORD_UNREADABLE")
    scene.service_trade.fail_next(broken, call="describe_job")
    run = await scene.reconcile()
    shown = (await scene.call("GET", f"{BASE}/{run}")).body
    assert (shown["state"], shown["reason"]) == ("incomplete", "1 job could not be read.")
    assert (shown["accounted"], shown["kinds"]["unreadable"]) == (1, 1)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        yield scene
