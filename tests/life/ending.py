"""How a life ends: nothing goes wrong any more, people do what is left, and each job is sent once more as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from core.model.planning.plan import SendPlan
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from tests.life.judge import SENT, Judge, words
from tests.life.person import Person
from tests.life.stages.stage import Item, Job, Seat, Stage

_ROUNDS = 24
_ADOPTED = {"WO_NUMBER_CHANGED", "WO_NUMBER_TAKEN"}
_NOTHING_TOLD = {"posted", "unchanged", "labor"}
_STRAYS = "for items that are not on the job"
_NOBODY = "nobody's"
Work = Callable[[], Awaitable[None]]


@dataclass
class _Told:
    """What people can see of a job's items. `everything`: a send that needs attention speaks for the whole job.
    `strays`: they are told how many lines stand there for items that are not on the job."""

    items: set[str] = field(default_factory=set)
    messages: str = ""
    everything: bool = False
    strays: bool = False

    def note(self, send: Send, plan: SendPlan) -> None:
        self.items |= {out.item_id for out in plan.left_out if out.code not in _NOTHING_TOLD}
        messages = " ".join(found.message for found in (*plan.findings, *send.findings))
        self.messages += messages
        self.strays |= _STRAYS in messages

    def of(self, item: Item, job: Job) -> bool:
        """Whether anybody is told something of the item."""
        if self.strays and item.job != job.id:
            return True
        return self.everything or item.id in self.items or item.name in self.messages


class Ending:
    def __init__(self, stage: Stage, person: Person, judge: Judge, work: Work, mode: ItemsMode) -> None:
        self._stage, self._person, self._judge, self._work, self._mode = stage, person, judge, work, mode

    async def __call__(self) -> list[str]:
        """What is wrong in the end."""
        await self._rest()
        problems = [*await self._judge.at_rest(), *await self._unheeded()]
        if problems:
            return problems
        self._give_codes()
        await self._rest()
        for job in self._stage.jobs:
            problems = [*await self._last_sends(job), *await self._judge.at_rest()]
            if problems:
                return problems
        return self._person.caught

    async def _unheeded(self) -> list[str]:
        """Completions that count for a connection's trigger, and that no send came of."""
        sends = [one.send for one in await self._stage.sends()]
        problems = []
        for seat in self._stage.seats.values():
            connection = await self._stage.connection(seat)
            for job in self._stage.jobs:
                done, start = self._stage.completed_on(job), connection.completion_start_date
                if not connection.acts_on_completion or done is None or start is None or done < start:
                    continue
                ours = [one for one in sends if one.connection_id == connection.id and one.job_id == job.id]
                self._stage.befallen["end:completion_counts"] += 1
                since = job.completed_at or done
                if not any(one.completes or one.requested_at >= since for one in ours):
                    problems.append(f"lost: {job.id}, completed on {done}, set nothing off on {seat.slug}")
        return problems

    def _give_codes(self) -> None:
        """The office mends what stood in the way of items."""
        for item in self._stage.items:
            if item.kind == "codeless":
                item.kind = "part"
                if item.job:
                    self._stage.put_item(item)

    async def _seats(self, job: Job) -> list[Seat]:
        """Those that have ever sent the job, the first if none has."""
        used = {one.send.connection_id for one in await self._stage.sends() if one.send.job_id == job.id}
        used |= self._stage.left_behind[job.id]
        seats = list(self._stage.seats.values())
        return [seat for seat in seats if seat.connection_id in used or seat.slug in used] or seats[:1]

    async def _rest(self, only: str = "") -> None:
        """Time passes and people do what they can, until nothing changes. `only`: of failed sends they retry this."""
        tried: Counter[str] = Counter()
        for _ in range(_ROUNDS):
            await self._stage.pass_time(20 * 60)
            await self._person.mend_connections()
            for tenant in self._stage.tenants():
                await self._stage.sync_completions(tenant.id)
            await self._work()
            await self._person.settle_all()
            await self._work()
            again = await self._person.retry_all(tried, only=only)
            await self._work()
            states = {one.send.state for one in await self._stage.sends()}
            if not again and all(state.settled and state is not SendState.IN_DOUBT for state in states):
                return

    async def _last_sends(self, job: Job) -> list[str]:
        """The job as it is, once more over each connection that knows it; then its books are read."""
        self._stage.complete(job)
        await self._rest(only=_NOBODY)  # what the completion sets off by itself comes first
        told, numbers, problems = _Told(), set[str](), list[str]()
        for seat in await self._seats(job):
            adopt, send = await self._last_send(seat, job)
            if send.state is SendState.NEEDS_ATTENTION:
                self._stage.befallen[f"end:told:{send.findings[0].code}"] += 1
                told.everything = True
                continue
            if send.state not in SENT:
                return [f"stuck: the last send of {job.id} over {seat.slug} never came to its end: {words(send)}"]
            self._stage.befallen["end:sent"] += 1
            numbers.add(send.work_order_number or "")
            problems += self._header(send, job)
            after = await self._stage.use_cases.preview_send(
                seat.tenant.id, seat.slug, job.id, items=self._mode, adopt=adopt
            )
            told.note(send, after.plan)
        return [*problems, *(wrong for number in sorted(numbers) for wrong in self._items(number, job, told))]

    async def _last_send(self, seat: Seat, job: Job) -> tuple[bool, Send]:
        preview = await self._stage.use_cases.preview_send(seat.tenant.id, seat.slug, job.id, items=self._mode)
        adopt = bool(_ADOPTED & {found.code for found in preview.plan.blockers})
        wanted = SendRequest(connection=seat.slug, job_id=job.id, requested_by="ann", items=self._mode, adopt=adopt)
        send = await self._stage.use_cases.request_send(seat.tenant.id, wanted)
        await self._work()
        await self._rest(only=send.id)
        ours = [one.send for one in await self._stage.sends() if one.send.connection_id == send.connection_id]
        return adopt, max((one for one in ours if one.job_id == job.id), key=lambda one: one.seq)

    def _header(self, send: Send, job: Job) -> Iterator[str]:
        stands = self._stage.header(send.work_order_number or "") or {}
        if stands.get("Summary_Description") != job.description:
            yield f"wrong: the header of {send.work_order_number} is not that of the job: {stands}"

    def _items(self, number: str, job: Job, told: _Told) -> Iterator[str]:
        """Held against the job as it is: its net under `difference`, once each under `new_only`."""
        for item in self._stage.items:
            if job.id not in item.homes or told.of(item, job) or item.id in self._stage.seen:
                continue
            if item.last != job.id and self._stage.job(item.last).number == job.number:
                continue  # it is on the other job of this number, or was at last
            yield from self._item(number, item, job)

    def _item(self, number: str, item: Item, job: Job) -> Iterator[str]:
        """A job that changed its number may have its items on both work orders."""
        here = item.job == job.id
        of_item = [line for line in self._stage.books() if line.item == item.id[-3:]]
        anywhere = [line for line in of_item if line.number.endswith(job.number)]
        lines = [line for line in anywhere if line.number == number] or anywhere
        net, in_all = (sum((line.amount for line in found), Decimal()) for found in (lines, anywhere))
        wanted = item.net if here else Decimal()
        if self._mode is ItemsMode.DIFFERENCE and wanted not in (net, in_all):
            yield f"wrong: {number} holds {net} of the item {item.id[-3:]}, the job says {wanted}, nobody is told"
        elif here and wanted and not lines:
            yield f"lost: the item {item.id[-3:]} does not stand on {number}, nobody is told"
