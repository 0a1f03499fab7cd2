"""What the office does in ServiceTrade."""

from __future__ import annotations

from tests.life import acts as a
from tests.life.services import PREFIX
from tests.life.stages.stage import Item, Stage

_FIRST_ITEM = 2500000000000000


class Office:
    """Each act gives whether it found something to act on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def do_AddItem(self, act: a.AddItem) -> bool:
        job = self._stage.jobs[act.job % len(self._stage.jobs)]
        number = len(self._stage.items) + 1
        prefix = PREFIX if act.kind == "service" else ""
        item = Item(f"{prefix}{_FIRST_ITEM + number}", job.id, act.kind, act.quantity, 5, homes={job.id}, last=job.id)
        self._stage.items.append(item)
        self._stage.put_item(item)
        return True

    def _item(self, number: int) -> Item | None:
        there = [item for item in self._stage.items if item.job is not None]
        return there[number % len(there)] if there else None

    async def do_EditItem(self, act: a.EditItem) -> bool:
        if not (item := self._item(act.item)):
            return False
        match act.what:
            case "quantity":
                item.quantity = act.value
            case "cost":
                item.cost = act.value
            case _ if item.kind == "codeless":
                item.kind = "part"
            case _:
                item.codes += 1
        self._stage.put_item(item)
        return True

    async def do_RemoveItem(self, act: a.RemoveItem) -> bool:
        if not (item := self._item(act.item)) or item.job is None:
            return False
        self._stage.take_item(item, item.job)
        item.job = None
        return True

    async def do_MoveItem(self, act: a.MoveItem) -> bool:
        item, job = self._item(act.item), self._stage.jobs[act.job % len(self._stage.jobs)]
        if not item or item.job in (None, job.id):
            return False
        self._stage.take_item(item, item.job or "")
        item.job = item.last = job.id
        item.homes.add(job.id)
        self._stage.put_item(item)
        return True

    async def do_SecondJob(self, _: a.SecondJob) -> bool:
        if len(self._stage.jobs) > 2:
            return False
        self._stage.jobs.append(self._stage.new_job(self._stage.jobs[0].number))
        return True

    async def do_Describe(self, act: a.Describe) -> bool:
        job = self._stage.jobs[act.job % len(self._stage.jobs)]
        job.description = f"Retest {act.text}."
        self._stage.describe(job)
        return True

    async def do_Complete(self, act: a.Complete) -> bool:
        job = self._stage.jobs[act.job % len(self._stage.jobs)]
        open_before = self._stage.completed_on(job) is None
        self._stage.complete(job)
        return open_before

    async def do_Reopen(self, act: a.Reopen) -> bool:
        job = self._stage.jobs[act.job % len(self._stage.jobs)]
        completed_before = self._stage.completed_on(job) is not None
        self._stage.reopen(job)
        return completed_before

    async def do_Redate(self, act: a.Redate) -> bool:
        job = self._stage.jobs[act.job % len(self._stage.jobs)]
        self._stage.redate(job, act.minutes)
        return self._stage.completed_on(job) is not None
