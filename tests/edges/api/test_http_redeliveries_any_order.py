"""Events, posts, questions, pauses, removals and time in any order: each event reaches its own program, and what was
asked for again is posted again."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.http_scene import TENANT, UNMAPPED, Scene, api

ACTS = (
    "event",
    "post",
    "post fails",
    "again",
    "all again",
    "pause",
    "resume",
    "rotate",
    "new address",
    "time",
    "remove",
)


class Office:
    """Two tenants with an endpoint each. What is asked of one is never seen by the other."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ids: dict[str, str] = {}
        self.addresses: dict[str, set[str]] = {"cardinal": set(), "other": set()}
        self.owed: Counter[str] = Counter()
        """Posts that an event must have got once all is delivered: one, and one for each time it was asked for."""

    async def begin(self) -> None:
        await self.scene.furnish()
        await self.scene.call("POST", "/v1/tenants", {**TENANT, "slug": "other"})
        for slug in self.addresses:
            await self.add(slug)

    async def add(self, slug: str) -> None:
        url = f"https://{slug}.example.com/{len(self.addresses[slug])}"
        made = await self.scene.call("POST", f"/v1/tenants/{slug}/webhook-endpoints", {"url": url})
        self.ids[slug], self.addresses[slug] = made.body["id"], {*self.addresses[slug], url}

    async def act(self, name: str, number: int) -> None:
        scene, here = self.scene, f"/v1/tenants/cardinal/webhook-endpoints/{self.ids['cardinal']}"
        match name:
            case "event":
                await scene.send(UNMAPPED)
                await scene.work()
            case "post" | "post fails":
                scene.webhook_sender.answers[:] = [500] if name == "post fails" else []
                await self.post()
            case "again" | "all again":
                known = (await scene.call("GET", f"{here}/deliveries?limit=200")).body["items"]
                tried = [one for one in known if one["tries"] or one["state"] != "pending"]
                if name == "again":
                    tried = tried[number % len(tried) :][:1] if tried else []
                body: Any = {"event_id": tried[0]["event_id"]} if name == "again" and tried else {"since": "2026-03-01"}
                if name == "all again" or tried:
                    asked = await scene.call("POST", f"{here}/redeliveries", body)
                    assert asked.body["deliveries"] == len(tried), asked.text
                    wrong = f"/v1/tenants/other/webhook-endpoints/{self.ids['cardinal']}/redeliveries"
                    assert (await scene.call("POST", wrong, body)).status == 404
                for one in tried:
                    self.owed[one["event_id"]] = self.posted()[one["event_id"]] + 1
            case "pause" | "resume":
                await scene.call("PATCH", here, {"paused": name == "pause"})
            case "rotate":
                await scene.call("POST", f"{here}/rotate-secret")
            case "new address":
                url = f"https://cardinal.example.com/{len(self.addresses['cardinal'])}"
                self.addresses["cardinal"].add(url)
                await scene.call("PATCH", here, {"url": url})
            case "time":
                scene.clock.advance(60 * (number + 1))
            case "remove":
                gone = {
                    one["event_id"] for one in (await scene.call("GET", f"{here}/deliveries?limit=200")).body["items"]
                }
                await scene.call("DELETE", here)
                for event in gone:
                    del self.owed[event]
                await self.add("cardinal")

    async def post(self) -> None:
        tenant = await self.scene.use_cases.find_tenant("cardinal")
        await self.scene.deliver(tenant.id, self.ids["cardinal"])

    def posted(self) -> Counter[str]:
        return Counter(one.headers["webhook-id"] for one in self.scene.webhook_sender.received)

    async def end(self) -> None:
        """Everything that is still to be posted is posted, and arrives."""
        self.scene.webhook_sender.answers.clear()
        await self.act("resume", 0)
        for _ in range(3):
            self.scene.clock.advance(86_400)
            await self.post()
        here = f"/v1/tenants/cardinal/webhook-endpoints/{self.ids['cardinal']}"
        known = (await self.scene.call("GET", f"{here}/deliveries?limit=200")).body["items"]
        assert {one["state"] for one in known} <= {"delivered"}
        posted = self.posted()
        for one in known:
            self.owed[one["event_id"]] = max(self.owed[one["event_id"]], 1)
        assert all(posted[event] >= count for event, count in self.owed.items())
        assert {one.url for one in self.scene.webhook_sender.received} <= self.addresses["cardinal"]
        for one in self.scene.webhook_sender.received:
            earlier = self.scene.webhook_sender.received[: self.scene.webhook_sender.received.index(one)]
            if "jobferry-redelivered" in one.headers:
                assert one.headers["webhook-id"] in {other.headers["webhook-id"] for other in earlier}


@pytest.mark.long
@pytest.mark.timeout(120)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), max_size=25))
def test_in_any_order_what_was_asked_for_is_posted_to_its_own_program(acts: list[tuple[str, int]]) -> None:
    async def run() -> None:
        async with api() as scene:
            office = Office(scene)
            await office.begin()
            for name, number in acts:
                await office.act(name, number)
            await office.end()

    asyncio.run(run())
