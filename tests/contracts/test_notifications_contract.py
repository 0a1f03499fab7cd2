"""One suite, in memory and in PostgreSQL, for recipients, what waits to be told, and messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.notifications.message import MessageState
from core.model.notifications.notice import GATHER_AT_MOST, PAUSE_OF_A_CAUSE, NoticeKind
from core.model.notifications.recipient import Channel, Choice, RecipientSecrets
from core.model.sending.send import SendState
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from ports.storage.transactions import Transactions
from tests.support.notification_scene import AT, KEY, SECRETS, URL, a_message, a_notice, a_recipient
from tests.support.storage_scene import a_person, a_send, stored

LATER = AT + timedelta(hours=3)
CAUSE = "send_failed:MAP_CUSTOMER_MISSING"


@pytest.fixture
async def transactions(transactions: Transactions) -> Transactions:
    """ten_1 tells rcp_1 of everything, by mail."""
    async with transactions.begin("ten_1") as t:
        await t.notifications.add(a_recipient(), SECRETS)
    return transactions


async def test_a_recipient_comes_back_as_it_was_stored_and_changed(transactions: Transactions) -> None:
    changed = a_recipient(
        address="b\u00fcro@example.com",
        choice=Choice(kinds=(NoticeKind.DIGEST,), digest_hour=6, quiet_from=20, quiet_until=5),
        paused=True,
        paused_reason="Unsubscribed.",
        trouble="550 no such user",
        trouble_at=LATER,
        refusals=3,
        digest_at=LATER,
        digest_from=AT,
    )
    async with transactions.begin("ten_1") as t:
        assert await t.notifications.get("rcp_1") == a_recipient()
        await t.notifications.get("rcp_1", lock=True)
        await t.notifications.save(changed)
    async with transactions.begin("ten_1") as t:
        assert await t.notifications.all() == [changed]
        assert await t.notifications.secrets("rcp_1") == SECRETS


async def test_the_secrets_of_a_recipient_can_be_replaced(transactions: Transactions) -> None:
    teams = a_recipient(2, channel=Channel.TEAMS, address="hooks.example.com")
    async with transactions.begin("ten_1") as t:
        await t.notifications.add(teams, RecipientSecrets(KEY, Secret(URL)))
        for changed in (RecipientSecrets(KEY, Secret(URL + "2")), RecipientSecrets(Secret("cd" * 32))):
            await t.notifications.set_secrets("rcp_2", changed)
            assert await t.notifications.secrets("rcp_2") == changed


async def test_a_persons_own_choice_is_found_by_the_person_and_is_not_listed(transactions: Transactions) -> None:
    own = a_recipient(2, person_id="per_1", address="ann1@example.com")
    async with transactions.begin("ten_1") as t:
        await t.people.add(a_person())
        assert await t.notifications.of_person("per_1") is None
        await t.notifications.add(own, SECRETS)
        assert await t.notifications.of_person("per_1") == own
        assert await t.notifications.all() == [a_recipient()]


async def test_another_tenants_recipient_is_not_there(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.tell(a_notice())
        await t.notifications.add_message(a_message())
    async with transactions.begin("ten_2") as t:
        for call in (t.notifications.get, t.notifications.secrets, t.notifications.remove):
            with pytest.raises(NotFound):
                await call("rcp_1")
        assert await t.notifications.all() == []
        assert await t.notifications.waiting("rcp_1") == []
        assert await t.notifications.gather("rcp_1", CAUSE, 5) is None
        assert await t.notifications.next_message("rcp_1", LATER) is None
        await t.notifications.tell(a_notice(2))
    async with transactions.begin("ten_1") as t:
        found = await t.notifications.gather("rcp_1", CAUSE, 5)
        assert found is not None
        assert found.newest == (a_notice(),)


async def test_notices_of_one_cause_wait_together_and_are_gathered_once(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.notifications.tell(a_notice(number))
        await t.notifications.tell(a_notice(4, job_id="3"))
        await t.notifications.tell(a_notice(5, cause="send_failed:OTHER"))
        first, other = await t.notifications.waiting("rcp_1")
        assert (first.cause, first.first_at, first.told_at) == (CAUSE, a_notice(1).at, None)
        assert (first.due_at, other.cause) == (a_notice(4).ready_at, "send_failed:OTHER")
        found = await t.notifications.gather("rcp_1", CAUSE, 2)
        assert found is not None
        assert (found.count, found.jobs, found.first_at, found.last_at) == (4, 3, a_notice(1).at, a_notice(4).at)
        assert found.newest == (a_notice(4, job_id="3"), a_notice(3))
        assert await t.notifications.gather("rcp_1", CAUSE, 2) is None
        assert [one.cause for one in await t.notifications.waiting("rcp_1")] == ["send_failed:OTHER"]


async def test_a_cause_waits_for_five_minutes_at_most_and_an_hour_after_its_last_message(
    transactions: Transactions,
) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.tell(a_notice(1))
        await t.notifications.tell(a_notice(1000))
        [waiting] = await t.notifications.waiting("rcp_1")
        assert waiting.due_at == a_notice(1).at + GATHER_AT_MOST
        await t.notifications.add_message(a_message(created_at=AT))
        [waiting] = await t.notifications.waiting("rcp_1")
        assert waiting.due_at == AT + PAUSE_OF_A_CAUSE


async def test_only_who_wants_a_kind_and_is_not_paused_is_told(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.add(a_recipient(2, choice=Choice(kinds=(NoticeKind.HELD,))), SECRETS)
        await t.notifications.add(a_recipient(3, paused=True), SECRETS)
        await t.notifications.tell(a_notice())
        told = [number for number in (1, 2, 3) if await t.notifications.waiting(f"rcp_{number}")]
    assert told == [1]


async def test_a_doubt_that_is_too_young_goes_on_waiting(transactions: Transactions) -> None:
    old = a_notice(1, kind=NoticeKind.DOUBT, cause="doubt", ready_at=AT + timedelta(hours=1))
    young = a_notice(2, kind=NoticeKind.DOUBT, cause="doubt", ready_at=AT + timedelta(hours=2))
    async with transactions.begin("ten_1") as t:
        for one in (old, young):
            await t.notifications.tell(one)
        [waiting] = await t.notifications.waiting("rcp_1")
        assert waiting.due_at == old.ready_at
        found = await t.notifications.gather("rcp_1", "doubt", 5, old.ready_at)
        assert found is not None
        assert found.newest == (old,)
        [waiting] = await t.notifications.waiting("rcp_1")
        assert waiting.due_at == young.ready_at


async def test_a_message_is_due_until_its_result_is_stored_once(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.add_message(a_message())
        found = await t.notifications.next_message("rcp_1", AT)
        assert found is not None
        assert replace(found, seq=0) == a_message()
        assert await t.notifications.next_try("rcp_1") == AT
        ended = replace(found, state=MessageState.DELIVERED, due_at=None, tries=1, last_try_at=LATER, detail="taken")
        assert await t.notifications.save_message(ended, tries=0)
        assert not await t.notifications.save_message(replace(ended, detail="second worker"), tries=0)
        assert await t.notifications.next_message("rcp_1", LATER) is None
        assert await t.notifications.next_try("rcp_1") is None
        assert await t.notifications.messages("rcp_1") == [ended]
        assert await t.notifications.messages("rcp_1", before=ended.seq) == []


async def test_what_waits_can_be_dropped_and_what_was_sent_stays(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.tell(a_notice())
        await t.notifications.add_message(a_message(1))
        await t.notifications.add_message(a_message(2, state=MessageState.DELIVERED, due_at=None))
        await t.notifications.drop("rcp_1")
        assert await t.notifications.waiting("rcp_1") == []
        assert [one.id for one in await t.notifications.messages("rcp_1")] == ["msg_2"]


async def test_a_removed_recipient_leaves_nothing(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.tell(a_notice())
        await t.notifications.add_message(a_message())
        await t.notifications.remove("rcp_1")
        await t.notifications.tell(a_notice(2))
        assert await t.notifications.waiting("rcp_1") == []
        assert await t.notifications.messages("rcp_1") == []
        with pytest.raises(NotFound):
            await t.notifications.remove("rcp_1")


async def test_texts_that_cannot_be_stored_do_not_fail_the_send_that_is_told(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.notifications.tell(a_notice(message="a\ud800b" if _in_memory(transactions) else "a\0b\ud800"))
        assert await t.notifications.gather("rcp_1", CAUSE, 1) is not None


async def test_sends_are_counted_by_when_they_ended(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number, state, at in (
            (1, SendState.SENT, AT),
            (2, SendState.SENT, LATER),
            (3, SendState.NEEDS_ATTENTION, AT + timedelta(hours=1)),
        ):
            send = await t.sends.add(a_send(number))
            await stored(t, replace(send, state=state, due_at=None, finished_at=at))
        await t.sends.add(a_send(4))
        assert await t.notifications.ended_between(AT, LATER) == {SendState.SENT: 1, SendState.NEEDS_ATTENTION: 1}


def _in_memory(transactions: Transactions) -> bool:
    return hasattr(transactions, "rows")


async def test_what_was_put_off_in_the_future_is_pulled_forward(transactions: Transactions) -> None:
    """The clock was set back since. A long pause that began in the past is waited for."""
    pause = timedelta(hours=8)
    async with transactions.begin("ten_1") as t:
        await t.notifications.add_message(a_message(1, last_try_at=AT, due_at=AT + pause))
        await t.notifications.add_message(a_message(2, last_try_at=LATER, due_at=LATER + pause))
        await t.notifications.tell(a_notice(1))
        await t.notifications.tell(a_notice(2, cause="send_failed:OTHER", at=LATER, ready_at=LATER))
    beyond = AT + timedelta(hours=1)
    async with transactions.begin("ten_2") as t:
        assert await t.notifications.pull_forward("rcp_1", beyond, AT) == 0
    async with transactions.begin("ten_1") as t:
        assert await t.notifications.pull_forward("rcp_1", beyond, AT) == 2
        assert {one.id: one.due_at for one in await t.notifications.messages("rcp_1")} == {
            "msg_1": AT + pause,
            "msg_2": AT,
        }
        assert {one.cause: one.ready_at for one in await t.notifications.waiting("rcp_1")} == {
            CAUSE: a_notice(1).ready_at,
            "send_failed:OTHER": AT,
        }
