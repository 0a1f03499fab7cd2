"""Webhook events that are posted again by hand: signed anew, marked, to nobody else, whatever comes between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from core.model.shared.secret import Secret
from core.model.webhooks.event import DELAYS
from core.model.webhooks.webhook_endpoint import signed_headers
from ports.webhook_sender import Posted
from tests.support.http_scene import TENANT, UNMAPPED, Answer, Scene, api, is_problem, pointers

T = "/v1/tenants/cardinal"
ENDPOINTS = f"{T}/webhook-endpoints"
MARK = "jobferry-redelivered"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def endpoint(scene: Scene, url: str = "https://hooks.example.com/jobferry") -> Mapping[str, Any]:
    body: Mapping[str, Any] = (await scene.call("POST", ENDPOINTS, {"url": url})).body
    return body


async def an_event(scene: Scene, endpoint_id: str) -> str:
    """A send ends, and its event is delivered once. Returns the event's id."""
    await scene.send(UNMAPPED)
    await scene.work()
    await deliver(scene, endpoint_id)
    return str((await scene.call("GET", f"{ENDPOINTS}/{endpoint_id}/deliveries")).body["items"][0]["event_id"])


async def deliver(scene: Scene, endpoint_id: str) -> None:
    await scene.deliver((await scene.use_cases.find_tenant("cardinal")).id, endpoint_id)


async def again(scene: Scene, endpoint_id: str, **body: Any) -> Answer:
    return await scene.call("POST", f"{ENDPOINTS}/{endpoint_id}/redeliveries", body)


async def deliveries(scene: Scene, endpoint_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await scene.call("GET", f"{ENDPOINTS}/{endpoint_id}/deliveries")).body["items"]
    return found


async def test_one_event_is_posted_again_with_its_id_a_new_signature_and_a_mark(scene: Scene) -> None:
    made = await endpoint(scene)
    event = await an_event(scene, made["id"])
    [first] = scene.webhook_sender.received
    scene.clock.advance(3600)
    fresh = (await scene.call("POST", f"{ENDPOINTS}/{made['id']}/rotate-secret")).body["secret"]
    asked = await again(scene, made["id"], event_id=event)
    assert (asked.status, asked.body) == (202, {"deliveries": 1, "paused": False})
    await deliver(scene, made["id"])
    second = scene.webhook_sender.received[1]
    assert MARK not in first.headers
    assert second.headers[MARK] == "true"
    assert (second.url, second.body, second.headers["webhook-id"]) == (first.url, first.body, event)
    signed = signed_headers(event, scene.clock.now(), second.body, [Secret(fresh), Secret(made["secret"])])
    assert signed.items() <= second.headers.items()
    [shown] = await deliveries(scene, made["id"])
    assert (shown["state"], shown["tries"], shown["redelivered_at"]) == ("delivered", 1, "2026-03-02T10:00:00Z")
    [entry] = [
        entry
        for entry in (await scene.call("GET", f"{T}/audit")).body["items"]
        if entry["action"] == "webhook_endpoint.redelivered"
    ]
    assert (entry["subject"], entry["detail"]) == (made["id"], {"event": event, "deliveries": "1"})


async def test_all_events_since_a_moment_are_posted_again_in_their_order(scene: Scene) -> None:
    made = await endpoint(scene)
    events = []
    for _ in range(4):
        events.append(await an_event(scene, made["id"]))
        scene.clock.advance(3600)
    assert (await again(scene, made["id"], since="2026-03-02T10:00:00Z", until="2026-03-02T12:00:00Z")).body == {
        "deliveries": 2,
        "paused": False,
    }
    del scene.webhook_sender.received[:]
    await deliver(scene, made["id"])
    assert [post.headers["webhook-id"] for post in scene.webhook_sender.received] == events[1:3]
    assert (await again(scene, made["id"], since="2026-03-02")).body["deliveries"] == 4, "a day begins at midnight"


async def test_only_failed_ones_if_wanted(scene: Scene) -> None:
    made = await endpoint(scene)
    scene.webhook_sender.answers.append(410)
    lost = await an_event(scene, made["id"])
    await scene.call("PATCH", f"{ENDPOINTS}/{made['id']}", {"paused": False})
    await an_event(scene, made["id"])
    assert (await again(scene, made["id"], since="2026-03-02", only_failed=True)).body["deliveries"] == 1
    del scene.webhook_sender.received[:]
    await deliver(scene, made["id"])
    assert [post.headers["webhook-id"] for post in scene.webhook_sender.received] == [lost]


async def test_a_redelivery_that_fails_is_tried_as_often_as_a_new_one(scene: Scene) -> None:
    made = await endpoint(scene)
    event = await an_event(scene, made["id"])
    await again(scene, made["id"], event_id=event)
    scene.webhook_sender.answers.append(500)
    await deliver(scene, made["id"])
    [shown] = await deliveries(scene, made["id"])
    pause = DELAYS.after(1)
    assert pause is not None
    assert (shown["state"], shown["tries"]) == ("pending", 1)
    scene.clock.advance(pause.total_seconds())
    await deliver(scene, made["id"])
    assert (await deliveries(scene, made["id"]))[0]["state"] == "delivered"
    assert [MARK in post.headers for post in scene.webhook_sender.received] == [False, True, True]


async def test_asking_twice_before_it_is_posted_posts_it_once(scene: Scene) -> None:
    made = await endpoint(scene)
    event = await an_event(scene, made["id"])
    counts = [(await again(scene, made["id"], event_id=event)).body["deliveries"] for _ in range(2)]
    await deliver(scene, made["id"])
    assert (counts, len(scene.webhook_sender.received)) == ([1, 0], 2)


async def test_asked_for_while_the_event_is_being_posted_it_is_posted_once_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result of the post under way is of before the question, so it does not answer it."""
    made = await endpoint(scene)
    event = await an_event(scene, made["id"])
    await again(scene, made["id"], event_id=event)
    scene.webhook_sender.answers.append(500)
    await deliver(scene, made["id"])
    scene.clock.advance(5)
    post, asked = MemoryWebhookSender.post, list[int]()

    async def beside(*given: Any) -> Posted:
        if not asked:
            asked.append((await again(scene, made["id"], event_id=event)).body["deliveries"])
        return await post(*given)

    monkeypatch.setattr(MemoryWebhookSender, "post", beside)
    await deliver(scene, made["id"])
    assert asked == [1]
    assert len(scene.webhook_sender.received) == 4
    assert (await deliveries(scene, made["id"]))[0]["state"] == "delivered"


async def test_an_endpoint_removed_in_the_middle_gets_nothing_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await endpoint(scene)
    for _ in range(3):
        await an_event(scene, made["id"])
    await again(scene, made["id"], since="2026-03-02")
    del scene.webhook_sender.received[:]
    post = MemoryWebhookSender.post

    async def removes(*given: Any) -> Posted:
        assert (await scene.call("DELETE", f"{ENDPOINTS}/{made['id']}")).status == 204
        return await post(*given)

    monkeypatch.setattr(MemoryWebhookSender, "post", removes)
    await deliver(scene, made["id"])
    assert len(scene.webhook_sender.received) == 1
    assert is_problem(await again(scene, made["id"], since="2026-03-02"), 404, "WEBHOOK_ENDPOINT_NOT_FOUND")


async def test_while_an_endpoint_is_paused_they_wait_and_the_answer_says_so(scene: Scene) -> None:
    made = await endpoint(scene)
    event = await an_event(scene, made["id"])
    await scene.call("PATCH", f"{ENDPOINTS}/{made['id']}", {"paused": True})
    assert (await again(scene, made["id"], event_id=event)).body == {"deliveries": 1, "paused": True}
    await deliver(scene, made["id"])
    assert len(scene.webhook_sender.received) == 1
    await scene.call("PATCH", f"{ENDPOINTS}/{made['id']}", {"paused": False, "url": "https://hooks.example.com/new"})
    await deliver(scene, made["id"])
    assert scene.webhook_sender.received[1].url == "https://hooks.example.com/new"


async def test_neither_another_tenant_nor_another_endpoint_posts_it(scene: Scene) -> None:
    made, beside = await endpoint(scene), await endpoint(scene, "https://other.example.com/hook")
    event = await an_event(scene, made["id"])
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "other"})
    wrong = f"/v1/tenants/other/webhook-endpoints/{made['id']}/redeliveries"
    for body in ({"event_id": event}, {"since": "2026-03-02"}):
        assert is_problem(await scene.call("POST", wrong, body), 404, "WEBHOOK_ENDPOINT_NOT_FOUND")
    await scene.call("PATCH", f"{ENDPOINTS}/{beside['id']}", {"events": ["send.succeeded"]})
    assert is_problem(await again(scene, beside["id"], event_id="evt_none"), 404, "DELIVERY_NOT_FOUND")


async def test_test_events_and_forgotten_ones_are_not_posted_again(scene: Scene) -> None:
    made = await endpoint(scene)
    tried = (await scene.call("POST", f"{ENDPOINTS}/{made['id']}/test")).body
    assert is_problem(await again(scene, made["id"], event_id=tried["event_id"]), 404, "DELIVERY_NOT_FOUND")
    event = await an_event(scene, made["id"])
    assert (await again(scene, made["id"], since="2026-03-02")).body["deliveries"] == 1
    scene.clock.advance(timedelta(days=31).total_seconds())
    while await scene.keep_retention():
        pass
    assert is_problem(await again(scene, made["id"], event_id=event), 404, "DELIVERY_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_id": "evt_1", "since": "2026-03-02"},
        {"event_id": "evt_1", "only_failed": True},
        {"until": "2026-03-02"},
    ],
)
async def test_one_way_to_choose_is_named(scene: Scene, body: dict[str, Any]) -> None:
    made = await endpoint(scene)
    assert is_problem(await again(scene, made["id"], **body), 422, "BAD_INPUT")
    assert pointers(await again(scene, made["id"], since="yesterday")) == ["/since"]


async def test_it_needs_the_right_to_manage(scene: Scene) -> None:
    made = await endpoint(scene)
    key = (await scene.call("POST", f"{T}/keys", {"name": "r", "scopes": ["read", "send"]})).body["key"]
    path = f"{ENDPOINTS}/{made['id']}/redeliveries"
    assert is_problem(await scene.call("POST", path, {"since": "2026-03-02"}, key=key), 403, "SCOPE_MISSING")
