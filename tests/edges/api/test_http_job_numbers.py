"""Jobs by their number: looked up with their sends, and sent, also when the number is unknown or given twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.shared.errors import TimeMends
from tests.support.http_scene import JOB, SENDS, UNMAPPED, Scene, api, is_problem, pointers

JOBS = "/v1/tenants/cardinal/jobs"
BY_NUMBER = {"job_number": JOB.number, "connection": "main"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def test_a_job_is_found_with_its_sends(scene: Scene) -> None:
    sends = [await scene.send(), await scene.send()]
    [found] = (await scene.call("GET", f"{JOBS}?job_number={JOB.number}")).body["items"]
    assert (found["job_id"], found["job_number"], found["customer"]) == (JOB.id, JOB.number, "Harborview Foods")
    assert [one["id"] for one in found["sends"]] == sends[::-1]
    assert not found["more_sends"]


async def test_a_number_that_was_given_twice_shows_both_and_sends_neither(scene: Scene) -> None:
    await scene.add_job(replace(UNMAPPED, number=JOB.number))
    found = (await scene.call("GET", f"{JOBS}?job_number={JOB.number}")).body["items"]
    assert {one["job_id"] for one in found} == {JOB.id, UNMAPPED.id}
    refused = await scene.call("POST", SENDS, BY_NUMBER)
    assert is_problem(refused, 409, "JOB_NUMBER_AMBIGUOUS")
    assert JOB.id in refused.body["detail"]
    assert "by its id" in refused.body["fix"]
    assert (await scene.call("GET", SENDS)).body["items"] == []


async def test_an_unknown_number_says_what_to_do(scene: Scene) -> None:
    for answer in (
        await scene.call("GET", f"{JOBS}?job_number=999999"),
        await scene.call("POST", SENDS, {**BY_NUMBER, "job_number": "999999"}),
    ):
        assert is_problem(answer, 404, "JOB_NOT_FOUND")
        assert "Check the number" in answer.body["fix"]


async def test_a_job_is_sent_by_its_number(scene: Scene) -> None:
    asked = await scene.call("POST", SENDS, BY_NUMBER)
    assert (asked.status, asked.body["job_id"]) == (202, JOB.id)
    await scene.work()
    found = (await scene.call("GET", f"{SENDS}?job_number={JOB.number}")).body["items"]
    assert [(one["id"], one["state"]) for one in found] == [(asked.body["id"], "sent")]
    assert (await scene.call("GET", f"{SENDS}?job_number=10448")).body["items"] == []


@pytest.mark.parametrize("body", [{}, {"job_id": JOB.id, "job_number": JOB.number}])
async def test_a_send_names_its_job_in_one_way(scene: Scene, body: dict[str, str]) -> None:
    refused = await scene.call("POST", SENDS, {**body, "connection": "main"})
    assert is_problem(refused, 422, "BAD_INPUT")
    assert "either job_id or job_number" in refused.body["detail"]


@pytest.mark.parametrize("number", ["", " ", "1" * 41, "12\n3"])
async def test_a_number_that_cannot_be_one_is_refused(scene: Scene, number: str) -> None:
    assert pointers(await scene.call("POST", SENDS, {**BY_NUMBER, "job_number": number})) == ["/job_number"]


async def test_a_repeated_request_needs_no_servicetrade_and_no_unambiguous_number(scene: Scene) -> None:
    """What was asked for once is known, whatever becomes of the number afterwards."""
    key = {"Idempotency-Key": "4711"}
    first = await scene.call("POST", SENDS, BY_NUMBER, headers=key)
    await scene.add_job(replace(UNMAPPED, number=JOB.number))
    scene.service_trade.fail_next(TimeMends("away"), call="find_job_ids")
    again = await scene.call("POST", SENDS, BY_NUMBER, headers=key)
    assert (again.body["id"], again.headers["Idempotent-Replayed"]) == (first.body["id"], "true")
    other = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "main"}, headers=key)
    assert is_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_while_servicetrade_is_away_nothing_is_sent_by_number_and_the_sends_are_still_found(scene: Scene) -> None:
    await scene.send()
    await scene.work()
    scene.service_trade.fail_next(TimeMends("away", code="ST_UNREACHABLE"), call="find_job_ids")
    assert is_problem(await scene.call("POST", SENDS, BY_NUMBER), 503, "ST_UNREACHABLE")
    assert len((await scene.call("GET", f"{SENDS}?job_number={JOB.number}")).body["items"]) == 1


async def test_another_tenants_sends_and_jobs_are_not_found(scene: Scene) -> None:
    await scene.send()
    await scene.work()
    other = {"slug": "other", "name": "Other", "servicetrade": {"username": "a@example.com", "password": "pw"}}
    await scene.call("POST", "/v1/tenants", other)
    assert (await scene.call("GET", f"/v1/tenants/other/jobs?job_number={JOB.number}")).status == 404
    assert (await scene.call("GET", f"/v1/tenants/other/sends?job_number={JOB.number}")).body["items"] == []


@pytest.mark.parametrize(
    ("include", "given"),
    [
        ("attempts", {"attempts"}),
        ("attempts,lines", {"attempts", "lines"}),
        ("plan", {"plan"}),
        ("", set()),
        (None, {"attempts", "lines", "plan"}),
    ],
)
async def test_a_send_shows_only_the_parts_that_are_asked_for(
    scene: Scene, include: str | None, given: set[str]
) -> None:
    send = await scene.send()
    await scene.work()
    query = "" if include is None else f"?include={include}"
    shown = (await scene.call("GET", f"{SENDS}/{send}{query}")).body
    assert {part for part in ("attempts", "lines", "plan") if shown[part] is not None} == given
    assert shown["state"] == "sent"


async def test_an_unknown_part_is_refused(scene: Scene) -> None:
    refused = await scene.call("GET", f"{SENDS}/{await scene.send()}?include=secrets")
    assert pointers(refused) == ["/include"]
    assert "attempts, lines, plan" in refused.body["detail"]
