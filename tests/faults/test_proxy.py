"""The line to Spectrum breaks at every place of an AddWO call: never two lines, none lost, every unclear one a doubt,
and once a person has settled it from Spectrum's books, every item is posted exactly once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import Send, SendState
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.item import ItemKind
from tests.faults.support.fixtures import (
    add_completed_job,
    assert_books_agree,
    expected,
    in_spectrum,
    lines_of,
    settle_doubts,
)
from tests.faults.support.proxy import Kind, Passage, Proxy, Trouble
from tests.journeys.world import World, open_world

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
QUIET_SECONDS = 15 * 60
SHORT_SECONDS = 0.5
SERVICES = {ItemKind.MATERIAL: "/ws/AddWOMaterialCost", ItemKind.OTHER_CHARGE: "/ws/AddWOOtherCharges"}
DETOUR = "detour"


@dataclass
class Line:
    """A world whose connection `detour` reaches Spectrum through the proxy."""

    world: World
    proxy: Proxy
    connection: Connection
    customer: str
    site: str
    numbers: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    async def begin(self) -> Send:
        """Send a completed job of two items, as far as it goes."""
        number = 600001 + len(self.numbers)
        self.numbers.append(f"D{number}")
        job_id = add_completed_job(self.world.servicetrade.state, number, customer=self.customer, site=self.site)
        send = await self.world.request(job_id, connection=DETOUR, items=ItemsMode.NEW_ONLY)
        await self.drain()
        return await self.world.show(send)

    async def drain(self) -> None:
        while await self.world.drain_connection(self.connection.id):
            pass

    async def suffer(self, trouble: Trouble, kind: ItemKind) -> LineState:
        """One job whose line of this kind meets the trouble. Returns what was known of the line before it settled."""
        self.proxy.expect(trouble, SERVICES[kind])
        send = await self.begin()
        await self.proxy.quiet()
        lines = await lines_of(self.world.use_cases, [send])
        assert_books_agree(lines, in_spectrum(self.world.spectrum.state))
        [hit] = [line for line in lines if line.kind is kind]
        self.states[f"{trouble.kind}: {hit.state}"] += 1
        await self.finish(send)
        return hit.state

    async def finish(self, send: Send) -> None:
        """A person settles what is in doubt after the quiet period, and the send comes to its end: every item exactly
        once."""
        self.world.clock.advance(QUIET_SECONDS + 1)
        await settle_doubts(self.world.use_cases, send.tenant_id, self.world.spectrum.state)
        await self.drain()
        assert (await self.world.show(send)).state is SendState.SENT
        lines = await lines_of(self.world.use_cases, [send])
        assert [line.state for line in lines] == [LineState.POSTED] * 2
        assert in_spectrum(self.world.spectrum.state) == expected(self.numbers)

    async def untouched(self, kind: ItemKind) -> Passage:
        """What a call of this kind looks like on the wire."""
        send = await self.begin()
        assert send.state is SendState.SENT
        return self.proxy.passages[SERVICES[kind]]


@pytest.fixture
def deadline_seconds() -> float:
    return 20.0


@pytest.fixture
async def line(engine: AsyncEngine, deadline_seconds: float) -> AsyncIterator[Line]:
    async with open_world(engine, deadline_seconds=deadline_seconds, plugins=[]) as world:
        state = world.servicetrade.state
        state.settings.call_ms = 0
        state.external_systems.append(DETOUR)
        async with Proxy.before(world.spectrum.url) as proxy:
            connection = await world.connect(
                world.tenant,
                DETOUR,
                external_system=DETOUR,
                endpoint=Endpoint.parse(proxy.url),
                leading_character="D",
            )
            line = Line(
                world, proxy, connection, state.add_company(detour="HARVIEW"), state.add_location(detour="HV0002")
            )
            yield line
            print(f"\nproxy: {dict(proxy.met)}; lines: {dict(line.states)}; jobs: {len(line.numbers)}")


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("trouble", [Kind.CUT_REQUEST, Kind.RESET_REQUEST])
async def test_a_request_that_breaks_off_anywhere(line: Line, trouble: Kind, kind: ItemKind) -> None:
    request = (await line.untouched(kind)).request
    places = _places(request, step=1 if FULL else 400)
    for after in places:
        assert await line.suffer(Trouble(trouble, after), kind) is LineState.IN_DOUBT
    assert line.proxy.met == {trouble: len(places)}


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("trouble", [Kind.CUT_ANSWER, Kind.RESET_ANSWER])
async def test_an_answer_that_breaks_off_anywhere(line: Line, trouble: Kind, kind: ItemKind) -> None:
    answer = (await line.untouched(kind)).answer
    places = _places(answer, step=1 if FULL else 100)
    for after in places[:-1]:
        assert await line.suffer(Trouble(trouble, after), kind) is LineState.IN_DOUBT
    if trouble is Kind.CUT_ANSWER:  # a reset may overtake the last bytes, so there anything clear would be luck
        assert places[-1] == len(answer)
        assert await line.suffer(Trouble(trouble, len(answer)), kind) is LineState.POSTED
    assert line.proxy.met[trouble] >= len(places) - 1


async def test_a_slow_line_is_no_fault(line: Line) -> None:
    for kind in SERVICES:
        assert await line.suffer(Trouble(Kind.SLOW), kind) is LineState.POSTED
    assert line.proxy.met == {Kind.SLOW: len(SERVICES)}


def _places(message: bytes, *, step: int) -> list[int]:
    """After how many bytes to cut: at both ends, around the end of the head, and every `step` in between."""
    head, whole = message.index(b"\r\n\r\n") + 4, len(message)
    corners = {0, 1, head - 1, head, head + 1, (head + whole) // 2, whole - 1, whole}
    return sorted(corners | set(range(0, whole, step)))


@pytest.mark.parametrize("deadline_seconds", [SHORT_SECONDS])
class TestOfALineThatFallsSilent:
    @pytest.mark.parametrize("trouble", [Kind.SWALLOW, Kind.HALF_OPEN])
    async def test_nothing_comes_back(self, line: Line, trouble: Kind) -> None:
        for kind in SERVICES:
            assert await line.suffer(Trouble(trouble), kind) is LineState.IN_DOUBT
        assert line.proxy.met == {trouble: len(SERVICES)}

    async def test_a_line_that_turns_up_late_cannot_be_called_missing_before(self, line: Line) -> None:
        line.proxy.expect(Trouble(Kind.LATE), SERVICES[ItemKind.MATERIAL])
        send = await line.begin()
        assert send.state is SendState.IN_DOUBT
        with pytest.raises(Conflict) as caught:  # it is not there yet, and that means nothing
            await settle_doubts(line.world.use_cases, send.tenant_id, line.world.spectrum.state)
        assert caught.value.code == "DOUBT_TOO_FRESH"
        await line.drain()
        assert not in_spectrum(line.world.spectrum.state), "the other line waits, and this one is not repeated"
        line.proxy.release()
        await line.proxy.quiet()
        assert in_spectrum(line.world.spectrum.state).total() == 1
        await line.finish(send)
        assert line.proxy.met == {Kind.LATE: 1}
