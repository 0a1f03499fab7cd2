"""ServiceTrade gives each user a minute of server time a minute; we slow down before it says stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.refusal import seconds_of
from core.model.shared.errors import TimeMends
from tests.support.servicetrade_scene import Scene, Time
from tests.support.servicetrade_scene import scene as started


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with started() as scene:
        scene.state.settings.refill_ms_per_second = 0
        yield scene


async def test_with_time_left_nobody_waits(scene: Scene) -> None:
    await scene.read()
    await scene.read()
    assert scene.time.slept == []


async def test_below_ten_seconds_of_balance_calls_slow_down(scene: Scene) -> None:
    scene.state.balance_ms = 4_000
    await scene.service_trade.check(scene.account)
    assert scene.time.slept == []  # not known before the first answer
    await scene.service_trade.find_job_ids(scene.account, "104482")
    assert scene.time.slept == [pytest.approx(6.0, abs=0.1)]


async def test_an_exhausted_budget_is_time_mends_with_its_pause(scene: Scene) -> None:
    scene.state.balance_ms = 0
    with pytest.raises(TimeMends) as caught:
        await scene.read()
    assert caught.value.code == "ST_RATE_LIMIT"
    assert caught.value.retry_after == 15
    scene.state.balance_ms = 60_000
    assert await scene.read() == "104482"
    assert scene.time.slept == [10.0]


async def test_a_balance_refills_with_time_and_belongs_to_one_tenant() -> None:
    time = Time()
    budget = Budget(sleep=time.sleep, clock=time.clock)
    budget.note("ten_1", 4_000)
    budget.note("ten_1", None)
    await budget.wait("ten_2")
    time.now += 5
    await budget.wait("ten_1")
    assert time.slept == [pytest.approx(1.0)]
    time.now += 1
    await budget.wait("ten_1")
    assert len(time.slept) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("15", 15.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert seconds_of(header, lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)) == seconds
