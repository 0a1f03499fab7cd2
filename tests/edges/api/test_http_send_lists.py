"""The filters of `GET .../sends`, and many sends cancelled by one call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.support.http_scene import UNMAPPED, Scene, api

SENDS = "/v1/tenants/cardinal/sends"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await running.send()
        await running.add_job(UNMAPPED)
        await running.send(UNMAPPED)
        await running.work()
        yield running


async def listed(scene: Scene, query: str) -> list[str]:
    answer = await scene.call("GET", f"{SENDS}?{query}")
    assert answer.status == 200, answer.body
    return [one["job_id"] for one in answer.body["items"]]


async def test_each_filter_selects_and_they_add_up(scene: Scene) -> None:
    failed, sent = await listed(scene, "")
    first = (await scene.call("GET", SENDS)).body["items"]
    assert first[1]["customer"] == "Harborview Foods"
    assert first[1]["cause"] is None
    assert first[0]["cause"] == "MAP_SITE_MISSING"
    day = first[0]["requested_at"][:10]
    for query, wanted in (
        ("cause=MAP_SITE_MISSING", [failed]),
        ("text=104482", [sent]),
        ("text=t104482", [sent]),
        ("text=harborview", [failed, sent]),
        ("text=harborview&state=sent", [sent]),
        (f"since={day}", [failed, sent]),
        (f"until={day}", []),
        (f"since={day}T00:00:00Z&cause=NOTHING", []),
        ("text=nobody", []),
    ):
        assert await listed(scene, query) == wanted, query


async def test_what_is_no_moment_is_refused_by_its_pointer(scene: Scene) -> None:
    for query, pointer in (
        ("since=yesterday", "/since"),
        ("until=2026-02-30", "/until"),
        ("since=2026-01-01T00:00:00", "/since"),
        ("until=9999-12-31", "/until"),
        ("since=0001-01-01", "/since"),
    ):
        answer = await scene.call("GET", f"{SENDS}?{query}")
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer), query


async def test_many_are_cancelled_and_others_are_left_out(scene: Scene) -> None:
    waiting = await scene.send(replace(UNMAPPED, id="2412087334600800"))
    ids = [one["id"] for one in (await scene.call("GET", SENDS)).body["items"]]
    answer = await scene.call("POST", f"{SENDS}/cancel", {"send_ids": [*ids, "snd_none"]})
    assert answer.status == 202
    assert answer.body["states"] == {"cancelled": 1}
    assert (await scene.call("GET", f"{SENDS}?state=cancelled")).body["items"][0]["job_id"] == "2412087334600800"
    again = await scene.call("POST", f"{SENDS}/cancel", {"send_ids": ids})
    assert (again.status, again.body["code"]) == (409, "NOTHING_TO_CANCEL")
    assert waiting
