"""The remote systems in memory, bent as a life wants it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from core.model.connections.connection import SpectrumTarget
from core.model.planning.job import CompletedJob
from core.model.sending.answer import Accepted, Exchange
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import ItemKind
from tests.life.fates import ANOTHER_NUMBER, Fate
from tests.life.stages.times import LifeClock

_LATE_SECONDS = 8 * 60


def gone_by(clock: LifeClock, leave_by: float) -> bool:
    """Whether it is too late for a call to leave, so that none comes."""
    return clock.boot_seconds() >= leave_by


class FatefulSpectrum(MemorySpectrum):
    """`during_line` runs once while a line's call is under way. What is applied late is so after eight minutes."""

    def __init__(self, clock: LifeClock, befallen: Counter[str]) -> None:
        super().__init__(boot_seconds=clock.boot_seconds)
        self._clock = clock
        self._befallen = befallen
        self.fates: dict[str, deque[tuple[str, Fate, int]]] = {"header": deque(), "line": deque()}
        self.during_line: Callable[[], None] | None = None
        self._due: deque[float] = deque()

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        if leave_by is None or not gone_by(self._clock, leave_by):
            self._next("header")
        return await super().write_header(target, fields, leave_by=leave_by)

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        if gone_by(self._clock, leave_by):
            return await super().add_line(target, kind, fields, leave_by=leave_by)
        self._next("line")
        exchange = await super().add_line(target, kind, fields, leave_by=leave_by)
        if self.during_line:
            during, self.during_line = self.during_line, None
            during()
        return exchange

    def turn_up(self) -> None:
        """What is late comes, as far as its time has come."""
        while len(self._due) < len(self.late):
            self._due.append(self._clock.boot_seconds() + _LATE_SECONDS)
        while self._due and self._due[0] <= self._clock.boot_seconds():
            self._due.popleft()
            self.late.popleft()()

    def calm(self) -> None:
        for waiting in self.fates.values():
            waiting.clear()
        self.during_line = None

    def _next(self, call: str) -> None:
        """Let the call that comes now end as it is to."""
        waiting = self.fates[call]
        if not waiting:
            return self.answer_next(Accepted())
        name, fate, after = waiting[0]
        if after:
            waiting[0] = (name, fate, after - 1)
            return self.answer_next(Accepted())
        waiting.popleft()
        self._befallen[f"{call}:{name}"] += 1
        filed_under = ANOTHER_NUMBER if fate.elsewhere else None
        return self.answer_next(fate.outcome, applied=fate.applied, filed_under=filed_under)


class TimelyServiceTrade(MemoryServiceTrade):
    """Completions have the life's time. `on_completed` hears of each that the API made."""

    def __init__(self, clock: LifeClock) -> None:
        super().__init__()
        self._clock = clock
        self.on_completed: Callable[[str], None] = lambda _: None

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        before = self.jobs[account.tenant_id, job_id].snapshot.completed
        try:
            await super().complete_job(account, job_id)
        finally:
            if not before and self.jobs[account.tenant_id, job_id].snapshot.completed:
                self.date(account.tenant_id, job_id)
                self.on_completed(job_id)
        completed = self.jobs[account.tenant_id, job_id].completion
        assert completed is not None
        return completed

    def date(self, tenant_id: str, job_id: str, minutes: int = 0) -> None:
        stored = self.jobs[tenant_id, job_id]
        now = self._clock.database().replace(microsecond=0)
        wanted = now + timedelta(minutes=minutes)
        last = stored._completed_last
        if not minutes and last and wanted <= last:
            wanted = last + timedelta(seconds=1)
        stored.snapshot = replace(stored.snapshot, completed_on=wanted, updated=now)
