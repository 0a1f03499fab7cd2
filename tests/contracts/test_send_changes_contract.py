"""One suite, in memory and in PostgreSQL: a send's facts, and what is stored with it in one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.model.mappings.alias import Alias, AliasEntry, AliasKind
from core.model.planning.account import EntryState
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import Attempt, DashboardWarning, HeaderState, Send, SendState, Step
from core.model.shared.errors import LeaseLost, NotFound, SendChanged
from core.model.work_orders.annotation import AnnotationKind, AnnotationState, WrittenAnnotation
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.send_changes import (
    AccountLine,
    FactsQuery,
    NumberTaken,
    StandingQuery,
    StoredChange,
    StoredFacts,
    StoredOutcome,
)
from ports.storage.transactions import Transactions
from tests.support.storage_scene import (
    NOW,
    PROBLEM,
    a_line,
    a_plan,
    a_planned_line,
    a_send,
    an_endpoint,
    an_intent,
    stored,
)

QUERY = FactsQuery(send_id="snd_1", job_id="1", connection_id="con_1", number="T1")
CLAIM = NumberClaim((b"one", b"two"), b"mine")
EVERY_STEP = tuple(Step)
ACCOUNT = b"account"


async def facts(transactions: Transactions, **asked: Any) -> StoredFacts:
    async with transactions.changing("ten_1", replace(QUERY, **asked)) as (_, found):
        return found


async def conclude(transactions: Transactions, change: StoredChange) -> StoredOutcome:
    async with transactions.changing("ten_1", replace(QUERY, send_id=change.send.id)) as (t, _):
        return await t.changes.conclude(change)


async def claimed_by_others(transactions: Transactions, key: bytes) -> None:
    """A send of ten_2 claims the number."""
    async with transactions.begin("ten_2") as t:
        send = await t.sends.add(a_send(8, tenant_id="ten_2", connection_id="con_2"))
        await stored(t, send, take=NumberClaim((key,), b"theirs"))


async def is_known(transactions: Transactions, key: bytes, owner: bytes) -> tuple[bool, bool]:
    """Whether this owner finds the number taken, and whether one of its writes was accepted."""
    query = StandingQuery(connection_id="con_1", job_id="1", number="T1", claim_keys=(key,), owner=owner)
    found = await transactions.standing("ten_1", query)
    return found.taken, found.accepted


@pytest.fixture
async def send(transactions: Transactions) -> Send:
    """snd_1 of the job 1."""
    async with transactions.begin("ten_1") as t:
        return await t.sends.add(a_send(1, items=ItemsMode.NEW_ONLY))


async def test_the_facts_of_a_first_send_are_empty(transactions: Transactions, send: Send) -> None:
    found = await facts(transactions, read_send=True, own_lines=True, unclear=True, accounts=(ACCOUNT,), claim=CLAIM)
    assert found.send == send
    assert (found.connection.id, found.record, found.holder, found.number_taken) == ("con_1", None, None, False)
    assert [*found.told, *found.lines, *found.unclear, *found.account_lines, *found.entries] == []
    assert (found.endpoints, found.warned, found.awaited) == (False, False, False)


async def test_the_facts_show_what_is_around_a_send(transactions: Transactions, send: Send) -> None:
    record = WorkOrderRecord(
        tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1", sent={"A": "1"}, claim_owner=b"\x00mine"
    )
    async with transactions.begin("ten_1") as t:
        failed = await t.sends.add(a_send(2, job_id="1", state=SendState.NEEDS_ATTENTION, findings=(PROBLEM,)))
        doubtful = await t.sends.add(a_send(3, job_id="1", state=SendState.IN_DOUBT))
        await t.sends.add(a_send(4, job_id="1", state=SendState.SENT))
        await t.sends.add(a_send(5, job_id="2", state=SendState.NEEDS_ATTENTION))
        await t.sends.add(a_send(6, job_id="3", waits_for="snd_1"))
        await t.work_orders.save(record)
        await t.webhook_endpoints.add(an_endpoint(), (await t.connections.secrets("con_1")).authorization_id)
        await t.warnings.put(
            DashboardWarning(
                id="wrn_1",
                tenant_id="ten_1",
                connection_id="con_1",
                job_id="1",
                send_id="snd_2",
                finding=PROBLEM,
                raised_at=NOW,
            )
        )
    found = await facts(transactions)
    assert found.told == [failed, doubtful]
    assert found.record == record
    assert (found.endpoints, found.warned, found.awaited) == (True, True, True)
    assert found.send is None, "it was not asked for"


async def test_the_facts_show_the_lines(transactions: Transactions, send: Send) -> None:
    own = [a_line(2, place=1), a_line(1, place=2, state=LineState.SENDING, attempt_id="att_1", sent_at=NOW)]
    other = a_line(3, send_id="snd_2", state=LineState.IN_DOUBT, attempt_id="att_2")
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(2, job_id="2"))
        await t.ledger.save([*own, other, a_line(4, work_order_number="T9", job_id="9", send_id="snd_2")])
        await t.ledger.enter(ACCOUNT, "con_1", {"lin_1": (b"item 1", EntryState.OPEN)})
    async with transactions.begin("ten_2") as t:
        await t.ledger.enter(ACCOUNT, "con_2", {"lin_9": (b"item 9", EntryState.STANDS)})
    found = await facts(transactions, own_lines=True, unclear=True, accounts=(ACCOUNT,), lock_accounts=True)
    assert found.lines == own
    assert found.unclear == [own[1], other]
    assert sorted(line.id for line in found.account_lines) == ["lin_1", "lin_2", "lin_3"]
    assert [(entry.account, entry.item, entry.state) for entry in found.entries] == [
        (ACCOUNT, b"item 9", EntryState.STANDS)
    ]
    assert found.holder is not None
    assert found.holder.id == "snd_2"


async def test_facts_need_the_present_lease_and_connection(transactions: Transactions, send: Send) -> None:
    first = (await transactions.take("ten_1", "con_1", EVERY_STEP)).epoch
    assert (await facts(transactions, epoch=first)).connection.id == "con_1"
    assert (await transactions.take("ten_1", "con_1", EVERY_STEP)).epoch == first + 1
    with pytest.raises(LeaseLost):
        await facts(transactions, epoch=first)
    for unknown in ("con_2", "con_9"):
        with pytest.raises(NotFound):
            await facts(transactions, connection_id=unknown)
        with pytest.raises(NotFound):
            await transactions.take("ten_1", unknown, EVERY_STEP)


async def test_a_change_is_stored_whole(transactions: Transactions, send: Send) -> None:
    async with transactions.begin("ten_1") as t:
        old = await t.sends.add(a_send(2, job_id="1", state=SendState.NEEDS_ATTENTION))
    plan = a_plan(a_planned_line("1"), a_planned_line("2"))
    record = WorkOrderRecord(
        tenant_id="ten_1",
        connection_id="con_1",
        job_id="1",
        number="T1",
        sent={"Bill_Customer_Code": "HARVIEW"},
        last_send_id="snd_1",
        sent_at=NOW,
        failure_reported=True,
        claim_owner=b"\xffowner",
        header_until=NOW,
        header_epoch=7,
        items_unknown=True,
        items_declared_at=NOW,
        annotations={
            AnnotationKind.NOTE: WrittenAnnotation(
                place="JOBFERRY",
                text="\u00e9 whole",
                state=AnnotationState.UNCLEAR,
                plan_id="pln_1",
                attempt_id="att_1",
            )
        },
    )
    attempt = Attempt(
        send_id="snd_1", step=Step.HEADER, started_at=NOW, ended_at=NOW, outcome="accepted", request="<a/>", answer="é"
    )
    changed = replace(
        send,
        state=SendState.SENDING,
        step=Step.LINES,
        due_at=NOW + timedelta(seconds=1),
        attempts=1,
        waits=2,
        plan=plan,
        plan_id="pln_1",
        work_order_number="T1",
        findings=(PROBLEM,),
        finished_at=NOW,
        header=HeaderState.STANDS,
        number_written=True,
        waits_for="snd_9",
        expected_hash="hash",
    )
    lines = [a_line(1, plan_id="pln_1"), a_line(2, plan_id="pln_1", given_back=True)]
    entries = (AccountLine("lin_1", ACCOUNT, b"item 1", EntryState.OPEN), AccountLine("lin_2"))
    change = StoredChange(
        send=changed,
        superseded=(replace(old, state=SendState.SUPERSEDED, due_at=None),),
        attempts=(attempt,),
        plan=plan,
        lines=lines,
        entries=entries,
        record=record,
        take=CLAIM,
    )
    outcome = await conclude(transactions, change)
    assert outcome == StoredOutcome(replace(changed, version=send.version + 1))
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == outcome.send
        assert (await t.sends.get("snd_2")).state is SendState.SUPERSEDED
        assert [replace(one, seq=0) for one in await t.sends.attempts("snd_1")] == [attempt]
        assert await t.ledger.of_send("snd_1") == lines
        assert await t.work_orders.find("con_1", "1") == record
    async with transactions.begin("ten_2") as t:
        assert [entry.item for entry in await t.ledger.entries_of_others([ACCOUNT], "con_2")] == [b"item 1"]
    for key in CLAIM.keys:
        assert await is_known(transactions, key, b"mine") == (False, False)
        assert await is_known(transactions, key, b"theirs") == (True, False)


async def test_a_change_replaces_what_was_there(transactions: Transactions, send: Send) -> None:
    record = WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1")
    first = await conclude(
        transactions, StoredChange(send=send, lines=[a_line(1)], record=record, take=CLAIM, entries=())
    )
    posted = a_line(1, state=LineState.POSTED, attempt_id="att_1", sent_at=NOW, findings=(PROBLEM,), system_key="9")
    accepted = StoredChange(
        send=first.send, lines=[posted], record=replace(record, failure_reported=True), accept=CLAIM
    )
    await conclude(transactions, accepted)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.of_send("snd_1") == [posted]
        assert await t.work_orders.find("con_1", "1") == replace(record, failure_reported=True)
    for key in CLAIM.keys:
        assert await is_known(transactions, key, b"mine") == (False, True)


async def test_a_claim_that_is_given_back_is_free(transactions: Transactions, send: Send) -> None:
    taken = await conclude(transactions, StoredChange(send=send, take=CLAIM))
    await conclude(transactions, StoredChange(send=taken.send, give_back=CLAIM))
    for key in CLAIM.keys:
        assert await is_known(transactions, key, b"theirs") == (False, False)


async def test_of_a_number_that_another_job_has_nothing_is_stored(transactions: Transactions, send: Send) -> None:
    await claimed_by_others(transactions, b"two")
    change = StoredChange(send=replace(send, state=SendState.SENDING), lines=[a_line(1)], take=CLAIM)
    with pytest.raises(NumberTaken):
        await conclude(transactions, change)
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == send
        assert await t.ledger.of_send("snd_1") == []
    assert await is_known(transactions, b"one", b"others") == (False, False), "the first key is free again"
    assert (await facts(transactions, claim=CLAIM)).number_taken
    adopted = replace(change, take=replace(CLAIM, adopt=True))
    assert (await conclude(transactions, adopted)).send.state is SendState.SENDING


async def test_an_intent_is_stored_and_counted(transactions: Transactions, send: Send) -> None:
    first = await conclude(transactions, StoredChange(send=send, lines=[a_line(1), a_line(2)], intent=an_intent()))
    assert first.begun is not None
    assert (first.begun.state, first.begun.attempt_id, first.intent) == (LineState.SENDING, "att_1", 1)
    assert first.begun.sent_at is not None
    assert first.begun.send_by == first.begun.sent_at + timedelta(seconds=30)
    assert first.begun.quiet_until == first.begun.sent_at + timedelta(minutes=15)
    answered = replace(first.begun, state=LineState.POSTED)
    second = await conclude(transactions, StoredChange(send=first.send, lines=[answered], intent=an_intent("lin_2")))
    assert second.begun is not None
    assert (second.begun.id, second.intent) == ("lin_2", 2)
    async with transactions.begin("ten_1") as t:
        assert await t.ledger.of_send("snd_1") == [answered, second.begun]
        assert (await t.connections.get("con_1")).intents == 2


@pytest.mark.parametrize("state", [LineState.SENDING, LineState.IN_DOUBT, LineState.POSTED])
async def test_a_line_that_may_be_there_is_not_begun(transactions: Transactions, send: Send, state: LineState) -> None:
    async with transactions.begin("ten_1") as t:
        await t.ledger.save([a_line(1, state=state, attempt_id="att_0")])
    with pytest.raises(SendChanged):
        await conclude(transactions, StoredChange(send=replace(send, step=Step.LINES), intent=an_intent()))
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == send
        assert (await t.ledger.get("lin_1")).attempt_id == "att_0"
        assert (await t.connections.get("con_1")).intents == 0


async def test_a_line_that_was_given_back_is_not_begun(transactions: Transactions, send: Send) -> None:
    with pytest.raises(SendChanged):
        await conclude(transactions, StoredChange(send=send, lines=[a_line(given_back=True)], intent=an_intent()))


async def test_a_place_is_taken_once(transactions: Transactions, send: Send) -> None:
    twin = a_line(2, item_id="1")
    with pytest.raises(SendChanged):
        await conclude(transactions, StoredChange(send=send, lines=[a_line(1), twin]))
    await conclude(transactions, StoredChange(send=send, lines=[a_line(1), replace(twin, given_back=True)]))


async def test_an_outdated_send_is_not_stored(transactions: Transactions, send: Send) -> None:
    async with transactions.begin("ten_1") as t:
        old = await t.sends.add(a_send(2, job_id="1", state=SendState.NEEDS_ATTENTION))
    newer = (await conclude(transactions, StoredChange(send=replace(send, waits=1)))).send
    attempt = Attempt(send_id="snd_1", step=Step.HEADER, started_at=NOW)
    outdated = replace(old, version=old.version + 1)
    for change in (
        StoredChange(send=send, attempts=(attempt,)),
        StoredChange(send=newer, superseded=(outdated,), attempts=(attempt,)),
    ):
        with pytest.raises(SendChanged):
            await conclude(transactions, change)
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == newer
        assert await t.sends.attempts("snd_1") == []


async def test_a_change_brings_the_next_due_send_along(transactions: Transactions, send: Send) -> None:
    async with transactions.begin("ten_1") as t:
        second = await t.sends.add(a_send(2, job_id="1", adopt=True))
        await t.work_orders.save(WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1"))
    taken = await transactions.take("ten_1", "con_1", EVERY_STEP)
    assert (taken.send, taken.connection.id, taken.tenant.slug) == (send, "con_1", "tenant-1")
    assert taken.secrets.authorization_id.reveal() == "PLANTED-auth"
    assert taken.account.tenant_id == "ten_1"
    ended = replace(send, state=SendState.SENT, due_at=None)
    async with transactions.changing("ten_1", replace(QUERY, epoch=taken.epoch)) as (t, _):
        following = (await t.changes.conclude(StoredChange(send=ended), EVERY_STEP)).following
    assert following is not None
    assert (following.send, following.epoch) == (second, taken.epoch)
    assert following.record is not None
    assert following.record.number == "T1"
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).state is SendState.SENT
        assert (await t.changes.next_due("con_1", EVERY_STEP)).send == second
        assert (await t.changes.next_due("con_1", (Step.REPORT,))).send is None
    async with transactions.begin("ten_2") as t:
        assert (await t.changes.next_due("con_2", EVERY_STEP)).send is None


async def test_what_is_known_of_a_number(transactions: Transactions, send: Send) -> None:
    query = StandingQuery(
        connection_id="con_1", job_id="1", number="T1", claim_keys=(b"one", b"two"), owner=b"mine", accounts=()
    )
    async with transactions.begin("ten_1") as t:
        await t.ledger.save([a_line(1), a_line(2, job_id="9"), a_line(3, job_id="9", work_order_number="T9")])
    found = await transactions.standing("ten_1", query)
    assert (found.taken, found.accepted, list(found.lines)) == (False, False, [])
    async with transactions.begin("ten_1") as t:
        await stored(t, send, accept=NumberClaim((b"one",), b"mine"))
    await claimed_by_others(transactions, b"two")
    async with transactions.begin("ten_2") as t:
        await t.ledger.enter(ACCOUNT, "con_2", {"lin_9": (b"item 9", EntryState.OPEN)})
    found = await transactions.standing("ten_1", replace(query, accounts=(ACCOUNT,)))
    assert (found.taken, found.accepted) == (True, True)
    assert [line.id for line in found.lines] == ["lin_1", "lin_2"]
    assert [entry.state for entry in found.entries] == [EntryState.OPEN]


async def test_the_input_of_a_plan_comes_by_id_or_by_slug(transactions: Transactions) -> None:
    record = WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1")
    async with transactions.begin("ten_1") as t:
        await t.work_orders.save(record)
    by_slug = await transactions.plan_input("ten_1", "1", slug="main-1")
    assert by_slug == await transactions.plan_input("ten_1", "1", connection_id="con_1")
    assert (by_slug.connection.id, by_slug.tenant.slug, by_slug.record) == ("con_1", "tenant-1", record)
    assert by_slug.account.tenant_id == "ten_1"
    assert (await transactions.plan_input("ten_1", "2", slug="main-1")).record is None
    for unknown in ({"slug": "main-2"}, {"connection_id": "con_2"}):
        with pytest.raises(NotFound):
            await transactions.plan_input("ten_1", "1", **unknown)


async def test_aliases_come_by_their_records(transactions: Transactions) -> None:
    entries = [AliasEntry(AliasKind.CUSTOMER, "7", "Harborview", "H"), AliasEntry(AliasKind.SITE, "7", "Plant", "P")]
    aliases = [
        Alias(id=f"als_{number}", connection_id="con_1", entry=entry, set_at=NOW, set_by="ann")
        for number, entry in enumerate(entries)
    ]
    assert not (await transactions.plan_input("ten_1", "1", connection_id="con_1")).aliases
    assert not (await transactions.take("ten_1", "con_1", tuple(Step))).aliases
    async with transactions.begin("ten_1") as t:
        await t.aliases.put("con_1", aliases)
    assert (await transactions.plan_input("ten_1", "1", slug="main-1")).aliases
    assert (await transactions.take("ten_1", "con_1", tuple(Step))).aliases
    keys = [(AliasKind.SITE, "7"), (AliasKind.CUSTOMER, "8")]
    [found] = await transactions.aliases_of("ten_1", "con_1", keys)
    assert (found.id, found.entry, found.set_at) == ("als_1", entries[1], NOW)
    assert await transactions.aliases_of("ten_1", "con_1", []) == []
    assert await transactions.aliases_of("ten_2", "con_1", keys) == []


async def test_what_cannot_be_stored_is_replaced(transactions: Transactions, send: Send) -> None:
    """PostgreSQL takes neither U+0000 nor half a surrogate pair; answers of other systems have both."""
    attempt = Attempt(send_id="snd_1", step=Step.HEADER, started_at=NOW, answer="a\x00b\ud83dc \N{GRINNING FACE}")
    await conclude(transactions, StoredChange(send=send, attempts=(attempt,)))
    async with transactions.begin("ten_1") as t:
        [found] = await t.sends.attempts("snd_1")
    assert found.answer.endswith("c \N{GRINNING FACE}")
