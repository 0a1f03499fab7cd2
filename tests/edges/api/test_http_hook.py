"""ServiceTrade's events over a socket: 2xx only for what is stored, and the secret shows nowhere."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from adapters.inbound.api.servicetrade_hook import jobs_named_in
from adapters.inbound.server.limits import BODY_LIMIT
from core.model.shared.errors import TenantMends, TimeMends
from core.services.webhooks.servicetrade_webhook import LOOK_BACK
from ports.storage.completions import PollState
from ports.storage.due_work import WorkKind
from tests.support.http_scene import Scene, api, is_problem

T = "/v1/tenants/cardinal"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        yield scene


async def switch_on(scene: Scene) -> str:
    """The path that ServiceTrade would call."""
    answer = await scene.call("PUT", T + "/servicetrade-webhook")
    assert (answer.status, answer.body["on"]) == (200, True), answer.text
    [hook] = scene.service_trade.hooks.values()
    return hook.url.removeprefix("https://jobferry.example.com")


def event(*ids: object, kind: object = "job") -> dict[str, object]:
    data = [
        {"action": "updated", "timestamp": 1795180320, "userId": 1, "entity": {"type": kind, "id": one, "uri": "x"}}
        for one in ids
    ]
    return {"messageId": "m", "timestamp": "1795180320", "data": data}


def completions_due(scene: Scene) -> list[datetime]:
    due = scene.transactions.rows.due_work
    return [moment for (kind, _), moment in due.items() if kind is WorkKind.COMPLETIONS]


def hinted(scene: Scene) -> list[str]:
    return sorted(job_id for _, job_id in scene.transactions.rows.job_changes)


async def test_an_event_is_stored_as_a_hint_before_it_is_answered(scene: Scene) -> None:
    hook = await switch_on(scene)
    answer = await scene.call("POST", hook, event("7", 8), key=None)
    assert (answer.status, answer.text) == (204, "")
    assert hinted(scene) == ["7", "8"]
    assert completions_due(scene) == [scene.clock.at]


@pytest.mark.parametrize("kind", ["location", "jobitem", 5, 23])
async def test_events_of_other_things_are_answered_and_forgotten(scene: Scene, kind: object) -> None:
    hook = await switch_on(scene)
    assert (await scene.call("POST", hook, event(7, kind=kind), key=None)).status == 204
    assert hinted(scene) == []


async def test_an_event_that_cannot_be_read_makes_us_ask_for_all_jobs(scene: Scene) -> None:
    hook = await switch_on(scene)
    odd_id = b'{"data": [{"entity": {"type": "job", "id": "7; DROP"}}]}'
    tenant = await scene.use_cases.find_tenant("cardinal")
    for asked, body in enumerate((b"{", b"[]", b'{"data": 7}', odd_id, b"x" * BODY_LIMIT * 2)):
        async with scene.transactions.begin(tenant.id) as t:
            await t.completions.poll_succeeded(PollState(version=asked), scene.clock.at, scene.clock.at)
            await t.completions.set_due(None, only_earlier=False)
        async with scene.http.post(scene.url + hook, data=io.BytesIO(body)) as answer:
            assert answer.status == 204, body[:40]
        assert completions_due(scene) == [scene.clock.at]
        [poll] = scene.transactions.rows.polls.values()
        assert poll == PollState(until=scene.clock.at - LOOK_BACK, version=asked + 1)
    assert hinted(scene) == []


async def test_an_address_that_is_not_ours_is_not_there(scene: Scene) -> None:
    hook = await switch_on(scene)
    for path in (hook + "x", hook[:-1], "/hooks/servicetrade/cardinal.", "/hooks/servicetrade/%00"):
        answer = await scene.call("POST", path, event(7), key=None)
        assert answer.status == 404, path
        assert "cardinal" not in answer.text
    assert hinted(scene) == []


async def test_what_could_not_be_stored_is_a_5xx(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = await switch_on(scene)

    async def failing(*_: object) -> None:
        raise errors.pop()

    errors: list[Exception] = [
        TimeMends("The database is away.", code="DATABASE_UNREACHABLE"),
        TenantMends("odd"),
        RuntimeError("bug"),
    ]
    monkeypatch.setattr(type(scene.use_cases.receive_event), "__call__", failing)
    while errors:
        assert (await scene.call("POST", hook, event(7), key=None)).status >= 500


async def test_switched_off_the_old_address_is_not_there_any_more(scene: Scene) -> None:
    hook = await switch_on(scene)
    assert (await scene.call("GET", T + "/servicetrade-webhook")).body["on"]
    assert (await scene.call("DELETE", T + "/servicetrade-webhook")).status == 204
    assert not (await scene.call("GET", T + "/servicetrade-webhook")).body["on"]
    assert (await scene.call("POST", hook, event(7), key=None)).status == 404
    assert scene.service_trade.hooks == {}


async def test_switching_on_again_keeps_the_one_that_stands(scene: Scene) -> None:
    hook = await switch_on(scene)
    assert await switch_on(scene) == hook


async def test_the_secret_shows_in_no_answer_and_no_log(scene: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    hook = await switch_on(scene)
    secret = hook.rpartition(".")[2]
    assert len(secret) >= 40
    texts = [
        (await scene.call("PUT", T + "/servicetrade-webhook")).text,
        (await scene.call("GET", T + "/servicetrade-webhook")).text,
        (await scene.call("POST", hook, event(7), key=None)).text,
        (await scene.call("GET", hook, key=None)).text,
        (await scene.call("POST", hook + "/more", event(7), key=None)).text,
    ]
    await scene.call("DELETE", T + "/servicetrade-webhook")
    texts.append((await scene.call("POST", hook, event(7), key=None)).text)
    logged = capfd.readouterr()
    assert "event.received" in logged.out
    assert all(secret not in text for text in (*texts, logged.out, logged.err))


async def test_without_the_role_the_webhook_stays_off_and_says_so(scene: Scene) -> None:
    scene.service_trade.fail_next(
        TenantMends("The user may not register webhooks.", code="ST_PERMISSION"), call="register_webhook"
    )
    answer = await scene.call("PUT", T + "/servicetrade-webhook")
    assert is_problem(answer, 422, "ST_PERMISSION")
    assert answer.body["fix"]


def test_too_many_jobs_at_once_count_as_unreadable() -> None:
    body = b'{"data": [' + b",".join(b'{"entity": {"type": "job", "id": %d}}' % n for n in range(1001)) + b"]}"
    assert jobs_named_in(body) is None
    assert jobs_named_in(b'{"data": []}') == set()
    twice = b'{"data": [{"entity": {"type": 3, "id": 7}}, {"entity": {"type": "job", "id": "7"}}]}'
    assert jobs_named_in(twice) == {"7"}
    assert jobs_named_in(b'{"data": [{"entity": {"type": "job", "id": true}}]}') is None
    assert jobs_named_in(b'{"data": [{"entity": {"type": "job"}}]}') is None
