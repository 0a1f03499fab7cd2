"""Automation over a job's whole life: which completions count, which are looked for, and what is said when it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from core.model.catalogue import finding
from core.model.connections.settings import OnCompletion
from core.model.planning.job import ChangedJob
from core.model.sending.send import DashboardWarning, Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from core.services.webhooks.servicetrade_webhook import webhook_digest
from ports.storage.webhooks import WebhookRecord
from tests.journeys.items import NUMBER, add_item, books, open_job
from tests.journeys.world import NORTH, World

WEST = "west"
GAUGE = "GAUGE-300 2 18.40"
POSTED = f"{NUMBER} GAUGE-300 2"
NO_MOMENT = 10**17
"""As the moment of a completion: no date has so many seconds, so the record cannot be read."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def change(world: World, slug: str = NORTH, **settings: Any) -> None:
    """As the office saves it."""
    await world.use_cases.change_connection(
        world.tenant.id, slug, lambda before, secrets: (replace(before, **settings), secrets), version=None, by="ann"
    )


async def follow(world: World, minutes: float = 0) -> list[Send]:
    """Time passes, the worker looks; every send there is, oldest first."""
    world.clock.advance(minutes * 60)
    await world.sync_completions(world.tenant.id)
    await world.drain()
    return list(reversed((await world.use_cases.list_sends(world.tenant.id)).sends))


async def told(world: World) -> list[tuple[str, str]]:
    """Open warnings: code and job."""
    return [(one.finding.code, one.job_id) for one in await world.warnings()]


async def hint(world: World, job_id: str) -> None:
    """What an event of the job leaves behind."""
    async with transactions(world).begin(world.tenant.id) as t:
        await t.completions.add_change(job_id, await t.now())


def transactions(world: World) -> Any:
    return world.sync_completions._transactions


def job_with_a_gauge(world: World) -> str:
    job_id = open_job(world)
    add_item(world, job_id, GAUGE)
    return job_id


def complete(world: World, job_id: str) -> None:
    """In ServiceTrade, at the moment at which the world is."""
    world.servicetrade.state.complete(job_id)
    at_present(world, job_id)


def reopen(world: World, job_id: str) -> None:
    world.servicetrade.state.reopen(job_id)
    world.job(job_id).updated = int(world.clock.now().timestamp())


def correct_the_date(world: World, job_id: str, by: timedelta = -MINUTE) -> None:
    job = world.job(job_id)
    assert job.completed_on
    job.completed_on += int(by.total_seconds())
    job.updated = int(world.clock.now().timestamp())


def at_present(world: World, job_id: str) -> None:
    job = world.job(job_id)
    job.updated = job.completed_on = int(world.clock.now().timestamp())


async def by_itself(world: World, items_on_resend: ItemsMode = ItemsMode.NEW_ONLY) -> None:
    """`north` sends completed jobs with their items, from two hours ago on, and was polled."""
    start = world.clock.now() - 2 * HOUR
    await change(
        world, on_completion=OnCompletion.SEND_WITH_ITEMS, completion_start_date=start, items_on_resend=items_on_resend
    )
    assert await follow(world) == []


async def second_connection(world: World, **settings: Any) -> None:
    """`west`, another external system of the same account, for the same customers and sites."""
    state = world.servicetrade.state
    state.external_systems.append(WEST)
    for records in (state.companies, state.locations):
        for record in records.values():
            if code := record.external_ids.get("spectrum"):
                record.external_ids[WEST] = code
    settings = {"on_completion": OnCompletion.SEND, **settings}
    await world.connect(world.tenant, WEST, external_system=WEST, leading_character="W", **settings)


# Looked for


@pytest.mark.parametrize("back", ["switched on", "moved back", "added"])
async def test_an_earlier_start_on_a_tenant_that_is_polled_finds_what_was_completed_since(
    world: World, back: str
) -> None:
    await second_connection(world)
    start = world.clock.now() - 2 * HOUR
    if back == "moved back":
        await change(world, on_completion=OnCompletion.SEND, completion_start_date=world.clock.now() + HOUR)
    if back == "added":
        await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="ann")
        world._drained = dict(list(world._drained.items())[1:])
    await follow(world)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    assert [send.job_id for send in await follow(world, minutes=6)] == [job_id], "west has sent it"
    for _ in range(4):
        await follow(world, minutes=6)
    if back == "added":
        await world.connect(world.tenant, NORTH, on_completion=OnCompletion.SEND, completion_start_date=start)
    else:
        await change(world, on_completion=OnCompletion.SEND, completion_start_date=start)
    sends = await follow(world)
    assert [send.job_id for send in sends] == [job_id, job_id]
    assert sends[1].connection_id == (await world.connection()).id, "west is not pushed again"
    assert await follow(world, minutes=6) == sends


async def test_a_poll_under_way_does_not_undo_a_start_moved_back(world: World) -> None:
    """It asked for what was wanted when it began."""
    await second_connection(world)
    await follow(world)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    await follow(world, minutes=20)
    polling: Any = world.sync_completions._poll_changes
    real = polling._service_trade.changed_since

    async def meanwhile(*asked: Any) -> Any:
        start = world.clock.now() - 2 * HOUR
        await change(world, on_completion=OnCompletion.SEND, completion_start_date=start)
        async for job in real(*asked):
            yield job

    polling._service_trade.changed_since = meanwhile
    try:
        await follow(world, minutes=6)
    finally:
        del polling._service_trade.changed_since
    assert len(await follow(world)) == 2


async def test_a_start_moved_forward_asks_for_nothing_anew(world: World) -> None:
    await by_itself(world)
    before = len(world.servicetrade.requests.calls)
    await change(world, name="Another name")
    await follow(world)
    assert len(world.servicetrade.requests.calls) == before


async def test_an_unreadable_event_on_a_tenant_never_polled_limits_nothing(world: World) -> None:
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    world.clock.advance(5 * 3600)
    start = world.clock.now() - 6 * HOUR
    await change(world, on_completion=OnCompletion.SEND, completion_start_date=start)
    async with transactions(world).begin(world.tenant.id) as t:
        await t.webhooks.add(WebhookRecord(digest=webhook_digest("s"), webhook_id=None, made_at=world.clock.now()))
    await world.use_cases.receive_event("s", None)
    assert [send.job_id for send in await follow(world)] == [job_id]


# From the moment it was switched on, each time anew


@pytest.mark.parametrize("on", [OnCompletion.SEND, OnCompletion.SEND_WITH_ITEMS])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
async def test_a_trigger_off_for_a_month_and_on_again_counts_from_then(
    world: World, on: OnCompletion, beside: bool
) -> None:
    if beside:
        await second_connection(world)
    await by_itself(world, ItemsMode.AGAIN)
    north = (await world.connection()).id
    await change(world, on_completion=OnCompletion.OFF)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    by_hand = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    for _ in range(3):
        await follow(world, minutes=10 * 24 * 60)
    await change(world, on_completion=on)
    sends = await follow(world)
    world.job(job_id).updated = int(world.clock.now().timestamp())  # a comment, say
    sends = await follow(world, minutes=6)
    assert [send.id for send in sends if send.connection_id == north] == [by_hand.id]
    assert books(world) == [POSTED]
    reopen(world, job_id)
    complete(world, job_id)
    sends = await follow(world, minutes=6)
    assert [send.requested_by for send in sends if send.connection_id == north] == ["dispatcher", "completion"]


async def test_a_completion_of_the_time_off_whose_moment_is_not_told_is_left_alone_too(world: World) -> None:
    """By when the job was changed: nothing else says that it was before."""
    await by_itself(world)
    await change(world, on_completion=OnCompletion.OFF)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    world.job(job_id).completed_on = None
    world.clock.advance(30 * 24 * 3600)
    await change(world, on_completion=OnCompletion.SEND)
    assert await follow(world) == []


async def test_saving_a_form_that_shows_the_former_start_starts_anew_too(world: World) -> None:
    await by_itself(world)
    shown = (await world.connection()).completion_start_date
    await change(world, on_completion=OnCompletion.OFF)
    world.clock.advance(3600)
    await change(world, on_completion=OnCompletion.SEND, completion_start_date=shown)
    start = (await world.connection()).completion_start_date
    assert start
    assert timedelta() <= world.clock.now() - start < MINUTE


async def test_another_start_given_with_the_switch_stands_and_changing_the_kind_keeps_it(world: World) -> None:
    await by_itself(world)
    await change(world, on_completion=OnCompletion.OFF)
    given = world.clock.now() - 10 * DAY
    await change(world, on_completion=OnCompletion.SEND, completion_start_date=given)
    await change(world, on_completion=OnCompletion.SEND_WITH_ITEMS)
    assert (await world.connection()).completion_start_date == given
    await change(world, completion_start_date=None)
    start = (await world.connection()).completion_start_date
    assert start, "taken away, it starts now"
    assert timedelta() <= world.clock.now() - start < MINUTE


async def test_a_trigger_switched_off_while_a_job_is_looked_at_sends_nothing(world: World) -> None:
    await by_itself(world)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await hint(world, job_id)
    service_trade: Any = world.sync_completions._service_trade
    real = service_trade.completion_of

    async def completion_of(*asked: Any) -> Any:
        await change(world, on_completion=OnCompletion.OFF)
        return await real(*asked)

    service_trade.completion_of = completion_of
    try:
        assert await follow(world) == []
    finally:
        del service_trade.completion_of


# A second set


@pytest.mark.parametrize(("seen", "sets"), [(0, 1), (1, 2), (2, 2)], ids=["not seen", "seen once", "seen twice"])
@pytest.mark.parametrize("how", ["poll", "event"])
async def test_a_second_set_goes_by_itself_only_where_the_job_was_seen_open(
    world: World, seen: int, sets: int, how: str
) -> None:
    await by_itself(world, ItemsMode.AGAIN)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    assert books(world) == [POSTED]
    world.clock.advance(60)
    reopen(world, job_id)
    for _ in range(seen):
        if how == "event":
            await hint(world, job_id)
        await follow(world, minutes=6 if how == "poll" else 0)
    world.clock.advance(60)
    complete(world, job_id)
    sends = await follow(world, minutes=6)
    assert [send.items for send in sends] == [ItemsMode.NEW_ONLY, ItemsMode.AGAIN if seen else ItemsMode.NEW_ONLY]
    assert books(world) == [POSTED] * sets
    correct_the_date(world, job_id)
    sends = await follow(world, minutes=6)
    assert sends[2].items is ItemsMode.NEW_ONLY
    assert books(world) == [POSTED] * sets, "a corrected date is no completion"


async def test_a_corrected_date_makes_no_second_set(world: World) -> None:
    await by_itself(world, ItemsMode.AGAIN)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    for by in (-MINUTE, -MINUTE, 2 * MINUTE, HOUR):
        correct_the_date(world, job_id, by)
        await follow(world, minutes=6)
    assert books(world) == [POSTED]


async def test_a_reopening_is_used_up_by_our_own_completion(world: World) -> None:
    await by_itself(world, ItemsMode.AGAIN)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    reopen(world, job_id)
    await follow(world, minutes=6)
    await complete_from_here(world, job_id)
    await world.drain()
    at_present(world, job_id)
    sends = await follow(world, minutes=6)
    correct_the_date(world, job_id)
    sends = await follow(world, minutes=6)
    assert {send.items for send in sends} == {ItemsMode.NEW_ONLY}
    assert books(world) == [POSTED]


async def test_completed_again_under_its_former_date_the_job_goes_again(world: World) -> None:
    """What was added in between is not lost."""
    await by_itself(world)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    moment = world.job(job_id).completed_on
    await follow(world, minutes=6)
    reopen(world, job_id)
    await follow(world, minutes=6)
    add_item(world, job_id, "CV4G 1 412.85")
    complete(world, job_id)
    world.job(job_id).completed_on = moment
    for _ in range(3):
        sends = await follow(world, minutes=6)
    assert len(sends) == 2
    assert books(world) == [POSTED, f"{NUMBER} CV4G 1"]


async def test_a_reopening_counts_once_for_each_connection(world: World) -> None:
    await by_itself(world, ItemsMode.AGAIN)
    await second_connection(world, on_completion=OnCompletion.SEND_WITH_ITEMS, items_on_resend=ItemsMode.AGAIN)
    job_id = job_with_a_gauge(world)
    world.clock.advance(60)
    complete(world, job_id)
    await follow(world, minutes=6)
    reopen(world, job_id)
    await follow(world, minutes=6)
    complete(world, job_id)
    sends = await follow(world, minutes=6)
    modes = {(send.connection_id, send.items) for send in sends[2:]}
    assert len(sends) == 4
    assert {mode for _, mode in modes} == {ItemsMode.AGAIN}
    assert len(modes) == 2


async def test_what_was_seen_before_the_trigger_was_switched_on_again_counts_for_nothing(world: World) -> None:
    await by_itself(world, ItemsMode.AGAIN)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await follow(world, minutes=6)
    reopen(world, job_id)
    await follow(world, minutes=6)
    await change(world, on_completion=OnCompletion.OFF)
    complete(world, job_id)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    world.clock.advance(3600)
    await change(world, on_completion=OnCompletion.SEND_WITH_ITEMS)
    correct_the_date(world, job_id, 2 * HOUR)
    sends = await follow(world, minutes=6)
    assert sends[-1].requested_by == "completion"
    assert sends[-1].items is ItemsMode.NEW_ONLY
    assert books(world) == [POSTED]


async def complete_from_here(world: World, job_id: str) -> Send:
    wanted = SendRequest(
        connection=NORTH, job_id=job_id, requested_by="dispatcher", items=ItemsMode.NEW_ONLY, completes=True
    )
    return await world.use_cases.request_send(world.tenant.id, wanted)


async def test_completed_in_servicetrade_while_our_own_send_waits_that_send_carries_it(world: World) -> None:
    await by_itself(world)
    job_id = job_with_a_gauge(world)
    asked = await complete_from_here(world, job_id)
    complete(world, job_id)
    await world.sync_completions(world.tenant.id)
    assert [send.id for send in await follow(world, minutes=20)] == [asked.id]
    assert books(world) == [POSTED]


async def test_and_if_it_is_cancelled_the_completion_goes_by_itself(world: World) -> None:
    await by_itself(world)
    job_id = job_with_a_gauge(world)
    asked = await complete_from_here(world, job_id)
    complete(world, job_id)
    for _ in range(6):  # until no poll names the job any more
        world.clock.advance(360)
        await world.sync_completions(world.tenant.id)
    await world.use_cases.send_actions.cancel(world.tenant.id, asked.id, by="ann")
    await follow(world, minutes=30)
    sends = await follow(world, minutes=30)
    assert [(send.requested_by, send.state) for send in sends] == [
        ("dispatcher", SendState.CANCELLED),
        ("completion", SendState.SENT),
    ]
    assert books(world) == [POSTED]


# What stops is told


@pytest.mark.long
async def test_a_refused_sign_in_is_told_at_the_second_poll_for_each_trigger_and_goes_with_it(world: World) -> None:
    await second_connection(world)
    await by_itself(world)
    password = world.servicetrade.state.login.password
    world.servicetrade.state.login.password = "another"
    world.servicetrade.state.drop_sessions()
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await hint(world, job_id)
    await follow(world, minutes=6)
    assert await told(world) == [], "once may be a hiccup"
    await follow(world, minutes=6)
    assert await told(world) == [("COMPLETIONS_STOPPED", "")] * 2
    first = await world.warnings()
    assert len({one.connection_id for one in first}) == 2
    assert "2 times in a row: ServiceTrade refuses" in first[0].finding.message
    for _ in range(40):
        await follow(world, minutes=288)
    assert await told(world) == [("COMPLETIONS_STOPPED", "")] * 2, "eight days later, and none a job"
    [north] = [one for one in await world.warnings() if one.connection_id == (await world.connection()).id]
    assert "42 times in a row" in north.finding.message
    await world.use_cases.warnings.dismiss(world.tenant.id, north.id, by="ann")
    assert await told(world) == [("COMPLETIONS_STOPPED", "")]
    world.servicetrade.state.login.password = password
    sends = await follow(world, minutes=6)
    sends = await follow(world, minutes=20)
    assert await told(world) == []
    assert {send.job_id for send in sends} == {job_id}, "and nothing is lost"
    await follow(world, minutes=6)
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/api/job", method="GET", status=503))
    await follow(world, minutes=6)
    assert await told(world) == [], "the count began anew"


async def test_a_trigger_switched_off_is_warned_of_no_more(world: World) -> None:
    await by_itself(world)
    world.servicetrade.faults.add(
        Fault(FaultKind.STATUS, match="/api/job", method="GET", status=503, times=UNTIL_CLEARED)
    )
    for _ in range(2):
        await follow(world, minutes=6)
    assert await told(world) == [("COMPLETIONS_STOPPED", "")]
    await change(world, on_completion=OnCompletion.OFF)
    assert await told(world) == []


async def test_a_warning_of_the_poll_and_one_of_the_secret_stand_beside_each_other(world: World) -> None:
    await by_itself(world)
    north = await world.connection()
    async with transactions(world).begin(world.tenant.id) as t:
        await t.warnings.put(secret_warning(world, north.id))
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/api/job", method="GET", status=503, times=2))
    for _ in range(2):
        await follow(world, minutes=6)
    assert sorted(await told(world)) == [("COMPLETIONS_STOPPED", ""), ("SECRET_ENDS_SOON", "")]
    await follow(world, minutes=6)
    assert await told(world) == [("SECRET_ENDS_SOON", "")]


def secret_warning(world: World, connection_id: str) -> DashboardWarning:
    return DashboardWarning(
        id="wrn_secret",
        tenant_id=world.tenant.id,
        connection_id=connection_id,
        job_id="",
        send_id="",
        finding=finding("SECRET_ENDS_SOON", "It ends."),
        raised_at=datetime.now(UTC),
        topic="secret",
    )


async def test_one_unreadable_job_stops_no_other_is_told_and_is_sent_once_it_can_be_read(world: World) -> None:
    await by_itself(world)
    bad, good = job_with_a_gauge(world), job_with_a_gauge(world)
    world.job(good).number = "600002"
    world.clock.advance(60)
    for job_id in (bad, good):
        complete(world, job_id)
    world.job(bad).completed_on = NO_MOMENT
    sends = await follow(world, minutes=6)
    assert [(send.job_id, send.state) for send in sends] == [(good, SendState.SENT)]
    async with transactions(world).begin(world.tenant.id) as t:
        assert world.clock.now() - (await t.completions.poll()).until < MINUTE, "the poll goes on from here"
    assert await told(world) == []
    await follow(world, minutes=6)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", bad)]
    [warning] = await world.warnings()
    assert bad in warning.finding.message
    await follow(world, minutes=24 * 60)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", bad)], "also when the list names it no more"
    at_present(world, bad)
    sends = await follow(world, minutes=20)
    assert {send.job_id for send in sends} == {bad, good}
    assert await told(world) == []


async def test_a_hint_that_cannot_be_followed_is_told_after_its_second_look(world: World) -> None:
    await by_itself(world)
    bad, good = job_with_a_gauge(world), job_with_a_gauge(world)
    world.job(good).number = "600002"
    for job_id in (bad, good):
        complete(world, job_id)
        await hint(world, job_id)
    world.servicetrade.faults.add(
        Fault(FaultKind.STATUS, match=f"/api/job/{bad}", method="GET", status=403, times=UNTIL_CLEARED)
    )
    sends = await follow(world)
    assert [send.job_id for send in sends] == [good]
    assert await told(world) == []
    await follow(world, minutes=1.1)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", bad)]
    world.servicetrade.faults.clear()
    await follow(world, minutes=20)
    assert await told(world) == []


async def test_a_single_job_that_is_not_answered_for_is_told_within_two_polls(world: World) -> None:
    await by_itself(world)
    job_id = job_with_a_gauge(world)
    complete(world, job_id)
    await hint(world, job_id)
    world.servicetrade.faults.add(
        Fault(FaultKind.STATUS, match=f"/api/job/{job_id}", method="GET", status=503, times=UNTIL_CLEARED)
    )
    for minutes in (0, 1.1, 2.1):
        await follow(world, minutes)
        assert await told(world) == [], "time may mend it"
    await follow(world, minutes=5.1)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", job_id)]


async def test_whatever_befalls_one_job_the_others_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours, too."""
    await by_itself(world)
    bad, good = job_with_a_gauge(world), job_with_a_gauge(world)
    world.job(good).number = "600002"
    for job_id in (bad, good):
        complete(world, job_id)
        await hint(world, job_id)
    following: Any = world.sync_completions
    real = following._service_trade.completion_of

    async def completion_of(account: Any, job_id: str) -> Any:
        return 1 / 0 if job_id == bad else await real(account, job_id)

    monkeypatch.setattr(following._service_trade, "completion_of", completion_of)
    assert [send.job_id for send in await follow(world)] == [good]
    await follow(world, minutes=1.1)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", bad)]
    [warning] = await world.warnings()
    assert "ZeroDivisionError" in warning.finding.message


async def test_a_poll_that_breaks_off_by_our_own_mistake_is_told_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await by_itself(world)
    polling: Any = world.sync_completions._poll_changes
    monkeypatch.setattr(polling._service_trade, "changed_since", lambda *_: 1 / 0)
    for _ in range(2):
        await follow(world, minutes=6)
    assert await told(world) == [("COMPLETIONS_STOPPED", "")]


async def test_a_record_without_an_id_is_told_and_stays_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await by_itself(world)
    service_trade: Any = world.sync_completions._poll_changes._service_trade

    async def changed_since(*_: Any) -> Any:
        yield ChangedJob("", unreadable="completion: id not as expected")

    with monkeypatch.context() as patched:
        patched.setattr(service_trade, "changed_since", changed_since)
        await follow(world, minutes=6)
    for _ in range(2):
        await follow(world, minutes=6)
    assert await told(world) == [("COMPLETIONS_UNREADABLE", "")]
    await world.use_cases.warnings.dismiss(world.tenant.id, (await world.warnings())[0].id, by="ann")
    await follow(world, minutes=6)
    assert await told(world) == []


async def test_this_machines_clock_decides_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither from when on completions count, nor when they are looked for."""
    wrong = datetime(2031, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(world.clock, "now", lambda: wrong)
    await change(world, on_completion=OnCompletion.SEND)
    start = (await world.connection()).completion_start_date
    assert start
    assert start < wrong - DAY
    job_id = job_with_a_gauge(world)
    world.servicetrade.state.complete(job_id)
    await world.sync_completions(world.tenant.id)
    async with transactions(world).begin(world.tenant.id) as t:
        state = await t.completions.poll()
        assert state.due_at < wrong - DAY
        assert state.until < wrong - DAY
    [send] = (await world.use_cases.list_sends(world.tenant.id)).sends
    assert send.requested_at < wrong - DAY
