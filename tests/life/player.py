"""Plays a life on a stage, act by act; the judge looks after each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from core.model.shared.errors import JobferryError
from core.model.work_orders.cost_line import ItemsMode
from tests.life import acts as a
from tests.life.ending import Ending
from tests.life.fates import FATES
from tests.life.judge import Judge
from tests.life.office import Office
from tests.life.person import REFUSALS, Person
from tests.life.requests import Requests
from tests.life.settings import Settings
from tests.life.stages.moments import MOST_CALLS, Crashed, Runaway
from tests.life.stages.stage import Stage

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
        self.settings = Settings(stage, self.judge)
        self._actors = (self, Office(stage), Requests(stage, self.person), self.settings)
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
        for number in range(len(a.SEATS)):  # so that what was left out meanwhile goes in the end
            await self.settings.do_SwitchTasks(a.SwitchTasks(number, on=True))

    async def _act(self, act: a.Act) -> bool:
        name = f"do_{type(act).__name__}"
        [who] = [one for one in self._actors if hasattr(one, name)]
        do: Callable[[Any], Awaitable[bool]] = getattr(who, name)
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

    # Time, workers and what goes wrong.

    async def do_Hint(self, act: a.Hint) -> bool:
        await self.stage.hint(self.stage.jobs[act.job % len(self.stage.jobs)])
        await self._follow()
        return True

    async def do_Poll(self, _: a.Poll) -> bool:
        await self.stage.pass_time(301)
        await self._follow()
        await self._work()
        return True

    async def _follow(self) -> None:
        for tenant in self.stage.tenants():
            await self.stage.sync_completions(tenant.id)

    async def do_Work(self, _: a.Work) -> bool:
        await self._work()
        return True

    async def _work(self) -> None:
        """Every connection that has anything to do, in the order of the seats."""
        with self.stage.moments.asleep():
            sends = [one.send for one in await self.stage.sends()]
        busy = {send.connection_id for send in sends if send.due_at is not None or not send.state.settled}
        for seat in list(self.stage.seats.values()):
            if seat.connection_id in busy:
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

    async def do_Thaw(self, _: a.Thaw) -> bool:
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

    async def do_Wait(self, act: a.Wait) -> bool:
        await self.stage.pass_time(act.minutes * 60)
        return True

    async def do_Answer(self, act: a.Answer) -> bool:
        self.stage.arm(act.call, act.fate, FATES[act.fate], act.after)
        return True

    async def do_Trouble(self, act: a.Trouble) -> bool:
        self.stage.trouble(act.call, act.how)
        return True

    async def do_Crash(self, act: a.Crash) -> bool:
        self.stage.moments.crash_in = act.at
        return True

    async def do_Freeze(self, act: a.Freeze) -> bool:
        self.stage.moments.freeze_in = act.at
        return not self._frozen

    async def do_LoseCommit(self, act: a.LoseCommit) -> bool:
        self.stage.lose_commits(act.count)
        return True

    async def do_Backup(self, _: a.Backup) -> bool:
        self.stage.backup()
        return True

    async def do_RestoreBackup(self, _: a.RestoreBackup) -> bool:
        await self._thaw()
        with self.stage.moments.asleep():
            await self.judge.forget()
            await self.stage.restore_backup()
            await self.judge.remember()
        return True

    async def do_Forget(self, _: a.Forget) -> bool:
        with self.stage.moments.asleep():
            while await self.stage.keep_retention():
                pass
        return True

    async def do_Skew(self, act: a.Skew) -> bool:
        self.stage.clock.skew = timedelta(minutes=act.minutes)
        return True
