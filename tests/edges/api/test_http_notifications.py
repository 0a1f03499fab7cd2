"""Recipients of notifications over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.http_scene import Scene, api, is_problem, pointers

BASE = "/v1/tenants/cardinal/notification-recipients"
HOOK = "https://hooks.example.com/services/PLANTED-secret-path"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def test_a_recipient_is_added_changed_tried_and_removed(scene: Scene) -> None:
    added = await scene.call("POST", BASE, {"channel": "mail", "address": "office@example.com"})
    assert added.status == 201
    assert added.headers["Location"] == f"{BASE}/{added.body['id']}"
    assert added.body["kinds"] == ["connection_held", "doubt", "client_secret", "digest"]
    assert added.body["next_digest_at"]
    one = added.headers["Location"]
    changed = await scene.call("PATCH", one, {"kinds": ["send_failed"], "quiet_from": 20, "quiet_until": 6})
    assert (changed.body["kinds"], changed.body["quiet_from"], changed.body["next_digest_at"]) == (
        ["send_failed"],
        20,
        None,
    )
    again = await scene.call("PATCH", one, {"quiet_from": None, "quiet_until": None, "paused": True})
    assert (again.body["kinds"], again.body["quiet_from"], again.body["paused"]) == (["send_failed"], None, True)
    assert (await scene.call("PATCH", one, {"paused": False})).body["paused"] is False
    tried = await scene.call("POST", f"{one}/test")
    assert (tried.body["kind"], tried.body["state"]) == ("test", "delivered")
    messages = await scene.call("GET", f"{one}/messages")
    assert [item["id"] for item in messages.body["items"]] == [tried.body["id"]]
    assert is_problem(await scene.call("POST", f"{one}/test"), 409, "NOTIFICATION_TEST_TOO_SOON")
    assert (await scene.call("DELETE", one)).status == 204
    assert is_problem(await scene.call("GET", one), 404, "NOTIFICATION_RECIPIENT_NOT_FOUND")


@pytest.mark.parametrize("channel", ["teams", "slack"])
async def test_a_channels_address_is_never_answered(scene: Scene, channel: str) -> None:
    added = await scene.call("POST", BASE, {"channel": channel, "address": HOOK})
    assert (added.status, added.body["address"]) == (201, "hooks.example.com")
    changed = await scene.call("PATCH", f"{BASE}/{added.body['id']}", {"address": HOOK + "2"})
    await scene.call("POST", f"{BASE}/{added.body['id']}/test")
    [received] = scene.webhook_sender.received
    assert received.url == HOOK + "2"
    everything = added.text + changed.text + (await scene.call("GET", BASE)).text
    assert "PLANTED" not in everything


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel": "mail", "address": "no address"}, "/email"),
        ({"channel": "mail", "address": "a@example.com\r\nBcc: b@example.com"}, "/email"),
        ({"channel": "teams", "address": "not an address"}, "/url"),
        ({"channel": "teams", "address": "https://user:pass@hooks.example.com/"}, "/url"),
        ({"channel": "mail", "address": "a@example.com", "kinds": ["test"]}, "/kinds/0"),
        ({"channel": "mail", "address": "a@example.com", "quiet_from": 3}, "/quiet_until"),
        ({"channel": "mail", "address": "a@example.com", "quiet_from": 6, "quiet_until": 8}, "/digest_hour"),
        ({"channel": "fax", "address": "a@example.com"}, "/channel"),
    ],
)
async def test_what_cannot_be_told_is_refused(scene: Scene, body: dict[str, object], pointer: str) -> None:
    refused = await scene.call("POST", BASE, body)
    assert refused.status in (400, 422)
    assert pointers(refused) == [pointer]
    assert (await scene.call("GET", BASE)).body["items"] == []


async def test_the_egress_rule_of_other_calls_applies_to_channels(scene: Scene) -> None:
    scene.webhook_sender.refused.add("http://10.0.0.1/hook")
    refused = await scene.call("POST", BASE, {"channel": "teams", "address": "http://10.0.0.1/hook"})
    assert is_problem(refused, 422, "WEBHOOK_URL_REFUSED")


async def test_a_tenant_has_at_most_twenty_and_an_address_stands_once(scene: Scene) -> None:
    for number in range(20):
        answer = await scene.call("POST", BASE, {"channel": "mail", "address": f"office{number}@example.com"})
        assert answer.status == 201
    one_more = {"channel": "mail", "address": "late@example.com"}
    assert is_problem(await scene.call("POST", BASE, one_more), 409, "NOTIFICATION_RECIPIENTS_FULL")
    await scene.call("DELETE", f"{BASE}/{answer.body['id']}")
    same = {"channel": "mail", "address": "OFFICE1@example.com"}
    assert is_problem(await scene.call("POST", BASE, same), 409, "NOTIFICATION_RECIPIENT_EXISTS")
