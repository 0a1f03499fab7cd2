"""Items of a completed job, over real sockets and PostgreSQL: what goes, what stays behind, and the second time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.item import ItemKind
from tests.journeys.items import CHARGE_PATH, MATERIAL_PATH, NUMBER, add_item, books, completed_job, open_job
from tests.journeys.world import HEADER_PATH, World, codes

GAUGE, TRIP = "GAUGE-300 2 18.40", "!FEE-TRIP 1 45.005"


async def test_chosen_items_go_along_behind_the_header(world: World) -> None:
    send = await world.send(completed_job(world, GAUGE, TRIP), items=ItemsMode.NEW_ONLY)
    assert send.state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45.01"]
    writes = [call.path for call in world.spectrum.requests.calls if call.method == "POST"]
    assert writes == [HEADER_PATH, MATERIAL_PATH, CHARGE_PATH]


async def test_a_send_that_does_not_choose_items_posts_none(world: World) -> None:
    assert (await world.send(completed_job(world, GAUGE))).state is SendState.SENT
    assert books(world) == []


async def test_items_of_an_open_job_are_refused_and_nothing_is_stored(world: World) -> None:
    job_id = open_job(world)
    add_item(world, job_id, GAUGE)
    with pytest.raises(BadInput) as refused:
        await world.request(job_id, items=ItemsMode.NEW_ONLY)
    assert refused.value.code == "ITEMS_NEED_COMPLETION"
    assert not (await world.use_cases.list_sends(world.tenant.id)).sends


async def test_a_job_reopened_while_its_send_waits_posts_nothing(world: World) -> None:
    job_id = completed_job(world, GAUGE)
    send = await world.request(job_id, items=ItemsMode.NEW_ONLY)
    world.servicetrade.state.reopen(job_id)
    await world.drain()
    shown = await world.show(send)
    assert (shown.state, codes(shown)) == (SendState.NEEDS_ATTENTION, ["ITEMS_NEED_COMPLETION"])
    assert books(world) == []
    assert world.headers_received() == 0


async def test_labor_never_goes_and_one_item_that_cannot_go_keeps_all_back(world: World) -> None:
    plan = await world.preview(FIRST_JOB_ID, items=ItemsMode.NEW_ONLY)
    assert [left.code for left in plan.left_out].count("labor") == 2
    send = await world.send(FIRST_JOB_ID, items=ItemsMode.NEW_ONLY)
    assert send.state is SendState.NEEDS_ATTENTION
    assert any("Sealant, field purchase" in found.message for found in send.findings)
    assert books(world) == []
    await world.change(item_kinds={"other": ItemKind.SKIP})
    assert (await world.retry(send)).state is SendState.SENT
    sent = " ".join(books(world))
    assert "CV4G 1" in sent
    assert "PIPE4 12.5" in sent
    assert "LAB" not in sent


async def test_the_second_time_new_only_posts_what_is_new(world: World) -> None:
    job_id = completed_job(world, GAUGE)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    world.servicetrade.state.reopen(job_id)
    add_item(world, job_id, "CV4G 1 412.85")
    world.servicetrade.state.complete(job_id)
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert [left.code for left in plan.left_out] == ["posted"]
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} CV4G 1"]


async def test_difference_corrects_takes_back_and_adds(world: World) -> None:
    job_id = completed_job(world, "CV4G 5 412.85", GAUGE, TRIP)
    state = world.servicetrade.state
    await world.send(job_id, items=ItemsMode.DIFFERENCE)
    valve, gauge, trip = [item for item, one in state.job_items.items() if one.job == job_id]
    state.job_items[valve].quantity = Decimal(3)
    state.remove_item(gauge)
    state.job_items[trip].cost = Decimal("50.25")
    add_item(world, job_id, "!GC-PERMIT 1 75")
    before = books(world)
    send = await world.send(job_id, items=ItemsMode.DIFFERENCE)
    assert send.state is SendState.SENT
    assert sorted(books(world)[len(before) :]) == sorted(
        [f"{NUMBER} CV4G -2", f"{NUMBER} GAUGE-300 -2", f"{NUMBER} !FEE-TRIP 5.24", f"{NUMBER} !GC-PERMIT 75"]
    )
    after = books(world)
    await world.send(job_id, items=ItemsMode.DIFFERENCE)
    assert books(world) == after


async def test_again_makes_a_second_set_once_a_request_and_says_so(world: World) -> None:
    job_id = completed_job(world, GAUGE)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    plan = await world.preview(job_id, items=ItemsMode.AGAIN)
    assert [found.code for found in plan.findings] == ["DUPLICATE_ITEMS_RISK"]
    send = await world.send(job_id, items=ItemsMode.AGAIN)
    assert send.state is SendState.SENT_WITH_WARNINGS
    assert books(world) == [f"{NUMBER} GAUGE-300 2"] * 2


async def test_a_refused_line_keeps_the_others_and_is_posted_alone_after_the_fix(world: World) -> None:
    job_id = completed_job(world, "NOT-THERE 1 5", GAUGE, TRIP)
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["ITEM_CODE_UNKNOWN"])
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45.01"]
    [comment] = world.comments(job_id)
    assert "NOT-THERE" in comment
    world.company.items["NOT-THERE"] = world.company.items["GAUGE-300"].model_copy()
    assert (await world.retry(send)).state is SendState.SENT
    assert books(world)[2:] == [f"{NUMBER} NOT-THERE 1"]
    assert world.comments(job_id) == []
    assert await world.warnings() == []


async def test_a_locked_work_order_waits_and_posts_each_line_once(world: World) -> None:
    job_id = completed_job(world, GAUGE, TRIP)
    world.spectrum.faults.add(Fault(FaultKind.LOCK, match=CHARGE_PATH, text=NUMBER))
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["RECORD_LOCKED"])
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45.01"]


async def test_a_later_send_without_items_does_not_hide_that_items_failed(world: World) -> None:
    job_id = completed_job(world, "NOT-THERE 1 5")
    failed = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    later = await world.send(job_id)
    assert later.state is SendState.SENT
    assert (await world.show(failed)).state is SendState.NEEDS_ATTENTION
    assert [warning.send_id for warning in await world.warnings()] == [failed.id]
    assert len(world.comments(job_id)) == 1


async def test_the_lines_of_a_send_are_told_with_what_became_of_them(world: World) -> None:
    send = await world.send(completed_job(world, "NOT-THERE 1 5", GAUGE), items=ItemsMode.NEW_ONLY)
    lines = (await world.use_cases.show_send(send.tenant_id, send.id)).lines
    assert {line.code: line.state for line in lines} == {
        "NOT-THERE": LineState.REJECTED,
        "GAUGE-300": LineState.POSTED,
    }
