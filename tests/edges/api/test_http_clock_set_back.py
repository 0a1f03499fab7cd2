"""The clock was ahead for some hours and is right again: what was asked for meanwhile does not wait for hours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.sending.answer import AnswerRow, NotSent, NotSentReason, Refused
from tests.support.http_scene import JOB, SENDS, Scene, api

OTHER = replace(JOB, id="7", number="7")
AHEAD = timedelta(hours=9).total_seconds()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def state(scene: Scene, send_id: str) -> str:
    return str((await scene.call("GET", f"{SENDS}/{send_id}")).body["state"])


async def test_sends_asked_for_and_put_off_while_the_clock_was_ahead_go_on_within_the_hour(scene: Scene) -> None:
    scene.clock.advance(AHEAD)
    scene.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "connection refused"))
    retried = await scene.send()
    await scene.work()
    await scene.add_job(OTHER)
    fresh = await scene.send(OTHER)
    scene.clock.advance(-AHEAD)
    await scene.work()
    assert [await state(scene, one) for one in (retried, fresh)] == ["retrying", "queued"]
    await scene.keep_retention()
    await scene.work()
    assert [await state(scene, one) for one in (retried, fresh)] == ["sent", "sent"]


async def test_a_pause_of_ours_and_a_hold_that_only_a_person_ends_are_waited_for(scene: Scene) -> None:
    scene.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "connection refused"))
    retried = await scene.send()
    await scene.work()
    await scene.keep_retention()
    await scene.work()
    assert await state(scene, retried) == "retrying"
    scene.spectrum.answer_next(Refused((AnswerRow("I", "not authorized", "Authorization_ID"),)))
    scene.clock.advance(3600)
    scene.transactions.rows.woken += list(scene.transactions.rows.connections)
    await scene.work()
    await scene.keep_retention()
    [record] = scene.transactions.rows.connections.values()
    assert record.connection.hold is not None
    assert record.connection.hold.until is None


async def test_a_program_is_told_within_the_hour_of_what_happened_while_the_clock_was_ahead(scene: Scene) -> None:
    made = await scene.call("POST", "/v1/tenants/cardinal/webhook-endpoints", {"url": "https://hooks.example.com/x"})
    assert made.status == 201, made.text
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.clock.advance(2 * 3600)
    await scene.send()
    await scene.work()
    scene.clock.advance(-2 * 3600)
    await scene.deliver(tenant.id, made.body["id"])
    assert len(scene.webhook_sender.received) == 0
    await scene.keep_retention()
    await scene.deliver(tenant.id, made.body["id"])
    assert len(scene.webhook_sender.received) == 1
