"""New records in storage: their claims, their intents, and when a worker looks at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.catalogue import finding
from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.mappings.alias import Alias, AliasEntry, AliasKind
from core.model.sending.send import Step
from core.model.shared.errors import Conflict, LeaseLost, NotFound
from ports.storage.creations import CreationFilter, CreationIntent
from ports.storage.transactions import Transactions
from tests.support.creation_scene import a_creation
from tests.support.storage_scene import NOW

EVERY_STEP = tuple(Step)
OTHERS = a_creation(9, tenant_id="ten_2", connection_id="con_2")


async def add(transactions: Transactions, *creations: Creation) -> None:
    for one in creations:
        async with transactions.begin(one.tenant_id) as t:
            await t.creations.add(one)


def intent(epoch: int, number: int = 1) -> CreationIntent:
    return CreationIntent(
        creation_id=f"crn_{number}",
        attempt_id="att_1",
        epoch=epoch,
        send_by=timedelta(seconds=30),
        quiet=timedelta(minutes=15),
    )


async def test_a_creation_is_stored_and_changed(transactions: Transactions) -> None:
    await add(transactions, a_creation())
    async with transactions.begin("ten_1") as t:
        stored = await t.creations.get("crn_1", lock=True)
        assert replace(stored, seq=0) == a_creation()
        found = finding("CREATE_IN_DOUBT", "The answer was lost.")
        changed = replace(stored, state=CreationState.IN_DOUBT, findings=(found,), due_at=None, answer="<x/>", tries=2)
        await t.creations.save(changed)
        assert await t.creations.get("crn_1") == changed


async def test_a_code_and_a_record_are_claimed_over_all_accounts(transactions: Transactions) -> None:
    await add(transactions, a_creation())
    for claims in (a_creation().claims[:1], a_creation().claims[1:]):
        with pytest.raises(Conflict, match="already"):
            await add(transactions, replace(OTHERS, claims=(*claims, f"{7:064x}")))
    async with transactions.begin("ten_2") as t:
        assert await t.creations.page() == []
        assert await t.creations.taken(a_creation().claims)
        assert not await t.creations.taken([f"{7:064x}"]), "what was not stored claims nothing"


@pytest.mark.parametrize("state", [CreationState.REJECTED, CreationState.NOT_CREATED, CreationState.CANCELLED])
async def test_what_ended_without_a_record_gives_its_claims_back(
    transactions: Transactions, state: CreationState
) -> None:
    await add(transactions, a_creation())
    async with transactions.begin("ten_1") as t:
        await t.creations.save(replace(await t.creations.get("crn_1"), state=state, due_at=None, ended_at=NOW))
    await add(transactions, replace(OTHERS, claims=a_creation().claims))
    async with transactions.begin("ten_1") as t:
        assert not await t.creations.retake(await t.creations.get("crn_1")), "others have them by now"
    async with transactions.begin("ten_2") as t:
        assert await t.creations.taken(a_creation().claims), "and keep them"
        assert not await t.creations.taken(a_creation().claims, OTHERS.id)


@pytest.mark.parametrize("state", [CreationState.CREATED, CreationState.IN_DOUBT])
async def test_what_is_or_may_be_there_keeps_its_claims(transactions: Transactions, state: CreationState) -> None:
    await add(transactions, a_creation())
    async with transactions.begin("ten_1") as t:
        await t.creations.save(replace(await t.creations.get("crn_1"), state=state, due_at=None))
    with pytest.raises(Conflict):
        await add(transactions, replace(OTHERS, claims=a_creation().claims))


async def test_an_intent_is_stored_once_by_the_holder_of_the_lease(transactions: Transactions) -> None:
    await add(transactions, a_creation())
    lease = await transactions.take("ten_1", "con_1", EVERY_STEP)
    with pytest.raises(LeaseLost):
        async with transactions.begin("ten_1") as t:
            await t.creations.begin(intent(lease.epoch - 1))
    async with transactions.begin("ten_1") as t:
        begun, number = await t.creations.begin(intent(lease.epoch))
        assert (begun.state, begun.attempt_id) == (CreationState.SENDING, "att_1")
        assert begun.sent_at is not None
        assert begun.send_by == begun.sent_at + timedelta(seconds=30)
        assert begun.quiet_until == begun.sent_at + timedelta(minutes=15)
        assert (await t.connections.get("con_1")).intents == number == lease.connection.intents + 1
    with pytest.raises(Conflict):
        async with transactions.begin("ten_1") as t:
            await t.creations.begin(intent(lease.epoch))
    async with transactions.begin("ten_1") as t:
        assert (await t.connections.get("con_1")).intents == number, "a refused intent counts nothing"


async def test_who_lost_the_lease_locks_nothing(transactions: Transactions) -> None:
    lease = await transactions.take("ten_1", "con_1", EVERY_STEP)
    async with transactions.begin("ten_1") as t:
        await t.creations.hold_lease("con_1", lease.epoch)
    await transactions.take("ten_1", "con_1", EVERY_STEP)
    with pytest.raises(LeaseLost):
        async with transactions.begin("ten_1") as t:
            await t.creations.hold_lease("con_1", lease.epoch)


async def test_a_drain_learns_that_one_is_due(transactions: Transactions) -> None:
    assert not (await transactions.take("ten_1", "con_1", EVERY_STEP)).creation_due
    await add(transactions, a_creation(1), a_creation(2, due_at=NOW - timedelta(hours=1)))
    assert (await transactions.take("ten_1", "con_1", EVERY_STEP)).creation_due
    assert not (await transactions.take("ten_2", "con_2", EVERY_STEP)).creation_due
    async with transactions.begin("ten_1") as t:
        first = await t.creations.next_due("con_1")
        assert first is not None
        assert first.id == "crn_2", "the one that is due longest"
        assert await t.creations.next_due("con_1", calling=False) is None
        await t.creations.save(replace(first, state=CreationState.CREATED))
        kept = await t.creations.next_due("con_1", calling=False)
        assert kept is not None
        assert kept.id == "crn_2"


@pytest.mark.parametrize(
    ("state", "steps", "wakes"),
    [
        (CreationState.QUEUED, EVERY_STEP, True),
        (CreationState.QUEUED, (Step.WRITE_BACK, Step.REPORT), False),
        (CreationState.CREATED, (Step.WRITE_BACK, Step.REPORT), True),
        (CreationState.CREATED, (), False),
    ],
)
async def test_a_resting_connection_wakes_for_what_it_may_do(
    transactions: Transactions, state: CreationState, steps: tuple[Step, ...], wakes: bool
) -> None:
    later = NOW + timedelta(days=9000)
    await add(transactions, a_creation(state=state, due_at=later))
    async with transactions.resting("ten_1", "con_1", EVERY_STEP) as (changes, due):
        assert not due.creation_due
        assert await changes.rest("con_1", steps) == (later if wakes else None)


async def test_those_that_are_due_too_late_are_pulled_forward(transactions: Transactions) -> None:
    hours = [NOW + timedelta(hours=hour) for hour in range(1, 4)]
    may_be_there = a_creation(3, due_at=hours[2], state=CreationState.SENDING)
    await add(transactions, a_creation(1, due_at=hours[0]), a_creation(2, due_at=hours[2]), may_be_there)
    async with transactions.begin("ten_2") as t:
        assert await t.creations.pull_forward("con_1", hours[1], NOW) == 0
    async with transactions.begin("ten_1") as t:
        assert await t.creations.pull_forward("con_1", hours[1], NOW) == 1
        assert await t.creations.pull_forward("con_1", hours[1], NOW) == 0
        assert [(one.id, one.due_at) for one in await t.creations.page()] == [
            ("crn_3", hours[2]),
            ("crn_2", NOW),
            ("crn_1", hours[0]),
        ]


async def test_they_are_listed_newest_first_and_filtered(transactions: Transactions) -> None:
    doubt = a_creation(2, state=CreationState.IN_DOUBT, due_at=None)
    unkept = a_creation(3, state=CreationState.CREATED, due_at=None, kind=CreationKind.CUSTOMER)
    await add(transactions, a_creation(1), doubt, unkept, OTHERS)
    async with transactions.begin("ten_1") as t:

        async def ids(**wanted: object) -> list[str]:
            return [one.id for one in await t.creations.page(CreationFilter(**wanted))]  # type: ignore[arg-type]

        assert await ids() == ["crn_3", "crn_2", "crn_1"]
        assert await ids(needs_person=True) == ["crn_3", "crn_2"]
        assert await ids(states=(CreationState.QUEUED,)) == ["crn_1"]
        assert await ids(connection_id="con_2") == []
        assert await ids(key=(AliasKind.SITE, "772")) == ["crn_2"]
        assert await ids(key=(AliasKind.SITE, "773")) == []
        page = await t.creations.page(limit=2)
        assert [one.id for one in await t.creations.page(limit=2, before=page[-1].seq)] == ["crn_1"]
        assert [one.id for one in await t.creations.with_code("con_1", CreationKind.SITE, "HARBOR2")] == ["crn_2"]
        assert [one.id for one in await t.creations.queued("con_1")] == ["crn_1"]


async def test_another_tenant_sees_nothing_of_it(transactions: Transactions) -> None:
    await add(transactions, a_creation())
    async with transactions.begin("ten_2") as t:
        assert await t.creations.page() == []
        with pytest.raises(NotFound):
            await t.creations.get("crn_1")
        with pytest.raises(NotFound):
            await t.creations.save(a_creation())


async def test_the_highest_number_that_is_known_as_a_code(transactions: Transactions) -> None:
    entries = [
        AliasEntry(AliasKind.SITE, "1", "", "1041"),
        AliasEntry(AliasKind.SITE, "2", "", "99X"),
        AliasEntry(AliasKind.CUSTOMER, "3", "", "7000"),
        AliasEntry(AliasKind.SITE, "4", "", "1234567890"),
    ]
    async with transactions.begin("ten_1") as t:
        assert await t.creations.highest_number("con_1", AliasKind.SITE) == 0
        await t.aliases.put(
            "con_1",
            [
                Alias(id=f"als_{place}", connection_id="con_1", entry=entry, set_at=NOW, set_by="ann")
                for place, entry in enumerate(entries)
            ],
        )
        assert await t.creations.highest_number("con_1", AliasKind.SITE) == 1041
    await add(transactions, a_creation(code="1042"))
    async with transactions.begin("ten_1") as t:
        assert await t.creations.highest_number("con_1", AliasKind.SITE) == 1042
        assert await t.creations.highest_number("con_1", AliasKind.CUSTOMER) == 7000


async def test_a_removed_connection_takes_its_creations_along_and_leaves_the_claims(transactions: Transactions) -> None:
    await add(transactions, a_creation(state=CreationState.CREATED, due_at=None))
    async with transactions.begin("ten_1") as t:
        await t.connections.remove("con_1")
        assert await t.creations.page() == []
    with pytest.raises(Conflict):
        await add(transactions, replace(OTHERS, claims=a_creation().claims))
