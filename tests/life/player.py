"""Plays a life on a stage, act by act; the judge looks after each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.model.connection import Connection, ConnectionSecrets, OnCompletion
from core.model.cost_line import ItemsMode
from core.model.endpoint import Endpoint
from core.model.errors import JobferryError
from core.model.send import Send, SendState
from core.services.request_send import SendRequest
from tests.life import acts as a
from tests.life.ending import Ending
from tests.life.fates import FATES
from tests.life.judge import Judge
from tests.life.moments import MOST_CALLS, Crashed, Runaway
from tests.life.person import REFUSALS, Person
from tests.life.rules import USES
from tests.life.stage import Item, Stage

_FIRST_ITEM = 2500000000000000
_MOST_SLICES = 20


class Player:
    """`played` counts the acts that found something to act on."""

    def __init__(self, stage: Stage, mode: ItemsMode) -> None:
        self.stage = stage
        self.judge = Judge(stage)
        self.person = Person(stage)
        self.played: Counter[str] = Counter()
        self.runaway: list[str] = []
        self._mode = mode
        self._frozen: list[asyncio.Task[Any]] = []

    async def play(self, life: Sequence[a.Act]) -> list[str]:
        """What is wrong, [] for a good life."""
        for number, act in enumerate(life):
            if await self._act(act):
                self.played[type(act).__name__] += 1
            problems = [*await self.judge.look(), *self.person.caught, *self.runaway]
            if problems:
                return [f"after act {number}, {act}:", *problems]
        await self._calm_down()
        return [*await Ending(self.stage, self.person, self.judge, self._work, self._mode)(), *self.runaway]

    async def _calm_down(self) -> None:
        await self._thaw()
        self.stage.moments.crash_in = self.stage.moments.freeze_in = 0
        self.stage.clock.skew = timedelta()
        self.stage.calm()

    async def _act(self, act: a.Act) -> bool:
        do: Callable[[Any], Awaitable[bool]] = getattr(self, f"_do_{type(act).__name__}")
        try:
            return await do(act)
        except Crashed:
            self.stage.befallen["crashed"] += 1
            return True
        except REFUSALS as refusal:
            self.stage.befallen[f"refused:{refusal.code}"] += 1
            return False
        except JobferryError as error:
            self.stage.befallen[f"error:{error.code}"] += 1
            return False

    # What the office does in ServiceTrade.

    async def _do_AddItem(self, act: a.AddItem) -> bool:
        job = self.stage.jobs[act.job % len(self.stage.jobs)]
        number = len(self.stage.items) + 1
        item = Item(str(_FIRST_ITEM + number), job.id, act.kind, act.quantity, 5, homes={job.id})
        self.stage.items.append(item)
        self.stage.put_item(item)
        return True

    def _item(self, number: int) -> Item | None:
        there = [item for item in self.stage.items if item.job is not None]
        return there[number % len(there)] if there else None

    async def _do_EditItem(self, act: a.EditItem) -> bool:
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
        self.stage.put_item(item)
        return True

    async def _do_RemoveItem(self, act: a.RemoveItem) -> bool:
        if not (item := self._item(act.item)) or item.job is None:
            return False
        self.stage.take_item(item, item.job)
        item.job = None
        return True

    async def _do_MoveItem(self, act: a.MoveItem) -> bool:
        item, job = self._item(act.item), self.stage.jobs[act.job % len(self.stage.jobs)]
        if not item or item.job in (None, job.id):
            return False
        self.stage.take_item(item, item.job or "")
        item.job = job.id
        item.homes.add(job.id)
        self.stage.put_item(item)
        return True

    async def _do_SecondJob(self, _: a.SecondJob) -> bool:
        if len(self.stage.jobs) > 2:
            return False
        self.stage.jobs.append(self.stage.new_job(self.stage.jobs[0].number))
        return True

    async def _do_Describe(self, act: a.Describe) -> bool:
        job = self.stage.jobs[act.job % len(self.stage.jobs)]
        job.description = f"Retest {act.text}."
        self.stage.describe(job)
        return True

    async def _do_Complete(self, act: a.Complete) -> bool:
        job = self.stage.jobs[act.job % len(self.stage.jobs)]
        open_before = self.stage.completed_on(job) is None
        self.stage.complete(job)
        return open_before

    async def _do_Reopen(self, act: a.Reopen) -> bool:
        job = self.stage.jobs[act.job % len(self.stage.jobs)]
        completed_before = self.stage.completed_on(job) is not None
        self.stage.reopen(job)
        return completed_before

    async def _do_Redate(self, act: a.Redate) -> bool:
        job = self.stage.jobs[act.job % len(self.stage.jobs)]
        self.stage.redate(job, act.minutes)
        return self.stage.completed_on(job) is not None

    # What people ask of us.

    async def _do_Ask(self, act: a.Ask) -> bool:
        seat, job = self.stage.seat(act.seat), self.stage.jobs[act.job % len(self.stage.jobs)]
        wanted = SendRequest(
            connection=seat.slug, job_id=job.id, requested_by="ann", items=ItemsMode(act.items), adopt=act.adopt,
        )  # fmt: skip
        call = self.stage.use_cases.complete_job if act.completes else self.stage.use_cases.request_send
        await call(seat.tenant.id, wanted)
        return True

    async def _one_of(self, which: int, *states: SendState) -> Send | None:
        with self.stage.moments.asleep():
            found = [one.send for one in await self.stage.sends() if not states or one.send.state in states]
        return found[-1 - which % len(found)] if found else None

    async def _do_Cancel(self, act: a.Cancel) -> bool:
        send = await self._one_of(act.which, SendState.QUEUED, SendState.RETRYING)
        if send:
            await self.stage.use_cases.cancel_send(send.tenant_id, send.id)
        return send is not None

    async def _do_Retry(self, act: a.Retry) -> bool:
        send = await self._one_of(act.which, SendState.NEEDS_ATTENTION, SendState.RETRYING)
        if send:
            await self.stage.use_cases.retry_send(send.tenant_id, send.id)
        return send is not None

    async def _do_MarkDone(self, act: a.MarkDone) -> bool:
        send = await self._one_of(act.which, SendState.NEEDS_ATTENTION)
        if send:
            with self.stage.moments.asleep():
                await self.person.mark_done(await self.stage.use_cases.show_send(send.tenant_id, send.id))
        return send is not None

    async def _do_Dismiss(self, act: a.Dismiss) -> bool:
        open_ones = [
            (tenant, warning) for tenant in self.stage.tenants()
            for warning, _ in await self.stage.use_cases.list_warnings(tenant.id)
        ]  # fmt: skip
        if open_ones:
            tenant, warning = open_ones[act.which % len(open_ones)]
            await self.stage.use_cases.dismiss_warning(tenant.id, warning.id)
        return bool(open_ones)

    async def _do_Settle(self, act: a.Settle) -> bool:
        doubts = await self.person.doubts()
        if doubts:
            await self.person.settle(*doubts[act.which % len(doubts)])
        return bool(doubts)

    # Settings.

    async def _change(self, number: int, **settings: Any) -> bool:
        seat = self.stage.seat(number)

        def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return replace(before, **settings), secrets

        await self.stage.use_cases.change_connection(
            seat.tenant.id, seat.slug, edit, version=None, by="ann", check=False
        )
        return True

    async def _do_Trigger(self, act: a.Trigger) -> bool:
        return await self._change(
            act.seat, on_completion=OnCompletion(act.mode), items_on_resend=ItemsMode(act.resend)
        )

    async def _do_StartDate(self, act: a.StartDate) -> bool:
        start = self.stage.clock.database() - timedelta(minutes=act.minutes)
        return await self._change(act.seat, completion_start_date=start)

    async def _do_Leading(self, act: a.Leading) -> bool:
        return all([await self._change(number, leading_character=act.sign) for number in range(len(a.SEATS))])

    async def _do_SpectrumAddress(self, act: a.SpectrumAddress) -> bool:
        urls = self.stage.spectrum_urls()
        return await self._change(act.seat, endpoint=Endpoint.parse(urls[act.spelling % len(urls)]))

    async def _do_Rules(self, act: a.Rules) -> bool:
        return await self._change(act.seat, plugins=USES[act.rule])

    async def _do_ServiceTradeAddress(self, act: a.ServiceTradeAddress) -> bool:
        tenants, urls = self.stage.tenants(), self.stage.service_trade_urls()
        tenant = tenants[act.tenant % len(tenants)]
        changed = await self.stage.use_cases.change_tenant(
            tenant, base_url=urls[act.spelling % len(urls)], by="ann"
        )
        for seat in self.stage.seats.values():
            if seat.tenant.id == tenant.id:
                seat.tenant = changed
        return True

    async def _do_Remake(self, act: a.Remake) -> bool:
        seat = self.stage.seat(act.seat)
        like = await self.stage.connection(seat)
        with self.stage.moments.asleep():
            await self.judge.forget()
            used = {one.send.job_id for one in await self.stage.sends() if one.send.connection_id == seat.connection_id}
            await self.stage.use_cases.remove_connection(seat.tenant.id, seat.slug, version=None, by="ann")
            for job_id in used:
                self.stage.left_behind[job_id].add(seat.slug)
            await self.stage.seat_down(seat.slug, seat.tenant, like)
            await self.judge.remember()
        return True

    # Time, workers and what goes wrong.

    async def _do_Hint(self, act: a.Hint) -> bool:
        await self.stage.hint(self.stage.jobs[act.job % len(self.stage.jobs)])
        await self._follow()
        return True

    async def _do_Poll(self, _: a.Poll) -> bool:
        await self.stage.pass_time(301)
        await self._follow()
        await self._work()
        return True

    async def _follow(self) -> None:
        for tenant in self.stage.tenants():
            await self.stage.follow_completions(tenant.id)

    async def _do_Work(self, _: a.Work) -> bool:
        await self._work()
        return True

    async def _work(self) -> None:
        for seat in list(self.stage.seats.values()):
            await self._drain(seat.connection_id)

    async def _drain(self, connection_id: str) -> None:
        """Until nothing is due. Where a worker dies, the next one goes on; where it freezes, another takes over."""
        for _ in range(_MOST_SLICES):
            self.stage.moments.calls_left = MOST_CALLS
            try:
                if not await self._slice(self.stage.drain_connection(connection_id)):
                    return
            except Crashed:
                self.stage.befallen["crashed"] += 1
            except Runaway:
                break
            finally:
                self.stage.moments.calls_left = None
        self.runaway = [f"stuck: the connection {connection_id} is worked on without end"]

    async def _slice(self, drain: Coroutine[Any, Any, bool]) -> bool:
        if not self.stage.moments.freeze_in:
            return await drain
        self.stage.moments.frozen.clear()
        worker = asyncio.create_task(drain)
        self.stage.moments.workers.add(worker)
        frozen = asyncio.create_task(self.stage.moments.frozen.wait())
        await asyncio.wait({worker, frozen}, return_when=asyncio.FIRST_COMPLETED)
        frozen.cancel()
        if worker.done():
            return worker.result()
        self.stage.befallen["frozen"] += 1
        self._frozen.append(worker)
        return True

    async def _do_Thaw(self, _: a.Thaw) -> bool:
        there = bool(self._frozen)
        await self._thaw()
        return there

    async def _thaw(self) -> None:
        """Frozen workers wake up and go on as if nothing had been."""
        self.stage.moments.thaw.set()
        self.stage.moments.calls_left = MOST_CALLS
        results = await asyncio.gather(*self._frozen, return_exceptions=True)
        self.stage.moments.calls_left = None
        self._frozen.clear()
        self.stage.moments.thaw.clear()
        for result in results:
            if isinstance(result, Exception):
                self.stage.befallen[f"woke:{type(result).__name__}"] += 1
            elif isinstance(result, BaseException) and not isinstance(result, Crashed):
                raise result

    async def _do_Wait(self, act: a.Wait) -> bool:
        await self.stage.pass_time(act.minutes * 60)
        return True

    async def _do_Answer(self, act: a.Answer) -> bool:
        self.stage.arm(act.call, act.fate, FATES[act.fate], act.after)
        return True

    async def _do_Trouble(self, act: a.Trouble) -> bool:
        self.stage.trouble(act.call, act.how)
        return True

    async def _do_Crash(self, act: a.Crash) -> bool:
        self.stage.moments.crash_in = act.at
        return True

    async def _do_Freeze(self, act: a.Freeze) -> bool:
        self.stage.moments.freeze_in = act.at
        return not self._frozen

    async def _do_LoseCommit(self, _: a.LoseCommit) -> bool:
        self.stage.lose_commit()
        return True

    async def _do_Backup(self, _: a.Backup) -> bool:
        self.stage.backup()
        return True

    async def _do_RestoreBackup(self, _: a.RestoreBackup) -> bool:
        await self._thaw()
        with self.stage.moments.asleep():
            await self.judge.forget()
            await self.stage.restore_backup()
            await self.judge.remember()
        return True

    async def _do_Skew(self, act: a.Skew) -> bool:
        self.stage.clock.skew = timedelta(minutes=act.minutes)
        return True
