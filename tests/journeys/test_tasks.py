"""Services of a completed job as work order tasks, over real sockets and PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from core.model.connections.task_settings import SendTasks
from core.model.sending.answer import Exchange
from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput
from core.model.work_orders.cost_line import BY_HAND, ItemsMode, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import TasksMode
from core.services.sending.request_send import PlanChanged
from tests.journeys.items import (
    CHARGE_PATH,
    NUMBER,
    TASK_PATH,
    books,
    completed_job,
    lose_the_answer,
    tasks,
)
from tests.journeys.world import HEADER_PATH, NORTH, World, codes

TRIP = "!FEE-TRIP 1 45"
CODES = {"Sprinkler": "INSP", "check  VALVE replacement": "REPAIR"}
NEW, DIFFERENCE = ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE
QUIET_MINUTES = 16


@pytest.fixture
async def sends_tasks(world: World) -> World:
    await world.change(send_tasks=SendTasks.WITH_ITEMS, task_codes=CODES)
    return world


def job_with(world: World, *services: str, items: tuple[str, ...] = (TRIP,)) -> str:
    job_id = completed_job(world, *items)
    for one in services:
        world.servicetrade.state.add_service(job_id, one)
    return job_id


def services_read(world: World) -> int:
    return sum(call.path == "/api/servicerequest" for call in world.servicetrade.requests.calls)


def writes(world: World) -> list[str]:
    return [call.path for call in world.spectrum.requests.calls if call.method == "POST"]


async def outcome(send: Send, world: World) -> str:
    return (await world.use_cases.show_send(send.tenant_id, send.id)).outcome


async def settle(world: World, verdict: LineState) -> None:
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    await world.use_cases.doubts.settle(world.tenant.id, doubt.line.id, verdict, reason="I looked.", by="ann")
    await world.drain()


async def test_services_go_as_tasks_behind_the_items(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement", "Yearly inspection")
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, send.findings) == (SendState.SENT, ())
    assert writes(sends_tasks) == [HEADER_PATH, CHARGE_PATH, TASK_PATH, TASK_PATH]
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR", f"{NUMBER} INSP"]
    kept = sends_tasks.company.task_lines[0].fields
    assert kept == {"WO_Number": NUMBER, "Work_Task": "REPAIR", "Quantity": "1"}, "no price, no equipment"
    said = await outcome(send, sends_tasks)
    assert "its item is posted" in said
    assert "all 2 tasks are posted" in said


async def test_without_the_switch_services_are_not_even_read(world: World) -> None:
    await world.change(task_codes=CODES)
    send = await world.send(job_with(world, "Check valve replacement"), items=NEW)
    assert (send.state, tasks(world), services_read(world)) == (SendState.SENT, [], 0)


async def test_a_send_without_items_adds_no_task(sends_tasks: World) -> None:
    send = await sends_tasks.send(job_with(sends_tasks, "Check valve replacement"))
    assert (send.state, tasks(sends_tasks), services_read(sends_tasks)) == (SendState.SENT, [], 0)


async def test_the_office_can_say_no_tasks_for_one_send(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    first = await sends_tasks.send(job_id, items=NEW, tasks=TasksMode.NONE)
    assert (first.state, tasks(sends_tasks), services_read(sends_tasks)) == (SendState.SENT, [], 0)
    await sends_tasks.send(job_id, items=NEW)
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"]
    assert len(books(sends_tasks)) == 1


async def test_a_service_without_a_code_and_one_that_was_not_done_are_left_out_with_the_reason(
    sends_tasks: World,
) -> None:
    await sends_tasks.change(send_tasks=SendTasks.WITH_ITEMS, task_codes={"Check valve replacement": "REPAIR"})
    job_id = job_with(sends_tasks, "Something else")
    state = sends_tasks.servicetrade.state
    state.add_service(job_id, "Check valve replacement", status="void")
    state.add_service(job_id, "Check valve replacement", status="paused")
    plan = await sends_tasks.preview(job_id, items=NEW)
    reasons = {one.code: one.reason for one in plan.left_out}
    assert reasons == {
        "no_task": "the connection's tasks name no code for its service line 'Sprinkler'",
        "not_done": "it is void in ServiceTrade",
        "status_unknown": "its status 'paused' is not known",
    }
    assert [(found.code, found.blocks) for found in plan.findings] == [("SERVICES_NOT_READ", False)]


async def test_a_second_send_adds_only_new_services(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    await sends_tasks.send(job_id, items=NEW)
    sends_tasks.servicetrade.state.add_service(job_id, "Yearly inspection")
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, tasks(sends_tasks)) == (SendState.SENT, [f"{NUMBER} REPAIR", f"{NUMBER} INSP"])


@pytest.mark.parametrize("mode", [ItemsMode.AGAIN, DIFFERENCE])
async def test_only_tasks_that_are_asked_for_again_by_name_go_twice(sends_tasks: World, mode: ItemsMode) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    await sends_tasks.send(job_id, items=NEW)
    await sends_tasks.send(job_id, items=mode)
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"]
    again = await sends_tasks.send(job_id, items=mode, tasks=TasksMode.AGAIN)
    assert "DUPLICATE_ITEMS_RISK" in codes(again)
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"] * 2


async def test_tasks_again_without_items_or_without_the_switch_are_refused_at_once(world: World) -> None:
    job_id = job_with(world, "Check valve replacement")
    for items in (NEW, ItemsMode.NONE):
        with pytest.raises(BadInput) as refused:
            await world.request(job_id, tasks=TasksMode.AGAIN, items=items)
        assert refused.value.code == "TASKS_OFF"


async def test_what_changed_after_its_task_was_added_is_told_and_never_corrected(sends_tasks: World) -> None:
    """The mapping changed, a service was renamed, another one removed: Spectrum can only add tasks."""
    job_id = job_with(sends_tasks, "Check valve replacement", "Check valve replacement", "Yearly inspection")
    await sends_tasks.send(job_id, items=NEW)
    state = sends_tasks.servicetrade.state
    first, second, third = [key for key, one in state.services.items() if one.job == job_id]
    state.services[second].description = "Valve cover"
    del state.services[third]
    await sends_tasks.change(
        send_tasks=SendTasks.WITH_ITEMS, task_codes={"Check valve replacement": "VALVE", "Sprinkler": "INSP"}
    )
    before = tasks(sends_tasks)
    quiet = await sends_tasks.send(job_id, items=NEW)
    assert (quiet.state, tasks(sends_tasks)) == (SendState.SENT, before)
    assert quiet.plan is not None
    told = {one.item_id: one.reason for one in quiet.plan.left_out}
    assert told[f"service-{first}"] == "its task REPAIR was added before, and it would be task VALVE now"
    compared = await sends_tasks.send(job_id, items=DIFFERENCE)
    assert (compared.state, tasks(sends_tasks)) == (SendState.SENT_WITH_WARNINGS, before)
    assert codes(compared) == ["TASK_NOT_CORRECTED"] * 3


async def test_a_service_added_after_the_preview_is_shown_first(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    seen = await sends_tasks.preview(job_id, items=NEW)
    sends_tasks.servicetrade.state.add_service(job_id, "Yearly inspection")
    with pytest.raises(PlanChanged) as changed:
        await sends_tasks.request(job_id, items=NEW, plan_hash=seen.plan_hash)
    assert len(changed.value.plan.lines) == len(seen.lines) + 1
    await sends_tasks.send(job_id, items=NEW, plan_hash=changed.value.plan.plan_hash)
    assert len(tasks(sends_tasks)) == 2


async def test_the_table_changes_between_plan_and_call(sends_tasks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stored plan stands, and the next comparison tells it."""
    job_id = job_with(sends_tasks, "Check valve replacement")
    add_line, acts = SoapSpectrum.add_line, [lambda: sends_tasks.change(task_codes={"Sprinkler": "VALVE"})]

    async def watched(self: Any, *given: Any, **more: Any) -> Exchange:
        while acts:
            await acts.pop()()
        return await add_line(self, *given, **more)

    monkeypatch.setattr(SoapSpectrum, "add_line", watched)
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, tasks(sends_tasks)) == (SendState.SENT, [f"{NUMBER} REPAIR"])
    assert codes(await sends_tasks.send(job_id, items=DIFFERENCE)) == ["TASK_NOT_CORRECTED"]


@pytest.mark.parametrize(("applied", "verdict"), [(True, LineState.POSTED), (False, LineState.NOT_POSTED)])
async def test_a_task_in_doubt_waits_for_a_person_although_tasks_are_switched_off(
    sends_tasks: World, applied: bool, verdict: LineState
) -> None:
    lose_the_answer(sends_tasks, TASK_PATH, applied=applied)
    job_id = job_with(sends_tasks, "Check valve replacement", "Yearly inspection")
    send = await sends_tasks.send(job_id, items=NEW)
    assert send.state is SendState.IN_DOUBT
    assert "1 is to check in Spectrum" in await outcome(send, sends_tasks)
    await sends_tasks.change(send_tasks=SendTasks.OFF)
    behind = await sends_tasks.send(job_id, items=NEW)
    assert (behind.state, behind.waits_for) == (SendState.QUEUED, send.id)
    for minutes in (1, QUIET_MINUTES, 24 * 60):
        await sends_tasks.later(minutes=minutes)
    assert writes(sends_tasks).count(TASK_PATH) == 1
    await settle(sends_tasks, verdict)
    assert {(await sends_tasks.show(one)).state for one in (send, behind)} == {SendState.SENT}
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR", f"{NUMBER} INSP"], "a plan that has begun is carried out"


async def test_an_unknown_task_is_refused_and_a_retry_adds_only_what_is_missing(sends_tasks: World) -> None:
    await sends_tasks.change(task_codes={"Check valve replacement": "REPAIR", "Sprinkler": "NO-SUCH"})
    job_id = job_with(sends_tasks, "Yearly inspection", "Check valve replacement")
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["TASK_CODE_UNKNOWN"])
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"]
    assert len(books(sends_tasks)) == 1, "a task that is refused keeps no item back"
    await sends_tasks.change(task_codes=CODES)
    assert (await sends_tasks.retry(send)).state is SendState.SENT
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR", f"{NUMBER} INSP"]


@pytest.mark.parametrize("missing", [True, False])
async def test_a_spectrum_that_lets_nobody_add_tasks_holds_neither_the_connection_nor_the_items(
    sends_tasks: World, missing: bool
) -> None:
    if missing:
        sends_tasks.spectrum.state.settings.services.remove("AddWOTask")
    else:
        sends_tasks.spectrum.state.authorizations[AUTHORIZATION_IDS["101"]].services.remove("AddWOTask")
    job_id = job_with(sends_tasks, "Check valve replacement")
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["TASK_NOT_ALLOWED"])
    assert (len(books(sends_tasks)), (await sends_tasks.connection()).hold) == (1, None)
    await sends_tasks.change(send_tasks=SendTasks.OFF)
    assert (await sends_tasks.retry(send)).state is SendState.SENT, "without the switch nothing is missing"


async def test_services_that_cannot_be_read_are_told_and_the_rest_is_sent(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    sends_tasks.servicetrade.state.settings.forbidden.append("/servicerequest")
    send = await sends_tasks.send(job_id, items=NEW)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["SERVICES_NOT_READ"])
    assert (len(books(sends_tasks)), tasks(sends_tasks)) == (1, [])
    sends_tasks.servicetrade.state.settings.forbidden.clear()
    await sends_tasks.send(job_id, items=NEW)
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"]


async def test_a_servicetrade_that_does_not_answer_for_services_is_asked_again(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    sends_tasks.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/servicerequest", status=503, times=1))
    send = await sends_tasks.request(job_id, items=NEW)
    await sends_tasks.drain()
    await sends_tasks.later(minutes=10)
    assert ((await sends_tasks.show(send)).state, tasks(sends_tasks)) == (SendState.SENT, [f"{NUMBER} REPAIR"])


async def test_a_job_that_others_sent_keeps_its_tasks_until_a_person_declares_them(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement", "Yearly inspection")
    sends_tasks.job(job_id).external_ids["spectrum"] = NUMBER
    send = await sends_tasks.send(job_id, items=NEW)
    assert (codes(send), tasks(sends_tasks)) == (["ITEMS_BEFORE_UNKNOWN"], [])
    standing = await sends_tasks.use_cases.declare_items.look(sends_tasks.tenant.id, NORTH, job_id)
    services = [one for one in standing.items if one.id.startswith("service-")]
    assert [(one.code, one.held) for one in services] == [("REPAIR", True), ("INSP", True)]
    said = await sends_tasks.use_cases.declare_items(
        sends_tasks.tenant.id, NORTH, job_id, [services[0].id], reason="Looked.", by="ann"
    )
    assert [(line.kind, line.attempt_id) for line in said.entered] == [(ItemKind.TASK, BY_HAND)]
    await sends_tasks.retry(send)
    assert tasks(sends_tasks) == [f"{NUMBER} INSP"]


async def test_marking_a_failed_send_as_done_enters_its_tasks(sends_tasks: World) -> None:
    await sends_tasks.change(task_codes={"Sprinkler": "NO-SUCH"})
    job_id = job_with(sends_tasks, "Check valve replacement")
    send = await sends_tasks.send(job_id, items=NEW)
    await sends_tasks.use_cases.send_actions.mark_done(send.tenant_id, send.id, reason="By hand.", by="ann")
    await sends_tasks.change(task_codes=CODES)
    await sends_tasks.send(job_id, items=NEW)
    assert tasks(sends_tasks) == []


async def test_a_number_that_is_adopted_has_its_tasks_once_on_both_connections(sends_tasks: World) -> None:
    """A second connection to the same company finds the task on the account of the work order."""
    job_id = job_with(sends_tasks, "Check valve replacement")
    await sends_tasks.send(job_id, items=NEW)
    await sends_tasks.connect(
        sends_tasks.tenant, "second", external_system="spectrum_west", send_tasks=SendTasks.WITH_ITEMS, task_codes=CODES
    )
    send = await sends_tasks.send(job_id, connection="second", items=NEW, adopt=True)
    assert send.plan is not None
    assert {one.code for one in send.plan.left_out} >= {"posted_before"}
    assert tasks(sends_tasks) == [f"{NUMBER} REPAIR"]


async def test_completing_a_job_sends_its_tasks_by_itself(sends_tasks: World) -> None:
    job_id = job_with(sends_tasks, "Check valve replacement")
    sends_tasks.servicetrade.state.reopen(job_id)
    send = await sends_tasks.send(job_id, items=NEW, completes=True)
    assert (send.state, tasks(sends_tasks)) == (SendState.SENT, [f"{NUMBER} REPAIR"])
