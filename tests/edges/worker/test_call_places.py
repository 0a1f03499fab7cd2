"""The places for calls: never more than there are, first come, first served, and none is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import Accepted
from core.services.sending.call_places import PATIENCE, CallPlaces
from core.services.sending.endpoint_gate import EndpointGate
from tests.support.virtual_time import LoopClock, run_in_virtual_time


async def begun(work: Coroutine[Any, Any, float | None]) -> asyncio.Task[float | None]:
    """The task, which now waits."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    assert not task.done()
    return task


def taken(place: float | None) -> float:
    assert place is not None
    return place


def test_who_waits_is_served_in_order_and_before_anybody_who_comes_then() -> None:
    async def work() -> None:
        places = CallPlaces(LoopClock(), 1)
        place = taken(places.take_free())
        assert places.take_free() is None
        first, second = await begun(places.take()), await begun(places.take())
        places.give_back(place)
        assert places.take_free() is None
        place = taken(await first)
        assert not second.done()
        places.give_back(place)
        places.give_back(taken(await second))
        assert places.take_free() is not None

    run_in_virtual_time(work())


def test_who_waits_in_vain_goes_and_leaves_no_trace() -> None:
    async def work() -> None:
        places = CallPlaces(LoopClock(), 1)
        place = taken(places.take_free())
        assert not places.slow()
        assert await places.take() is None
        await asyncio.sleep(1)
        assert places.slow(), f"a call has taken longer than {PATIENCE} seconds"
        places.give_back(place)
        assert not places.slow()
        assert places.take_free() is not None

    run_in_virtual_time(work())


def test_a_place_that_is_given_to_somebody_who_is_cancelled_goes_to_the_next_one() -> None:
    async def work() -> None:
        places = CallPlaces(LoopClock(), 1)
        place = taken(places.take_free())
        first, second, third = [await begun(places.take()) for _ in range(3)]
        second.cancel()  # while it waits
        places.give_back(place)
        first.cancel()  # in the moment in which it was given the place
        assert await third is not None
        ended = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(one) for one in ended] == [asyncio.CancelledError] * 2

    run_in_virtual_time(work())


def test_a_call_that_was_answered_has_no_place_any_more() -> None:
    async def work() -> None:
        gate, endpoint = EndpointGate(LoopClock(), 1), Endpoint.parse("spectrum.example.com")
        with gate.admission("con_1") as one, gate.admission("con_2") as other:
            assert one.ask(endpoint) is None
            assert other.ask(endpoint) is None, "it may plan"
            assert await one.take_place(endpoint) is None
            assert await one.take_place(endpoint) is None, "it has one"
            assert not other.take_free_place(endpoint)
            one.note(endpoint, Accepted(()), began=0)
            assert other.take_free_place(endpoint)
            assert not one.take_free_place(endpoint)

    run_in_virtual_time(work())
