"""A job that somebody else sent before: its header goes, its items wait until a person says what stands in Spectrum."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest

from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput, Conflict
from core.model.work_orders.cost_line import BY_HAND, ITEM_CODE, QUANTITY, ItemsMode, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.sending.declare_items import Declared
from tests.journeys.items import (
    MATERIAL_PATH,
    NUMBER,
    add_item,
    books,
    completed_job,
    lose_the_answer,
    open_job,
)
from tests.journeys.world import NORTH, World, codes
from tests.support.storage_scene import until_somebody_waits

GAUGE, TRIP = "GAUGE-300 2 18.40", "!FEE-TRIP 1 45"
FORMER = f"{NUMBER} GAUGE-300 2"
NEW = f"{NUMBER} !FEE-TRIP 45"


def sent_by_others(world: World, *items: str) -> tuple[str, list[str]]:
    """A completed job whose number a former integration wrote on it, having posted its first gauge."""
    job_id = completed_job(world, *items)
    world.job(job_id).external_ids["spectrum"] = NUMBER
    world.company.post(world.company.material, {"WO_Number": NUMBER, ITEM_CODE: "GAUGE-300", QUANTITY: "2"})
    return job_id, [item_id for item_id, one in world.servicetrade.state.job_items.items() if one.job == job_id]


async def declare(world: World, job_id: str, standing: Any, reason: str = "Looked at its costs.") -> Declared:
    return await world.use_cases.declare_items(world.tenant.id, NORTH, job_id, standing, reason=reason, by="ann")


async def test_the_header_goes_and_the_items_wait_for_a_word(world: World) -> None:
    job_id, _ = sent_by_others(world, GAUGE, TRIP)
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["ITEMS_BEFORE_UNKNOWN"])
    assert world.headers_received() == 1
    assert books(world) == [FORMER]
    assert (await world.send(job_id)).state is SendState.SENT, "a header alone is never held"
    again = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert codes(again) == ["ITEMS_BEFORE_UNKNOWN"], "our own number on the job does not make it ours"


async def test_what_stands_is_entered_and_only_the_rest_is_posted(world: World) -> None:
    job_id, (gauge, trip) = sent_by_others(world, GAUGE, TRIP)
    failed = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    said = await declare(world, job_id, [gauge])
    assert [(line.item_id, line.state, line.attempt_id) for line in said.entered] == [
        (gauge, LineState.POSTED, BY_HAND)
    ]
    assert [item.id for item in said.left] == [trip]
    assert said.retry == [failed.id]
    assert (await world.retry(failed)).state is SendState.SENT
    assert books(world) == [FORMER, NEW]
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert books(world) == [FORMER, NEW]


async def test_difference_then_corrects_what_the_former_integration_posted(world: World) -> None:
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    await declare(world, job_id, [gauge])
    world.servicetrade.state.job_items[gauge].quantity = Decimal(5)
    assert (await world.send(job_id, items=ItemsMode.DIFFERENCE)).state is SendState.SENT
    assert books(world) == [FORMER, f"{NUMBER} GAUGE-300 3", NEW]


@pytest.mark.parametrize(("standing", "posted"), [("all", []), ("none", [FORMER, NEW])])
async def test_all_or_none_of_them(world: World, standing: str, posted: list[str]) -> None:
    job_id, _ = sent_by_others(world, GAUGE, TRIP)
    said = await declare(world, job_id, standing)
    assert (len(said.entered), len(said.left)) == ((2, 0) if standing == "all" else (0, 2))
    assert (await world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.SENT
    assert books(world) == [FORMER, *posted]


async def test_said_before_anything_was_sent_or_after_the_header_is_the_same(world: World) -> None:
    """The record that says so is made, or kept: no later plan calls the job strange again."""
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    assert (await world.preview(job_id, items=ItemsMode.NEW_ONLY)).items_held is not None
    await declare(world, job_id, [gauge])
    assert (await world.preview(job_id, items=ItemsMode.NEW_ONLY)).items_held is None
    await world.send(job_id)
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert (plan.items_held, [line.code for line in plan.lines]) == (None, ["FEE-TRIP"])


async def test_labor_and_what_stays_behind_need_no_word(world: World) -> None:
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    hours = world.servicetrade.state.add_job_item(
        job_id, "Hours", kind="labor", code="LAB-REG", quantity="8", cost="50"
    )
    seen = await world.use_cases.declare_items.look(world.tenant.id, NORTH, job_id)
    assert [(item.code, item.posted, item.held) for item in seen.items] == [
        ("GAUGE-300", False, True),
        ("FEE-TRIP", False, True),
    ]
    assert seen.held
    with pytest.raises(BadInput) as refused:
        await declare(world, job_id, [gauge, hours])
    assert hours in refused.value.message
    assert len((await declare(world, job_id, "all")).entered) == 2


async def test_an_item_that_nothing_is_said_of_is_entered_without_a_code(world: World) -> None:
    """Its type stands in no table, so nobody knows under which code it was posted: it is never compared."""
    job_id, _ = sent_by_others(world, GAUGE)
    odd = world.servicetrade.state.add_job_item(job_id, "Crane", kind="rental", code="CRANE", quantity="1", cost="500")
    held = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert (held.sendable, held.items_held is not None) == (True, True), "the header is not held for it"
    said = await declare(world, job_id, [odd])
    assert [(line.kind, dict(line.fields)) for line in said.entered] == [(ItemKind.SKIP, {})]
    plan = await world.preview(job_id, items=ItemsMode.DIFFERENCE)
    assert [(left.item_id, left.code) for left in plan.left_out] == [(odd, "by_hand")]


async def test_said_twice_it_is_entered_once_and_more_can_be_added(world: World) -> None:
    job_id, (gauge, trip) = sent_by_others(world, GAUGE, TRIP)
    await declare(world, job_id, [gauge])
    assert (await declare(world, job_id, [gauge])).entered == []
    said = await declare(world, job_id, "all")
    assert [line.item_id for line in said.entered] == [trip]
    assert (await declare(world, job_id, "none")).left == [], "a word is added to, not taken back"


async def test_at_the_same_moment_it_is_entered_once(world: World) -> None:
    job_id, _ = sent_by_others(world, GAUGE, TRIP)
    told = await asyncio.gather(*(declare(world, job_id, "all") for _ in range(4)))
    assert sorted(len(said.entered) for said in told) == [0, 0, 0, 2]


async def test_it_waits_for_whoever_has_the_connection(world: World, database_url: str) -> None:
    """What a worker stores at the same moment is not written over."""
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    connection = await world.connection()
    transactions = PostgresTransactions(world.engine, AesGcmVault(b"k" * 32), ahead=world.clock.ahead)
    record = WorkOrderRecord(
        tenant_id=world.tenant.id,
        connection_id=connection.id,
        job_id=job_id,
        number=NUMBER,
        sent={"WO_Number": NUMBER},
        items_unknown=True,
    )
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks, transactions.begin(world.tenant.id) as t:
        await t.connections.lock(connection.id)
        tasks.create_task(declare(world, job_id, [gauge]))
        await until_somebody_waits(database_url)
        await t.work_orders.save(record)
    async with transactions.begin(world.tenant.id) as t:
        found = await t.work_orders.find(connection.id, job_id)
    assert found is not None
    assert (found.sent, found.items_unknown) == (record.sent, False)


async def test_what_was_entered_stands_for_other_connections_too(world: World) -> None:
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    world.job(job_id).external_ids["west"] = NUMBER
    await world.connect(world.tenant, "west", external_system="west")
    await declare(world, job_id, [gauge])
    await world.use_cases.declare_items(world.tenant.id, "west", job_id, "none", reason="Seen.", by="ann")
    seen = await world.use_cases.preview_send(world.tenant.id, "west", job_id, items=ItemsMode.NEW_ONLY)
    assert [(left.item_id, left.code) for left in seen.plan.left_out] == [(gauge, "posted_before")]
    assert [line.code for line in seen.plan.lines] == ["FEE-TRIP"]


async def test_a_reopened_job_may_be_spoken_of(world: World) -> None:
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    world.servicetrade.state.reopen(job_id)
    assert len((await declare(world, job_id, [gauge])).entered) == 1
    world.servicetrade.state.complete(job_id)
    assert (await world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.SENT
    assert books(world) == [FORMER, NEW]


async def test_of_an_open_job_that_nobody_sent_nothing_can_stand(world: World) -> None:
    job_id = open_job(world)
    add_item(world, job_id, GAUGE)
    with pytest.raises(BadInput, match="never sent"):
        await declare(world, job_id, "all")


async def test_a_number_that_is_none_of_spectrums_is_refused(world: World) -> None:
    job_id, _ = sent_by_others(world, GAUGE)
    world.job(job_id).external_ids["spectrum"] = "imported in 2019"
    with pytest.raises(BadInput) as refused:
        await declare(world, job_id, "all")
    assert refused.value.code == "WO_NUMBER_TOO_LONG"


@pytest.mark.parametrize("standing", [["no-such-item"], [], "some"])
async def test_what_names_no_item_of_the_job_is_refused(world: World, standing: Collection[str]) -> None:
    job_id, _ = sent_by_others(world, GAUGE)
    with pytest.raises(BadInput) as refused:
        await declare(world, job_id, standing)
    assert [one.pointer for one in refused.value.errors] == ["/standing"]
    assert (await world.preview(job_id, items=ItemsMode.NEW_ONLY)).items_held


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_without_a_reason_nothing_is_taken(world: World, reason: str) -> None:
    job_id, _ = sent_by_others(world, GAUGE)
    with pytest.raises(BadInput) as refused:
        await declare(world, job_id, "all", reason)
    assert [one.pointer for one in refused.value.errors] == ["/reason"]


async def test_while_a_line_of_it_is_in_doubt_nothing_is_taken(world: World) -> None:
    job_id, _ = sent_by_others(world, GAUGE, TRIP)
    await declare(world, job_id, "none")
    lose_the_answer(world, MATERIAL_PATH)
    assert (await world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.IN_DOUBT
    with pytest.raises(Conflict) as refused:
        await declare(world, job_id, "all")
    assert refused.value.code == "WORK_ORDER_BUSY"


async def restored(world: World) -> None:
    """The mark knows of more lines than the database: this one is from a backup."""
    connection = await world.connection()
    world.intent_mark.note(connection.id, connection.intents + 1)
    await world.compare_intents()


async def acknowledge(world: World) -> None:
    world.clock.advance(15 * 60)  # what was under way has arrived, or never will
    await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="Looked.", by="ann")


async def test_while_a_restored_backup_is_not_acknowledged_nothing_is_taken(world: World) -> None:
    job_id, _ = sent_by_others(world, GAUGE)
    await restored(world)
    with pytest.raises(Conflict) as refused:
        await declare(world, job_id, "all")
    assert (refused.value.code, "Acknowledge the restored backup" in refused.value.fix) == ("DATABASE_RESTORED", True)
    await acknowledge(world)
    assert len((await declare(world, job_id, "all")).entered) == 1


async def test_after_a_restore_each_older_job_is_held_until_it_was_spoken_of(world: World) -> None:
    job_id = completed_job(world, GAUGE, TRIP)
    world.clock.advance(60)
    await restored(world)
    await acknowledge(world)
    failed = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert codes(failed) == ["ITEMS_BEFORE_UNKNOWN"]
    await declare(world, job_id, "none")
    assert (await world.retry(failed)).state is SendState.SENT
    world.clock.advance(60)
    await restored(world)
    await acknowledge(world)
    assert (await world.preview(job_id, items=ItemsMode.AGAIN)).items_held, "a later restore asks anew"


async def test_it_is_kept_in_the_audit(world: World) -> None:
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    await declare(world, job_id, [gauge], "Seen on the work order.")
    entry = (await world.use_cases.list_audit(world.tenant.id)).entries[0]
    assert (entry.action, entry.actor, entry.subject) == ("items.declared", "ann", job_id)
    assert entry.detail == {
        "job": "600001",
        "connection": NORTH,
        "work_order": NUMBER,
        "standing": gauge,
        "entered": "1",
        "reason": "Seen on the work order.",
    }


async def test_what_is_said_while_a_header_is_planned_is_not_undone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that was made before the word does not make the job strange again."""
    job_id, (gauge, _) = sent_by_others(world, GAUGE, TRIP)
    use_case, plan_send = world.use_cases.declare_items, world.use_cases.preview_send._plan_send
    plan = plan_send.plan
    said = False

    async def planned(*args: Any, **more: Any) -> Any:
        nonlocal said
        made = await plan(*args, **more)
        if not said:
            said = True
            await use_case(world.tenant.id, NORTH, job_id, [gauge], reason="Seen.", by="ann")
        return made

    asked = await world.request(job_id)
    monkeypatch.setattr(plan_send, "plan", planned)
    await world.drain()
    assert (await world.show(asked)).state is SendState.SENT
    assert (await world.preview(job_id, items=ItemsMode.NEW_ONLY)).items_held is None
