"""Reconciliation: every planted difference is found and none that is not there, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.model.reconciliation.entry import Kind, ReconciledJob
from core.model.reconciliation.run import Reconciliation, RunState
from core.model.shared.time_zone import zone_of
from core.model.work_orders.cost_line import COST, QUANTITY
from core.services.reconciliation.read_reconciliations import ShownReconciliation
from tests.journeys.items import lines_received
from tests.journeys.planted import (
    DIFFERENT,
    EQUAL,
    OLD,
    Planted,
    items_never_chosen,
    never_sent,
    other_po,
    other_quantity,
    posted_again,
    queued,
    second_set_taken_back,
    with_items,
    without_items,
)
from tests.journeys.world import NORTH, World


async def planted_in(world: World, differences: int) -> Planted:
    """So many differences of all kinds, and an equal job for each second one."""
    # So many jobs in so short a time would use up ServiceTrade's budget, and here nobody waits until it is full again.
    world.servicetrade.state.settings.call_ms = 0
    planted = Planted(world)
    await planted.connect()
    for number in range(differences - 2):
        planting, kinds = DIFFERENT[number % len(DIFFERENT)]
        await planted.plant(planting, *kinds)
    for number in range(max(differences // 2, len(EQUAL))):
        await planted.plant(EQUAL[number % len(EQUAL)])
    await world.use_cases.remove_connection(world.tenant.id, OLD, version=None, by="ann")
    for _ in range(2):
        await planted.plant(queued, Kind.WAITING)
    return planted


async def start(world: World) -> Reconciliation:
    """Of today where the tenant is, and of yesterday: midnight may have passed since jobs were completed.

    A minute later, because the second that has begun is left out.
    """
    world.clock.advance(60)
    tenant = await world.use_cases.find_tenant.fresh(world.tenant.slug)
    today = world.clock.now().astimezone(zone_of(tenant.time_zone)).date()
    return await world.use_cases.start_reconciliation(world.tenant.id, today - timedelta(days=1), today, by="ann")


async def carry_out(world: World, run: Reconciliation) -> ShownReconciliation:
    """As workers do, until it has ended."""
    while (shown := await world.use_cases.read_reconciliations.show(world.tenant.id, run.id)).run.running:
        await world.carry_out_reconciliation(world.tenant.id, run.id)
    return shown


async def found_by(world: World, run: Reconciliation) -> dict[str, ReconciledJob]:
    pages = world.use_cases.read_reconciliations.all_jobs(world.tenant.id, run.id, kind=None)
    return {job.job_id: job async for jobs in pages for job in jobs}


def kinds_of(job: ReconciledJob) -> frozenset[Kind]:
    return frozenset(one.kind for one in job.differences)


async def check(world: World, planted: Planted) -> ShownReconciliation:
    """The reconciliation, after every planted job was found as it is."""
    run = await start(world)
    shown = await carry_out(world, run)
    assert (shown.run.state, shown.run.reason) == (RunState.WHOLE, "")
    found = await found_by(world, run)
    wrong = {
        world.job(job_id).number: (
            kinds,
            [one.message for one in found[job_id].differences] if job_id in found else "not told at all",
        )
        for job_id, kinds in planted.expected.items()
        if job_id not in found or kinds_of(found[job_id]) != kinds
    }
    assert not wrong
    assert set(found) == set(planted.expected)
    assert shown.tally.differs() == sum(bool(kinds) for kinds in planted.expected.values())
    assert shown.tally.accounted() == sum(not kinds for kinds in planted.expected.values())
    return shown


async def test_each_kind_of_difference_is_found_among_equal_jobs(world: World) -> None:
    await check(world, await planted_in(world, len(DIFFERENT) + 2))


@pytest.mark.long
async def test_three_hundred_planted_differences_are_all_found_and_no_others(world: World) -> None:
    shown = await check(world, await planted_in(world, 300))
    assert shown.tally.differs() == 300


async def test_a_restored_database_holds_items_and_calls_none_of_them_accounted_for(world: World) -> None:
    planted = Planted(world)
    await planted.connect()
    await planted.plant(with_items)
    await planted.plant(items_never_chosen, Kind.UNCLEAR)
    await planted.plant(never_sent, Kind.MISSING)
    await world.use_cases.hold_restored()
    await check(world, planted)


async def test_a_rehearsal_and_a_reconciliation_change_nothing(world: World) -> None:
    planted = Planted(world)
    await planted.connect()
    for planting in (with_items, without_items):
        await planted.plant(planting)
    await planted.plant(other_po, Kind.DRIFTED)
    writes, received = world.servicetrade_writes(), world.headers_received() + lines_received(world)
    await world.use_cases.rehearse_plugins(world.tenant.id, NORTH, (), last=3)
    for _ in range(2):
        await check(world, planted)
    assert world.servicetrade_writes() == writes
    assert world.headers_received() + lines_received(world) == received


async def test_a_held_connection_is_named_where_its_sends_wait(world: World) -> None:
    planted = Planted(world)
    await planted.connect()
    await world.use_cases.pause_connection(world.tenant.id, NORTH, paused=True, by="ann")
    job_id = await planted.plant(queued, Kind.WAITING)
    run = await start(world)
    await carry_out(world, run)
    [told] = (await found_by(world, run))[job_id].differences
    assert told.message == "Its send waits, because the connection is paused."


async def test_the_sums_are_those_of_spectrums_books(world: World) -> None:
    planted = Planted(world)
    await planted.connect()
    for planting in (with_items, other_quantity, posted_again, second_set_taken_back):
        await planted.plant(planting, *dict(DIFFERENT).get(planting, ()))
    shown = await check(world, planted)
    pieces = sum(Decimal(line.fields[QUANTITY]) for line in world.company.material)
    costs = sum(Decimal(line.fields[COST]) for line in world.company.charges)
    assert (shown.tally.total.posted_quantity, shown.tally.total.posted_amount) == (pieces, costs)
    assert (shown.tally.total.open_quantity, shown.tally.total.open_amount) == (Decimal(9 - 2 - 2), Decimal(-45))
