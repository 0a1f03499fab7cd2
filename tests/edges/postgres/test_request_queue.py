"""Requests for sends that are stored together: each is answered for itself, and none is lost or stored twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.changes.request_queue import MOST, RequestQueue
from core.model.sending.new_send import NewSend
from core.model.sending.send import SendState
from core.model.shared.errors import NotFound, TimeMends
from ports.storage.send_requests import BoundKey, RequestedSends, StoredRequest
from tests.support.storage_scene import a_connection, a_send, furnish

WAITING = (SendState.QUEUED, SendState.RETRYING)


def asked(*jobs: str, slug: str = "main-1") -> RequestedSends:
    sends = [NewSend(id=f"snd_{job}_{number}", job_id=job, requested_by="ann") for number, job in enumerate(jobs)]
    return RequestedSends(slug=slug, sends=sends)


class Store:
    """Answers when it is told to. `refuses` are the errors of calls with these jobs."""

    def __init__(self, **refuses: BaseException) -> None:
        self.calls: list[list[str]] = []
        self.refuses = refuses
        self.may_answer = asyncio.Event()
        self.called = asyncio.Event()

    async def __call__(self, tenant_id: str, requests: Sequence[RequestedSends]) -> Sequence[StoredRequest]:
        jobs = [new.job_id for one in requests for new in one.sends]
        self.calls.append(jobs)
        self.called.set()
        await self.may_answer.wait()
        for job in jobs:
            if job in self.refuses:
                raise self.refuses[job]
        return [StoredRequest(connection=a_connection(1), waiting=[one.sends[0].job_id]) for one in requests]


async def begun(queue: RequestQueue, store: Store, *requests: RequestedSends) -> list[asyncio.Task[StoredRequest]]:
    """The first request is under way, and the others wait."""
    tasks = [asyncio.create_task(queue("ten_1", one)) for one in requests]
    await store.called.wait()
    return tasks


async def answers(tasks: Sequence[asyncio.Task[StoredRequest]]) -> list[object]:
    """The job that each was answered with, or its error."""
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [one if isinstance(one, BaseException) else next(iter(one.waiting)) for one in found]


async def test_requests_that_come_meanwhile_go_together_in_the_next_call() -> None:
    store = Store()
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcd"]
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers(first + others) == ["a", "b", "c", "d"]
    assert store.calls == [["a"], ["b", "c", "d"]]


async def test_nobody_waits_for_another_connection() -> None:
    store = Store()
    queue = RequestQueue(store)
    tasks = await begun(queue, store, asked("a"), asked("b", slug="main-2"))
    tasks.append(asyncio.create_task(queue("ten_2", asked("c"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.calls == [["a"], ["b"], ["c"]]
    store.may_answer.set()
    await answers(tasks)


async def test_a_job_is_in_a_call_once() -> None:
    """The second request has to see the send of the first one, and give way or replace it."""
    store = Store()
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(*jobs))) for jobs in ("b", "bc", "c", "d")]
    await asyncio.sleep(0)
    store.may_answer.set()
    await answers(first + others)
    assert store.calls == [["a"], ["b", "d"], ["b", "c"], ["c"]]


async def test_a_call_has_its_largest_size() -> None:
    store = Store()
    queue = RequestQueue(store)
    many = [f"m{number}" for number in range(MOST)]
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(*jobs))) for jobs in (many, ["b"], ["c"])]
    await asyncio.sleep(0)
    store.may_answer.set()
    await answers(first + others)
    assert store.calls == [["a"], many, ["b", "c"]]


async def test_a_cancelled_caller_takes_no_other_request_with_it() -> None:
    store = Store()
    queue = RequestQueue(store)
    under_way = await begun(queue, store, asked("a"))
    gone, stays = (asyncio.create_task(queue("ten_1", asked(job))) for job in "bc")
    await asyncio.sleep(0)
    under_way[0].cancel()
    gone.cancel()
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers([stays]) == ["c"]
    assert store.calls == [["a"], ["c"]], "one whose caller has gone before is not stored"


async def test_what_is_refused_for_one_request_fails_only_that_one() -> None:
    refused = psycopg.errors.NotNullViolation()
    store = Store(c=refused)
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcd"]
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers(first + others) == ["a", "b", refused, "d"]
    assert store.calls == [["a"], ["b", "c", "d"], ["b"], ["c"], ["d"]]


async def test_one_that_waits_for_a_lock_in_vain_fails_alone() -> None:
    """Another transaction has its key."""
    locked = psycopg.errors.LockNotAvailable()
    store = Store(c=locked)
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcdef"]
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers(first + others) == ["a", "b", locked, "d", "e", "f"]


async def test_where_two_wait_for_a_lock_in_vain_the_others_do_not_wait_for_it_too() -> None:
    """It is the connection's, and each that waits has a session that other tenants need."""
    locked = psycopg.errors.LockNotAvailable()
    store = Store(**dict.fromkeys("bcdef", locked))
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcdef"]
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers(first + others) == ["a", *[locked] * 5]
    assert store.calls == [["a"], list("bcdef"), ["b"], ["c"]]


@pytest.mark.parametrize("calls", range(1, 5))
async def test_nobody_waits_for_ever_when_the_process_stops_while_each_is_stored_alone(calls: int) -> None:
    refused = psycopg.errors.NotNullViolation()
    store = Store(b=refused)
    queue = RequestQueue(store)
    tasks = await begun(queue, store, asked("a"))
    tasks += [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcdef"]
    [serving] = queue._serving
    await asyncio.sleep(0)
    store.may_answer.set()
    while len(store.calls) < calls:
        store.called.clear()
        await store.called.wait()
    serving.cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)


async def test_an_error_after_which_all_may_be_stored_is_told_to_all_and_nothing_is_repeated() -> None:
    lost = TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
    lost.__cause__ = psycopg.OperationalError("the connection is lost")
    store = Store(c=lost)
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    others = [asyncio.create_task(queue("ten_1", asked(job))) for job in "bcd"]
    await asyncio.sleep(0)
    store.may_answer.set()
    assert await answers(first + others) == ["a", lost, lost, lost]
    assert store.calls == [["a"], ["b", "c", "d"]]


async def test_nobody_waits_for_ever_when_the_process_stops() -> None:
    store = Store()
    queue = RequestQueue(store)
    first = await begun(queue, store, asked("a"))
    waiting = asyncio.create_task(queue("ten_1", asked("b")))
    await asyncio.sleep(0)
    [serving] = queue._serving
    serving.cancel()
    assert [type(one) for one in await answers([*first, waiting])] == [asyncio.CancelledError] * 2
    store.may_answer.set()
    assert (await queue("ten_1", asked("c"))).waiting == ["c"]


async def test_requests_stored_together_have_their_own_answers(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    bound = BoundKey("key", "hash", "snd_first")
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.bind_key(bound)

    def request(job: str, key: str = "") -> RequestedSends:
        [new] = asked(job).sends
        mine = BoundKey(key, f"hash of {job}", new.id) if key else None
        return RequestedSends(slug="main-1", sends=[new], key=mine, look_for=WAITING)

    wanted = [request("8"), request("1"), request("9", "key"), request("7", "z"), request("6", "a"), request("5", "a")]
    together = await asyncio.gather(*(transactions.request("ten_1", one) for one in wanted))
    assert [len(one.sends) for one in together] == [1, 0, 0, 1, 1, 0]
    assert together[1].waiting == ["1"]
    assert together[2].first == bound
    assert together[5].first == BoundKey("a", "hash of 6", "snd_6_0"), "the key of one that goes with it"
    new = [send for one in together for send in one.sends]
    assert len({send.requested_at for send in new}) == 1, "in one transaction"
    async with transactions.begin("ten_1") as t:
        stored = sorted(await t.sends.page(), key=lambda send: send.seq)[1:]
        assert stored == new, "in the order in which they came"
        bound_keys = [await t.sends.find_key(key) for key in "az"]
    assert [one and one.bound_to for one in bound_keys] == ["snd_6_0", "snd_7_0"]


async def test_the_second_of_two_requests_for_a_job_sees_the_send_of_the_first_one(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    twins = [NewSend(id=f"snd_{by}", job_id="1", requested_by=by) for by in ("ann", "bob")]
    wanted = [RequestedSends(slug="main-1", sends=[new], look_for=WAITING) for new in twins]
    first, second = await asyncio.gather(*(transactions.request("ten_1", one) for one in wanted))
    assert ([send.job_id for send in first.sends], second.waiting) == (["1"], ["1"])


async def test_a_request_that_cannot_be_stored_fails_alone(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    broken = asked("8")
    broken = replace(broken, sends=[replace(broken.sends[0], requested_by=None)])  # type: ignore[arg-type]
    found = await asyncio.gather(
        *(transactions.request("ten_1", one) for one in (asked("6"), asked("7"), broken, asked("9"))),
        return_exceptions=True,
    )
    assert isinstance(found.pop(2), psycopg.errors.NotNullViolation)
    async with transactions.begin("ten_1") as t:
        assert {send.job_id for send in await t.sends.page()} == {"6", "7", "9"}
    assert all(isinstance(one, StoredRequest) and len(one.sends) == 1 for one in found)


async def test_a_key_that_another_transaction_has_holds_up_no_other_request(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    held = BoundKey("key", "hash", "snd_8_0")
    async with asyncio.timeout(5), transactions.begin("ten_1") as t:
        await t.sends.bind_key(replace(held, bound_to="snd_other"))
        first, same_key, *others = (
            asyncio.create_task(transactions.request("ten_1", one))
            for one in (asked("7"), replace(asked("8"), key=held), asked("9"), asked("10"))
        )
        for one in (first, *others):
            assert (await one).sends
        assert not same_key.done(), "nor does it wait shorter for that"
    assert (await same_key).first == replace(held, bound_to="snd_other")


async def test_all_requests_for_an_unknown_connection_are_told_so(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    many = (transactions.request("ten_1", asked(job, slug="main-9")) for job in "abc")
    found = await asyncio.gather(*many, return_exceptions=True)
    assert [type(one) for one in found] == [NotFound] * 3
    with pytest.raises(NotFound):
        await transactions.request("ten_1", asked("d", slug="main-9"))
