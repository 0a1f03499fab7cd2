"""Webhook endpoints from the first call to the last try: over the API, signed, on a clock that a test moves."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest
import structlog

from adapters.inbound.schema.events import EVENTS
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.sending.answer import NotSent, NotSentReason
from core.model.webhooks.event import EventType, trial_event
from core.services.webhooks.deliver_events import DeliverEvents
from ports.storage.due_work import WorkKind
from ports.webhook_sender import Posted, WebhookSender
from tests.support.api_document import DOCUMENT
from tests.support.dependencies import over
from tests.support.http_scene import JOB, SECRETS, UNMAPPED, Scene, api, is_problem, pointers
from tests.support.receiver import receiver

HOOKS = "/v1/tenants/cardinal/webhook-endpoints"
URL = "https://hooks.example.com/jobferry"
PAUSES = [5, 300, 1800, 7200, 18_000, 36_000, 50_400]
DAY = 86_400


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def serving(scene: Scene, sender: WebhookSender) -> DeliverEvents:
    return DeliverEvents(replace(over(scene.transactions), webhook_sender=sender, clock=scene.clock))


async def add(scene: Scene, url: str = URL, **more: Any) -> dict[str, Any]:
    answer = await scene.call("POST", HOOKS, {"url": url, **more})
    assert answer.status == 201, answer.text
    assert answer.headers["Location"] == f"{HOOKS}/{answer.body['id']}"
    made: dict[str, Any] = answer.body
    return made


async def shown(scene: Scene, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await scene.call("GET", f"{HOOKS}/{made['id']}")).body
    return found


async def deliveries(scene: Scene, made: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await scene.call("GET", f"{HOOKS}/{made['id']}/deliveries")).body["items"]
    return found


async def test_who_may_only_read_does_not_see_the_query_of_an_address(scene: Scene) -> None:
    """It may hold the receiver's secret, such as a token."""
    made = await add(scene, f"{URL}?token=theirs")
    seen = {}
    for scope in ("read", "manage"):
        body = {"name": scope, "scopes": ["read", scope]}
        key = (await scene.call("POST", "/v1/tenants/cardinal/keys", body)).body["key"]
        one = (await scene.call("GET", f"{HOOKS}/{made['id']}", key=key)).body
        [listed] = (await scene.call("GET", HOOKS, key=key)).body["items"]
        assert one == listed
        seen[scope] = one["url"]
    assert seen == {"read": URL, "manage": f"{URL}?token=theirs"}


async def deliver(scene: Scene) -> None:
    """What the worker does with whoever is due."""
    rows = scene.transactions.rows
    for (kind, endpoint_id), due_at in list(rows.due_work.items()):
        if kind is WorkKind.DELIVERY and due_at <= scene.clock.at:
            await scene.deliver(rows.webhook_endpoints[endpoint_id].endpoint.tenant_id, endpoint_id)


async def test_a_send_arrives_signed_on_a_real_socket(scene: Scene) -> None:
    sender = AiohttpWebhookSender(allowed_networks=(ip_network("127.0.0.0/8"),))
    async with receiver() as hook:
        made = await add(scene, hook.url)
        send_id = await scene.send()
        await scene.work()
        await serving(scene, sender)(made_tenant(scene), made["id"])
    [arrived] = hook.arrived
    assert arrived.signed_with(made["secret"])
    assert not arrived.signed_with("whsec_" + "A" * 43 + "=")
    assert arrived.headers["webhook-timestamp"] == str(int(scene.clock.at.timestamp()))
    assert arrived.document == {
        "type": "send.succeeded",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {
            "send_id": send_id,
            "state": "sent",
            "connection": "main",
            "job_id": JOB.id,
            "job_number": "104482",
            "work_order_number": "T104482",
            "requested_at": "2026-03-02T09:00:00Z",
            "requested_by": "operator:scene",
            "progress": {
                "sentence": "Work order T104482 is in Spectrum, and its number is on the job in ServiceTrade.",
                "work_order": "done",
                "items": None,
                "tasks": None,
                "number": "done",
            },
            "findings": [],
        },
    }
    assert as_described(arrived.document) == arrived.document
    [delivery] = await deliveries(scene, made)
    assert delivery == {
        "event_id": arrived.headers["webhook-id"],
        "event": "send.succeeded",
        "state": "delivered",
        "status": 204,
        "detail": "HTTP 204",
        "tries": 1,
        "created_at": "2026-03-02T09:00:00Z",
        "last_try_at": "2026-03-02T09:00:00Z",
        "next_try_at": None,
        "redelivered_at": None,
    }


def as_described(event: dict[str, Any]) -> dict[str, Any]:
    """What a program sees that reads an event by the API's document."""
    return EVENTS[EventType(event["type"])][1].model_validate(event).model_dump(mode="json")


def test_every_event_is_described() -> None:
    described = {kind: one["post"] for kind, one in DOCUMENT["webhooks"].items()}
    assert described.keys() == set(EventType)
    event = trial_event("evt_1", datetime(2026, 3, 2, 9, tzinfo=UTC), "whe_1")
    assert as_described(json.loads(event.body)) == json.loads(event.body)


def made_tenant(scene: Scene) -> str:
    [tenant_id] = scene.transactions.rows.tenants
    return tenant_id


async def test_a_failed_send_tells_its_findings(scene: Scene) -> None:
    await add(scene)
    await scene.send(UNMAPPED)
    await scene.work()
    await deliver(scene)
    [got] = scene.webhook_sender.received
    event = json.loads(got.body)
    assert (event["type"], event["data"]["state"]) == ("send.failed", "needs_attention")
    assert event["data"]["findings"][0].keys() == {"code", "severity", "message"}
    assert event["data"]["findings"][0]["severity"] == "blocker"


async def test_a_held_connection_is_told_once_as_long_as_it_lasts(scene: Scene) -> None:
    made = await add(scene)
    unreachable = NotSent(NotSentReason.REFUSED, "connection refused")
    scene.spectrum.answer_next(unreachable, unreachable)
    await scene.send()
    await scene.work()
    scene.clock.advance(61)
    [connection_id] = scene.transactions.rows.connections
    await scene.drain(connection_id)
    held = [one["event"] for one in await deliveries(scene, made)]
    assert held == ["connection.held"]
    assert scene.spectrum.calls[1:], "it was tried twice"
    scene.clock.advance(DAY)
    await scene.drain(connection_id)
    assert [one["event"] for one in await deliveries(scene, made)] == ["send.succeeded", "connection.held"]


async def test_nobody_hears_of_what_he_did_not_ask_for(scene: Scene) -> None:
    failures, everything = await add(scene, events=["send.failed"]), await add(scene)
    await scene.send()
    await scene.work()
    assert await deliveries(scene, failures) == []
    assert len(await deliveries(scene, everything)) == 1


async def test_each_repeat_waits_its_time_and_carries_the_same_id(scene: Scene) -> None:
    scene.webhook_sender.status = 500
    made = await add(scene)
    await scene.send()
    await scene.work()
    await deliver(scene)
    for count, pause in enumerate(PAUSES, start=1):
        [one] = await deliveries(scene, made)
        assert (one["state"], one["tries"], one["status"]) == ("pending", count, 500)
        scene.clock.advance(pause - 1)
        await deliver(scene)
        assert len(scene.webhook_sender.received) == count, f"too early for try {count + 1}"
        scene.clock.advance(1)
        await deliver(scene)
        assert len(scene.webhook_sender.received) == count + 1
    [one] = await deliveries(scene, made)
    assert (one["state"], one["tries"], one["next_try_at"]) == ("failed", 8, None)
    scene.clock.advance(DAY)
    await deliver(scene)
    received = scene.webhook_sender.received
    assert len(received) == 8
    assert len({one.headers["webhook-id"] for one in received}) == len({one.body for one in received}) == 1
    assert len({one.headers["webhook-timestamp"] for one in received}) == 8


async def test_a_success_after_a_failure_ends_it(scene: Scene) -> None:
    scene.webhook_sender.answers = [None, 302]
    made = await add(scene)
    await scene.send()
    await scene.work()
    await deliver(scene)
    assert (await shown(scene, made))["failing_since"] == "2026-03-02T09:00:00Z"
    for pause in PAUSES[:2]:
        scene.clock.advance(pause)
        await deliver(scene)
    [one] = await deliveries(scene, made)
    assert (one["state"], one["tries"], one["status"]) == ("delivered", 3, 200)
    assert (await shown(scene, made))["failing_since"] is None


async def test_gone_pauses_the_endpoint_and_events_wait_until_it_goes_on(scene: Scene) -> None:
    scene.webhook_sender.answers = [410]
    made = await add(scene)
    await scene.send()
    await scene.work()
    await deliver(scene)
    state = await shown(scene, made)
    assert state["paused"]
    assert "410" in state["paused_reason"]
    assert [one["state"] for one in await deliveries(scene, made)] == ["failed"]
    await scene.send(UNMAPPED)
    await scene.work()
    await deliver(scene)
    assert len(scene.webhook_sender.received) == 1, "it hears nothing while it is paused"
    resumed = await scene.call("PATCH", f"{HOOKS}/{made['id']}", {"paused": False})
    assert (resumed.body["paused"], resumed.body["paused_reason"], resumed.body["failing_since"]) == (False, "", None)
    await deliver(scene)
    assert len(scene.webhook_sender.received) == 2, "what waited goes out"


@pytest.mark.parametrize("once_well", [False, True])
async def test_five_days_without_a_success_pause_the_endpoint(scene: Scene, once_well: bool) -> None:
    log = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    scene.webhook_sender.status = 503
    made = await add(scene)
    for day in range(6):
        if day == 5:
            assert not (await shown(scene, made))["paused"]
        await scene.send()
        await scene.work()
        if day == 3 and once_well:
            scene.webhook_sender.answers = [200]
        await deliver(scene)
        scene.clock.advance(DAY)
    structlog.reset_defaults()
    state = await shown(scene, made)
    assert state["paused"] is not once_well
    assert (state["paused_reason"] == "Every delivery since 2 Mar 2026, 09:00 UTC failed.") is not once_well
    assert ("webhook_endpoint.paused" in log.getvalue()) is not once_well


async def test_while_a_secret_rotates_both_sign_and_after_a_day_the_new_one_only(scene: Scene) -> None:
    async with receiver() as hook:
        sender = AiohttpWebhookSender(allowed_networks=(ip_network("127.0.0.0/8"),))
        serve = serving(scene, sender)
        old = await add(scene, hook.url)
        new = (await scene.call("POST", f"{HOOKS}/{old['id']}/rotate-secret")).body
        assert new["secret"] != old["secret"]
        for seconds in (DAY - 1, 1):
            scene.clock.advance(seconds)
            await scene.send()
            await scene.work()
            await serve(made_tenant(scene), old["id"])
    before, after = hook.arrived
    assert (before.signed_with(old["secret"]), before.signed_with(new["secret"])) == (True, True)
    assert (after.signed_with(old["secret"]), after.signed_with(new["secret"])) == (False, True)


async def test_a_test_event_is_posted_at_once_once_and_also_while_paused(scene: Scene) -> None:
    made = await add(scene, events=["send.failed"])
    await scene.call("PATCH", f"{HOOKS}/{made['id']}", {"paused": True})
    first = await scene.call("POST", f"{HOOKS}/{made['id']}/test")
    assert (first.status, first.body["event"], first.body["state"]) == (200, "endpoint.test", "delivered")
    scene.webhook_sender.status = 500
    second = (await scene.call("POST", f"{HOOKS}/{made['id']}/test")).body
    assert (second["state"], second["status"], second["next_try_at"]) == ("failed", 500, None)
    assert [one["event_id"] for one in await deliveries(scene, made)] == [second["event_id"], first.body["event_id"]]
    assert (await shown(scene, made))["failing_since"] is None
    scene.clock.advance(DAY)
    await deliver(scene)
    assert len(scene.webhook_sender.received) == 2


async def test_deliveries_are_kept_for_thirty_days(scene: Scene) -> None:
    made = await add(scene)
    await scene.send()
    await scene.work()
    await deliver(scene)
    scene.clock.advance(30 * DAY)
    await scene.keep_retention()
    assert len(await deliveries(scene, made)) == 1
    scene.clock.advance(1)
    await scene.keep_retention()
    assert await deliveries(scene, made) == []


async def test_the_secret_is_in_the_answer_that_made_it_and_nowhere_else(scene: Scene) -> None:
    log = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    made = await add(scene)
    where = f"{HOOKS}/{made['id']}"
    rotated = (await scene.call("POST", where + "/rotate-secret")).body["secret"]
    await scene.send(UNMAPPED)
    await scene.work()
    await deliver(scene)
    calls = [
        ("GET", HOOKS, None),
        ("GET", where, None),
        ("PATCH", where, {"description": "x"}),
        ("POST", where + "/test", None),
        ("GET", where + "/deliveries", None),
    ]
    told = "".join([(await scene.call(method, path, body)).text for method, path, body in calls])
    sent = "".join(f"{one.body!r}{one.headers}" for one in scene.webhook_sender.received)
    structlog.reset_defaults()
    assert "delivery.tried" in log.getvalue()
    for secret in (made["secret"], rotated):
        assert secret.startswith("whsec_")
        assert secret.removeprefix("whsec_") not in told + sent + log.getvalue() + repr(scene.transactions.rows)
    assert not any(secret in sent for secret in SECRETS)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "ftp://hooks.example.com"}, "/url"),
        ({"url": "https://user:pw@hooks.example.com/"}, "/url"),
        ({"url": "https://hooks.example.com/#x"}, "/url"),
        ({"url": "https:///x"}, "/url"),
        ({"url": "https://hooks.example.com:99999/"}, "/url"),
        ({"url": "https://hooks.example.com/a b"}, "/url"),
        ({"url": "https://[::1/"}, "/url"),
        ({"url": "https://hooks.example.com/\u00e9"}, "/url"),
        ({"events": ["send.exploded"]}, "/events/0"),
        ({"events": ["endpoint.test"]}, "/events/0"),
        ({"description": "a\nb"}, "/description"),
        ({"colour": "blue"}, "/colour"),
    ],
)
async def test_what_cannot_be_an_endpoint_is_refused(scene: Scene, change: dict[str, object], pointer: str) -> None:
    made = await add(scene)
    for method, path, body in (("POST", HOOKS, {"url": URL} | change), ("PATCH", f"{HOOKS}/{made['id']}", change)):
        answer = await scene.call(method, path, body)
        assert (answer.status, pointers(answer)) == (422, [pointer]), answer.text
    assert (await shown(scene, made))["url"] == URL


async def test_an_address_that_may_not_be_called_is_refused_and_nothing_changes(scene: Scene) -> None:
    made = await add(scene)
    scene.webhook_sender.refused.add("http://10.0.0.1/")
    for method, path in (("POST", HOOKS), ("PATCH", f"{HOOKS}/{made['id']}")):
        assert is_problem(await scene.call(method, path, {"url": "http://10.0.0.1/"}), 422, "WEBHOOK_URL_REFUSED")
    listed = (await scene.call("GET", HOOKS)).body["items"]
    assert [one["url"] for one in listed] == [URL]


async def test_a_tenant_has_so_many_endpoints_and_no_more(scene: Scene) -> None:
    for _ in range(20):
        await add(scene)
    assert is_problem(await scene.call("POST", HOOKS, {"url": URL}), 409, "WEBHOOK_ENDPOINTS_FULL")


async def test_a_removed_endpoint_is_gone_with_what_was_on_its_way(scene: Scene) -> None:
    made = await add(scene)
    await scene.send()
    await scene.work()
    assert (await scene.call("DELETE", f"{HOOKS}/{made['id']}")).status == 204
    await scene.deliver(made_tenant(scene), made["id"])
    assert scene.webhook_sender.received == []
    for method, tail in (
        ("GET", ""),
        ("DELETE", ""),
        ("PATCH", ""),
        ("POST", "/test"),
        ("POST", "/rotate-secret"),
        ("GET", "/deliveries"),
    ):
        answer = await scene.call(method, f"{HOOKS}/{made['id']}{tail}")
        assert is_problem(answer, 404, "WEBHOOK_ENDPOINT_NOT_FOUND"), (method, tail)


async def test_the_pages_of_deliveries_go_on(scene: Scene) -> None:
    made = await add(scene)
    for _ in range(3):
        await scene.call("POST", f"{HOOKS}/{made['id']}/test")
    first = (await scene.call("GET", f"{HOOKS}/{made['id']}/deliveries?limit=2")).body
    rest = (await scene.call("GET", f"{HOOKS}/{made['id']}/deliveries?limit=2&cursor={first['next']}")).body
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    ids = [one["event_id"] for one in (*first["items"], *rest["items"])]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 3


async def test_a_connection_that_waits_for_a_person_is_told_beside_the_failed_send(scene: Scene) -> None:
    made = await add(scene)
    scene.spectrum.answer_next(NotSent(NotSentReason.ADDRESS_NOT_ALLOWED, "not allowed"))
    await scene.send()
    await scene.work()
    await deliver(scene)
    assert [one["event"] for one in await deliveries(scene, made)] == ["connection.held", "send.failed"]
    told = [json.loads(one.body) for one in scene.webhook_sender.received]
    assert [one["type"] for one in told] == ["send.failed", "connection.held"]
    for event in told:
        assert as_described(event) == event
    assert "hold" not in told[0]["data"]
    hold = told[1]["data"]["hold"]
    assert (hold["code"], hold["since"], hold["until"]) == ("ADDRESS_NOT_ALLOWED", "2026-03-02T09:00:00Z", None)


@dataclass
class Meanwhile(WebhookSender):
    """A receiver that answers 410, but not before a test has done something."""

    happens: Callable[[], Awaitable[object]]

    def check(self, url: str) -> None:
        raise NotImplementedError

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        await self.happens()
        return Posted(410, "HTTP 410")


async def test_what_an_address_answered_does_not_pause_the_one_that_replaced_it(scene: Scene) -> None:
    made = await add(scene)
    await scene.send()
    await scene.work()
    moved = Meanwhile(lambda: scene.call("PATCH", f"{HOOKS}/{made['id']}", {"url": URL + "/new"}))
    await serving(scene, moved)(made_tenant(scene), made["id"])
    state = await shown(scene, made)
    assert (state["url"], state["paused"], state["failing_since"]) == (URL + "/new", False, None)


async def test_an_endpoint_removed_during_a_post_is_no_error(scene: Scene) -> None:
    made = await add(scene)
    await scene.send()
    await scene.work()
    removed = Meanwhile(lambda: scene.call("DELETE", f"{HOOKS}/{made['id']}"))
    await serving(scene, removed)(made_tenant(scene), made["id"])
    assert (await scene.call("GET", HOOKS)).body["items"] == []


async def test_a_person_who_pauses_it_during_a_post_is_not_overruled(scene: Scene) -> None:
    made = await add(scene)
    await scene.send()
    await scene.work()
    paused = Meanwhile(lambda: scene.call("PATCH", f"{HOOKS}/{made['id']}", {"paused": True}))
    await serving(scene, paused)(made_tenant(scene), made["id"])
    state = await shown(scene, made)
    assert (state["paused"], state["paused_reason"]) == (True, "")
