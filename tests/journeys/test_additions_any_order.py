"""Notes and documents over a job's whole life: whatever people, programs and time do, in any order, no text is in a
topic twice, no document is stored twice, and none is missing without being told or sent later."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.optional_settings import NoteMode
from core.model.shared.errors import Conflict, NotFound
from core.model.work_orders.annotation import AnnotationKind
from core.services.sending.annotations.unclear_annotations import UnclearAnnotation
from tests.journeys.items import NUMBER, completed_job
from tests.journeys.test_restored_backup import Backup, backup
from tests.journeys.world import NORTH, World

__all__ = ["backup"]
"""A fixture of another file."""

FULL = os.environ.get("FAULTS") == "full"
LIVES = range(30 if FULL else 3)
ACTS = 40 if FULL else 16
LONG = "Replace the check valve on riser two and retest it. " * 6
WORDS, TOPICS = ("ALPHA", "BETA", "GAMMA"), ("JOBFERRY", "OTHER")
NOTES, DOCUMENTS = "WOHeaderNotes", "/workOrders/images"
LOST = (FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY, FaultKind.TRUNCATE, FaultKind.STATUS, FaultKind.ROWS)


class Life:
    """One completed job, with what happens to it. Texts are told apart by their last word, files by their names."""

    def __init__(self, world: World, seed: int, *, replaces: bool) -> None:
        self.world, self.random, self.replaces = world, Random(seed), replaces
        self.job_id = completed_job(world)
        self.files = 0
        self.done: list[str] = []
        self.settings: dict[str, object] = {"send_paperwork": True, "note_topic": TOPICS[0]}
        self.settings["note_mode"] = NoteMode.APPEND

    async def begin(self) -> None:
        self.world.company.note_topics.append(TOPICS[1])
        self.say(WORDS[0])
        await self.world.change(**self.settings)

    def say(self, word: str) -> None:
        self.world.job(self.job_id).description = f"{LONG} {word}"

    async def act(self) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            self.send,
            self.send,
            self.send,
            self.two_at_once,
            self.another_text,
            self.another_topic,
            self.attach,
            self.attach_again,
            self.rename_or_remove,
            self.lose,
            self.lose,
            self.settle,
            self.settle,
            self.time_passes,
            self.set_up_again,
        ]
        if self.replaces:
            acts.append(self.other_mode)
        chosen = self.random.choice(acts)
        self.done.append(chosen.__name__)
        await chosen()

    async def send(self) -> None:
        await self.world.send(self.job_id)

    async def two_at_once(self) -> None:
        await asyncio.gather(*(self.world.request(self.job_id) for _ in range(2)))
        await self.world.drain()

    async def another_text(self) -> None:
        self.say(self.random.choice(WORDS))

    async def another_topic(self) -> None:
        self.settings["note_topic"] = self.random.choice(TOPICS)
        await self.world.change(**self.settings)

    async def other_mode(self) -> None:
        self.settings["note_mode"] = self.random.choice(tuple(NoteMode))
        await self.world.change(**self.settings)

    async def attach(self) -> None:
        self.files += 1
        name = f"file-{self.files}.pdf"
        self.world.servicetrade.state.attach(self.job_id, name, b"%PDF-1.7 " + name.encode())

    async def attach_again(self) -> None:
        if self.files:
            name = f"file-{self.random.randint(1, self.files)}.pdf"
            self.world.servicetrade.state.attach(self.job_id, name, b"%PDF-1.7 " + name.encode())

    async def rename_or_remove(self) -> None:
        attached = self.world.servicetrade.state.attachments
        if mine := [key for key, one in attached.items() if one.job == self.job_id]:
            key = self.random.choice(mine)
            if self.random.random() < 0.5:
                del attached[key]
            else:
                attached[key].name = f"renamed-{attached[key].name}"

    async def lose(self) -> None:
        kind, match = self.random.choice(LOST), self.random.choice((NOTES, DOCUMENTS))
        text = "E WO_Number Locking error: the record is in use" if kind is FaultKind.ROWS else ""
        self.world.spectrum.faults.add(Fault(kind, match=match, bytes=150, status=403, text=text))

    async def time_passes(self) -> None:
        await self.world.later(minutes=self.random.choice((1, 6, 20)))

    async def set_up_again(self) -> None:
        with suppress(Conflict):  # it is busy, or something of it is unclear
            await self.world.use_cases.remove_connection(self.world.tenant.id, NORTH, version=None, by="ann")
            await self.world.connect(self.world.tenant, NORTH)
            await self.world.change(**self.settings)

    async def settle(self) -> None:
        """Somebody looks, sometimes too early to say that it is not there."""
        for one in await self.unclear():
            with suppress(Conflict):
                await self.settle_one(one)

    async def settle_one(self, one: UnclearAnnotation) -> None:
        await self.world.use_cases.unclear_annotations.settle(
            self.world.tenant.id, one.id, there=self.there(one), reason="Looked in Spectrum.", by="ann"
        )

    async def unclear(self) -> list[UnclearAnnotation]:
        return list(await self.world.use_cases.unclear_annotations.list(self.world.tenant.id))

    def there(self, one: UnclearAnnotation) -> bool:
        if one.kind is AnnotationKind.DOCUMENT:
            return one.written.content_hash in self.stored() or one.written.text in self.names()
        return one.written.text in self.lines(one.written.place)

    def order_exists(self) -> bool:
        return NUMBER in self.world.company.work_orders

    def stored(self) -> list[str]:
        return [one.sha256 for one in self.world.work_order(NUMBER).documents.values()] if self.order_exists() else []

    def names(self) -> list[str]:
        found = self.world.work_order(NUMBER).documents.values() if self.order_exists() else ()
        return [one.description for one in found]

    def lines(self, topic: str) -> list[str]:
        note = self.world.work_order(NUMBER).notes.get(topic, "") if self.order_exists() else ""
        return note.split("\n") if note else []

    def judge(self) -> None:
        story = ", ".join(self.done)
        for topic in TOPICS:
            added = [line for line in self.lines(topic) if line.startswith("Job ")]
            assert len(added) == len(set(added)), f"a text was added twice: {story}"
        files = list(zip(self.names(), self.stored(), strict=True))
        assert len(files) == len(set(files)), f"a file is stored twice: {story}"

    async def end(self) -> None:
        """Once everybody has said what they see, the next sends bring what is missing."""
        self.world.spectrum.faults.clear()
        for minutes in (1, 6, 20, 70):
            await self.world.later(minutes)
        for _ in range(4):
            await self.world.later(20)
            for one in await self.unclear():
                await self.settle_one(one)
            await self.world.send(self.job_id)
            self.judge()
        story = ", ".join(self.done)
        assert await self.unclear() == [], f"stuck: {story}"
        word = str(self.world.job(self.job_id).description).split()[-1]
        topic = str(self.settings["note_topic"])
        full = any(one.code == "NOTE_TOO_LONG" for one in (await self.world.preview(self.job_id)).findings)
        assert full or any(line.endswith(word) for line in self.lines(topic)), f"the text is missing: {story}"
        kept = [one for one in self.world.servicetrade.state.attachments.values() if one.job == self.job_id]
        there = {one.split("renamed-")[-1] for one in self.names()}
        assert {one.name.split("renamed-")[-1] for one in kept[:10]} <= there, f"a document is missing: {story}"


@pytest.mark.parametrize("seed", LIVES)
async def test_nothing_is_added_twice_or_lost_in_any_order(world: World, seed: int) -> None:
    life = Life(world, seed, replaces=seed % 2 == 1)
    await life.begin()
    for _ in range(ACTS):
        await life.act()
        life.judge()
    await life.end()


@pytest.mark.parametrize("seed", LIVES[: len(LIVES) // 3 or 1])
async def test_nothing_is_added_twice_when_a_backup_is_restored_in_between(
    world: World, backup: Backup, seed: int
) -> None:
    life = Life(world, 1000 + seed, replaces=False)
    await life.begin()
    await life.attach()
    for _ in range(ACTS // 3):
        await life.act()
    await backup.take(world)
    life.done.append("backup")
    await life.another_text()
    await life.attach()
    for _ in range(ACTS // 3):
        await life.act()
        life.judge()
    await life.send()
    await backup.restore(world)
    life.done.append("restore")
    await world.change(**life.settings)  # those of the backup may be older
    await world.compare_intents()
    await life.send()
    life.judge()
    world.clock.advance(16 * 60)
    with suppress(Conflict, NotFound):
        await world.use_cases.acknowledge_restore(world.tenant.id, None, reason="Compared.", by="ann")
    for _ in range(ACTS // 3):
        await life.act()
        life.judge()
    await life.end()
