"""An intent whose call was not made is taken back, so that nobody has to look for a line that never left."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import pytest

from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from core.model.sending.send import SendState, Step
from core.model.shared.errors import OperatorMends, TimeMends
from core.model.work_orders.cost_line import ItemsMode
from ports.storage.send_changes import StoredChange, StoredOutcome
from tests.journeys.items import ITEMS, POSTED, books, completed_job, lines_received
from tests.journeys.world import World


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_the_database_stores_an_intent_and_its_answer_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """With the number on the job, with another line's answer, and the last one."""
    intents = 0
    conclude = PostgresSendChanges.conclude

    async def cut_off(
        self: PostgresSendChanges, change: StoredChange, take: Collection[Step] | None = None
    ) -> StoredOutcome:
        nonlocal intents
        outcome = await conclude(self, change, take)
        intents += change.intent is not None
        if change.intent and intents == lost:
            raise TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
        return outcome

    monkeypatch.setattr(PostgresSendChanges, "conclude", cut_off)
    send = await world.request(completed_job(world, *ITEMS), items=ItemsMode.NEW_ONLY)
    for _ in range(2):
        with suppress(TimeMends):  # the queue's worker takes the connection up again
            await world.drain()
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == POSTED
    assert lines_received(world) == 3


async def test_the_mark_of_what_was_sent_cannot_be_noted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of the data folder is full for a while."""
    note, full = MemoryIntentMark.note, True

    def on_a_full_disk(self: MemoryIntentMark, connection_id: str, intent: int) -> bool:
        if full:
            raise OperatorMends("The disk is full.", code="INTENT_MARK_UNWRITABLE", fix="Make room.")
        return note(self, connection_id, intent)

    monkeypatch.setattr(MemoryIntentMark, "note", on_a_full_disk)
    send = await world.request(completed_job(world, *ITEMS), items=ItemsMode.NEW_ONLY)
    with suppress(OperatorMends):
        await world.drain()
    assert lines_received(world) == 0
    assert (await world.show(send)).state is not SendState.IN_DOUBT

    full = False
    await world.later(minutes=2)
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == POSTED
