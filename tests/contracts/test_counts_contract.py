"""One suite for the counts of jobs, in memory and in PostgreSQL: by what they wait for, by cause, and by day."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from core.model.catalogue import finding
from core.model.connections.connection import ConnectionSecrets, Hold
from core.model.operations.job_counts import OUTCOMES, JobCounts, Outcome, Tally, Waiting
from core.model.sending.send import Send, SendState
from core.model.shared.finding import Severity
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import LineState
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, PROBLEM, a_connection, a_line, a_plan, a_send, stored

_SECRETS = ConnectionSecrets(Secret("SECRET"))
SITE = finding("MAP_SITE_MISSING", "no code")
NOTE = finding("WORK_ORDER_BUSY", "only said", severity=Severity.WARNING)
FAILED = {"state": SendState.NEEDS_ATTENTION, "findings": (SITE,), "due_at": None}


async def test_nothing_open_gives_every_group_and_nothing_in_it(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number, state in enumerate(SendState):
            if state not in (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT, SendState.RETRYING):
                await t.sends.add(a_send(number, state=state, findings=(PROBLEM,)))
        assert await t.counts.jobs() == JobCounts()


async def test_a_job_with_three_failed_sends_is_one_job(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.sends.add(a_send(number, job_id="7", **FAILED, requested_at=NOW + timedelta(minutes=-number)))
        await t.sends.add(a_send(4, **FAILED | {"findings": (NOTE, PROBLEM)}))
        found = await t.counts.jobs()
    assert found.attention == 2
    assert found.groups[Waiting.NEEDS_ATTENTION] == Tally(jobs=2, sends=4)
    assert [(one.code, one.tally, one.oldest) for one in found.causes] == [
        ("MAP_SITE_MISSING", Tally(1, 3), NOW - timedelta(minutes=3)),
        ("RECORD_LOCKED", Tally(1, 1), NOW),
    ]


async def test_only_what_is_due_and_stopped_by_nothing_is_tried_again_by_itself(transactions: Transactions) -> None:
    waits = {"state": SendState.RETRYING, "findings": (PROBLEM,)}
    soon = NOW + timedelta(minutes=5)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1, **waits, due_at=soon + timedelta(hours=1)))
        await t.sends.add(a_send(2, **waits, due_at=soon))
        await t.sends.add(a_send(3, **waits, due_at=None))
        await t.sends.add(a_send(4, **FAILED | {"findings": (PROBLEM,)}))
        found = await t.counts.jobs()
        assert {group: tally.jobs for group, tally in found.groups.items()} == {
            Waiting.NEEDS_ATTENTION: 1,
            Waiting.IN_DOUBT: 0,
            Waiting.RETRYING: 2,
            Waiting.STOPPED: 1,
        }
        [again] = [one for one in found.causes if one.waiting is Waiting.RETRYING]
        assert (again.code, again.next_try) == ("RECORD_LOCKED", soon), "by its state, and not by its cause"
        assert found.attention == 1
        await t.connections.set_hold("con_1", Hold(PROBLEM, NOW, soon))
        assert (await t.counts.jobs()).groups == found.groups, "the hold ends by itself"
        await t.connections.set_hold("con_1", Hold(PROBLEM, NOW, None))
        assert (await t.counts.jobs()).groups[Waiting.STOPPED].jobs == 3
        await t.connections.set_hold("con_1", None)
        await t.connections.set_paused("con_1", True)
        assert (await t.counts.jobs()).groups[Waiting.STOPPED].jobs == 3
        await t.connections.set_paused("con_1", False)
        assert (await t.counts.jobs()).groups == found.groups
    async with transactions.begin_instance() as i:
        await i.tenants.set_paused(await i.tenants.by_slug("tenant-1"), True)
    async with transactions.begin("ten_1") as t:
        paused = await t.counts.jobs()
        assert paused.groups[Waiting.STOPPED].jobs == 3
        assert paused.attention == 1, "a pause of the account ends no failure"


async def test_an_item_in_doubt_is_a_job_to_look_at_whatever_its_send_is(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1, state=SendState.SENT, due_at=None))
        lines = [a_line(n, state=LineState.IN_DOUBT, attempt_id="att_1", sent_at=NOW) for n in (1, 2)]
        await stored(t, replace(send, plan_id="pln_1", plan=a_plan()), plan=a_plan(), lines=tuple(lines))
        await t.sends.add(a_send(2, state=SendState.IN_DOUBT, findings=(finding("IN_DOUBT_POST", "who knows"),)))
        found = await t.counts.jobs()
    assert found.groups[Waiting.IN_DOUBT] == Tally(jobs=2, sends=1, items=2)
    assert found.attention == 2
    assert [(one.code, one.tally.jobs) for one in found.causes] == [("IN_DOUBT_POST", 2)]


async def test_nobody_counts_the_jobs_of_others(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        await t.sends.add(a_send(1, **FAILED, tenant_id="ten_2", connection_id="con_2"))
        assert (await t.counts.jobs()).attention == 1
    async with transactions.begin("ten_1") as t:
        assert await t.counts.jobs() == JobCounts()
        assert await t.counts.days([NOW, NOW + timedelta(days=1)]) == [{}]
        assert await t.counts.open_sends([(Waiting.NEEDS_ATTENTION, SITE.code)], each=5, stopped=()) == []
        await t.sends.add(a_send(2, **FAILED))
    async with transactions.begin_instance() as i:
        stats = await i.stats()
    assert (stats.attention, stats.jobs[Waiting.NEEDS_ATTENTION]) == (2, 2), "an operator sees the sum"


async def test_what_waits_for_a_connection_is_counted_by_job(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2, job_id="1"))
        await t.sends.add(a_send(3, state=SendState.RETRYING, findings=(PROBLEM,)))
        await t.sends.add(a_send(4, **FAILED | {"due_at": NOW}))
        await t.sends.add(a_send(5, due_at=None))
        assert await t.counts.waiting(["con_1", "con_2"]) == {"con_1": 2}
        assert await t.counts.waiting([]) == {}


async def test_days_count_jobs_by_how_their_sends_stand(transactions: Transactions) -> None:
    bounds = [NOW, NOW + timedelta(hours=23), NOW + timedelta(hours=48)]
    async with transactions.begin("ten_1") as t:
        for number, hours, job, state in (
            (1, -0.01, "1", SendState.SENT),
            (2, 0, "1", SendState.SENT),
            (3, 1, "1", SendState.SENT_WITH_WARNINGS),
            (4, 2, "1", SendState.NEEDS_ATTENTION),
            (5, 3, "2", SendState.DONE_BY_HAND),
            (6, 4, "3", SendState.CANCELLED),
            (7, 5, "4", SendState.QUEUED),
            (8, 23, "1", SendState.IN_DOUBT),
            (9, 48, "1", SendState.SENT),
        ):
            await t.sends.add(a_send(number, job_id=job, state=state, requested_at=NOW + timedelta(hours=hours)))
        assert await t.counts.days(bounds) == [{Outcome.SENT: 2, Outcome.FAILED: 1}, {Outcome.IN_DOUBT: 1}]


async def test_the_newest_sends_of_each_cause(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.sends.add(a_send(number, **FAILED))
        await t.sends.add(a_send(4, state=SendState.RETRYING, findings=(SITE,)))
        asked = [(Waiting.NEEDS_ATTENTION, SITE.code), (Waiting.RETRYING, SITE.code), (Waiting.STOPPED, SITE.code)]
        found = await t.counts.open_sends(asked, each=2, stopped=())
        assert [(one.send_id, one.waiting) for one in found] == [
            ("snd_4", Waiting.RETRYING),
            ("snd_3", Waiting.NEEDS_ATTENTION),
            ("snd_2", Waiting.NEEDS_ATTENTION),
        ]
        assert (found[1].finding, found[1].job_id, found[1].code) == (SITE, "3", SITE.code)
        [stopped] = await t.counts.open_sends(asked[1:], each=2, stopped=["con_1"])
        assert stopped.waiting is Waiting.STOPPED
        assert await t.counts.open_sends([(Waiting.NEEDS_ATTENTION, "OTHER")], each=2, stopped=()) == []


@pytest.mark.parametrize("seed", range(12))
async def test_random_histories_are_counted_as_one_would_by_hand(transactions: Transactions, seed: int) -> None:
    dice = random.Random(seed)
    bounds = [NOW + timedelta(hours=24 * day) for day in range(4)]
    sends: list[Send] = []
    async with transactions.begin("ten_1") as t:
        await t.connections.add(replace(a_connection(3, tenant=1), paused=True), _SECRETS)
        await t.connections.set_paused("con_3", True)
        for number in range(dice.randint(0, 60)):
            send = a_send(
                number,
                job_id=str(dice.randint(1, 12)),
                connection_id=dice.choice(("con_1", "con_3")),
                state=dice.choice(tuple(SendState)),
                findings=tuple(dice.sample((SITE, PROBLEM, NOTE), dice.randint(0, 3))),
                due_at=dice.choice((NOW, None)),
                requested_at=NOW + timedelta(minutes=dice.randint(-100, 5000)),
            )
            sends.append(await t.sends.add(send))
        found, days = await t.counts.jobs(), await t.counts.days(bounds)
    jobs: dict[Waiting, set[str]] = defaultdict(set)
    for send in sends:
        if send.state is SendState.RETRYING:
            stopped = send.connection_id == "con_3" or send.due_at is None
            jobs[Waiting.STOPPED if stopped else Waiting.RETRYING].add(send.job_id)
        elif send.state in (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT):
            jobs[Waiting(send.state.value)].add(send.job_id)
    assert {group: tally.jobs for group, tally in found.groups.items()} == {one: len(jobs[one]) for one in Waiting}
    assert found.attention == len(jobs[Waiting.NEEDS_ATTENTION] | jobs[Waiting.IN_DOUBT])
    for group, tally in found.groups.items():
        of_group = [one.tally.sends for one in found.causes if one.waiting is group]
        assert sum(of_group) == tally.sends
    for number, (start, end) in enumerate(pairwise(bounds)):
        of_day = [send for send in sends if start <= send.requested_at < end and send.state in OUTCOMES]
        outcomes = {OUTCOMES[send.state] for send in of_day}
        by_hand = {one: len({s.job_id for s in of_day if OUTCOMES[s.state] is one}) for one in outcomes}
        assert days[number] == by_hand
