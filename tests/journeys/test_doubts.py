"""A line whose answer was lost: it waits, nothing is guessed, and a person or the books end the doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.settings import PluginUse
from core.model.sending.send import Send, SendState
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode, LineState
from plugins import discovery
from tests.journeys.items import (
    CHARGE_PATH,
    MATERIAL_PATH,
    NUMBER,
    books,
    completed_job,
    lines_received,
    lose_the_answer,
    open_job,
)
from tests.journeys.world import World, codes
from tests.support.posted_lines_example import write_example

GAUGE, TRIP = "GAUGE-300 2 18.40", "!FEE-TRIP 1 45"
QUIET_MINUTES = 16


@pytest.fixture
def plugins(tmp_path: Path) -> list[object]:
    """The reader that the documentation shows."""
    return [discovery.load(f"file:{write_example(tmp_path)}")]


async def doubtful(world: World, *items: str, applied: bool) -> Send:
    lose_the_answer(world, applied=applied)
    send = await world.send(completed_job(world, *items), items=ItemsMode.NEW_ONLY)
    assert send.state is SendState.IN_DOUBT
    return send


async def settle(world: World, outcome: LineState) -> None:
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    await world.use_cases.doubts.settle(world.tenant.id, doubt.line.id, outcome, reason="I looked.", by="ann")
    await world.drain()


async def test_a_doubt_is_told_and_nothing_is_sent_however_long_it_waits(world: World) -> None:
    send = await doubtful(world, GAUGE, TRIP, applied=True)
    calls = lines_received(world)
    for minutes in (1, 5, 60, 24 * 60):
        await world.later(minutes=minutes)
    assert lines_received(world) == calls == 1
    [warning] = await world.warnings()
    assert warning.finding.code == "IN_DOUBT_POST"
    [comment] = world.comments(send.job_id)
    assert "2 x GAUGE-300" in comment
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    assert doubt.attempt is not None
    assert "GAUGE-300" in (doubt.attempt.request or "")


@pytest.mark.parametrize(("applied", "outcome"), [(True, LineState.POSTED), (False, LineState.NOT_POSTED)])
async def test_a_persons_word_ends_it_and_the_rest_goes_on(world: World, applied: bool, outcome: LineState) -> None:
    send = await doubtful(world, GAUGE, TRIP, applied=applied)
    world.clock.advance(QUIET_MINUTES * 60)
    await settle(world, outcome)
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45"]
    assert world.comments(send.job_id) == []
    assert await world.warnings() == []


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.APPLY_THEN_STATUS])
@pytest.mark.parametrize("status", [401, 403, 404, 410, 413])
async def test_a_status_says_nothing_of_what_became_of_a_line(world: World, status: int, kind: FaultKind) -> None:
    """A gateway may turn away the answer to a line that Spectrum has added."""
    world.spectrum.faults.add(Fault(kind, match=MATERIAL_PATH, status=status))
    send = await world.send(completed_job(world, GAUGE), items=ItemsMode.NEW_ONLY)
    assert send.state is SendState.IN_DOUBT
    await world.later(minutes=60)
    assert lines_received(world) == 1
    await settle(world, LineState.POSTED if kind is FaultKind.APPLY_THEN_STATUS else LineState.NOT_POSTED)
    if status == 404:  # the service may not be there at all, so the connection waits for a person
        assert (await world.show(send)).state is SendState.SENDING
        await world.use_cases.pause_connection(world.tenant.id, "north", paused=False)
        await world.drain()
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_a_service_that_spectrum_itself_does_not_know_leaves_no_doubt(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.SOAP_FAULT, match=MATERIAL_PATH, text="client_missing"))
    send = await world.send(completed_job(world, GAUGE), items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["WEB_SERVICE_DISABLED"])
    assert (await world.retry(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_not_posted_is_refused_while_spectrum_may_still_add_the_line(world: World) -> None:
    await doubtful(world, GAUGE, applied=True)
    with pytest.raises(Conflict) as refused:
        await settle(world, LineState.NOT_POSTED)
    assert refused.value.code == "DOUBT_TOO_FRESH"
    await settle(world, LineState.POSTED)
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_a_doubt_is_settled_once_and_the_verdict_is_kept(world: World) -> None:
    await doubtful(world, GAUGE, applied=True)
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    await settle(world, LineState.POSTED)
    with pytest.raises(Conflict) as refused:
        await world.use_cases.doubts.settle(
            world.tenant.id, doubt.line.id, LineState.NOT_POSTED, reason="No, it is not.", by="bob"
        )
    assert refused.value.code == "LINE_NOT_IN_DOUBT"
    entry, *_ = (await world.use_cases.list_audit(world.tenant.id)).entries
    assert (entry.actor, entry.action, entry.subject) == ("ann", "doubt.settled", doubt.send.id)
    assert entry.detail["reason"] == "I looked."


async def test_other_work_orders_go_on_and_the_same_one_waits(world: World) -> None:
    doubt = await doubtful(world, GAUGE, applied=True)
    again = await world.send(doubt.job_id, items=ItemsMode.DIFFERENCE)
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]
    other = open_job(world)
    world.job(other).number = "600002"
    world.servicetrade.state.add_job_item(other, "Gauge", code="GAUGE-300", quantity="1")
    world.servicetrade.state.complete(other)
    assert (await world.send(other, items=ItemsMode.NEW_ONLY)).state is SendState.SENT
    await settle(world, LineState.POSTED)
    await world.later(minutes=1)
    assert (await world.show(doubt)).state in (SendState.SENT, SendState.SUPERSEDED)
    assert (await world.show(again)).state in (SendState.SENT, SendState.SENT_WITH_WARNINGS)
    assert books(world) == [f"{NUMBER} GAUGE-300 2", "T600002 GAUGE-300 1"]


@pytest.mark.parametrize("applied", [True, False])
async def test_where_a_plugin_reads_lines_the_books_settle_it(world: World, applied: bool) -> None:
    await world.change(plugins=(PluginUse("sandbox-lines", {"control_url": world.spectrum.control_url}),))
    send = await doubtful(world, GAUGE, TRIP, applied=applied)
    await world.later(minutes=QUIET_MINUTES)
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45"]
    entry, *_ = (await world.use_cases.list_audit(world.tenant.id)).entries
    assert (entry.actor, entry.action) == ("evidence", "doubt.settled")


async def test_books_that_cannot_be_read_leave_it_to_a_person(world: World) -> None:
    await world.change(plugins=(PluginUse("sandbox-lines", {"control_url": "http://127.0.0.1:1"}),))
    send = await doubtful(world, GAUGE, applied=True)
    await world.later(minutes=QUIET_MINUTES)
    assert (await world.show(send)).state is SendState.IN_DOUBT
    await settle(world, LineState.POSTED)
    assert (await world.show(send)).state is SendState.SENT


async def test_a_header_whose_answer_is_lost_is_simply_written_again(world: World) -> None:
    lose_the_answer(world, "/ws/WorkOrderHeader")
    send = await world.send(completed_job(world, GAUGE), items=ItemsMode.NEW_ONLY)
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_an_other_charge_in_doubt_is_told_with_its_amount(world: World) -> None:
    lose_the_answer(world, CHARGE_PATH)
    send = await world.send(completed_job(world, TRIP), items=ItemsMode.NEW_ONLY)
    assert codes(send) == ["IN_DOUBT_POST"]
    assert "other charge FEE-TRIP (The FEE-TRIP), cost 45" in send.findings[0].message
