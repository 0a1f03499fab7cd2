"""The real adapters in front of the sandbox systems, with the next fate put into the sandbox right before its call."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.connections.connection import SpectrumTarget
from core.model.planning.job import CompletedJob
from core.model.sending.answer import Exchange
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import ItemKind
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from tests.life.fates import ANOTHER_NUMBER, FATES

_FAULTS = {
    "cut_applied": Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"),
    "cut_lost": Fault(FaultKind.DROP_BEFORE_APPLY, match="/ws/"),
    "late": Fault(FaultKind.APPLY_LATE, match="/ws/", seconds=0.02),
    "gone_applied": Fault(FaultKind.APPLY_THEN_STATUS, match="/ws/", status=404),
    "fault": Fault(FaultKind.SOAP_FAULT, match="/ws/", text="server_error"),
    "refused": Fault(FaultKind.ROWS, match="/ws/", text="I Cost_Center not on file"),
    "locked": Fault(FaultKind.ROWS, match="/ws/", text="E WO_Number record is locked"),
    "login": Fault(FaultKind.ROWS, match="/ws/", text="I Authorization_ID Not authorized"),
    "other_number": Fault(FaultKind.RENUMBER, match="/ws/", text=ANOTHER_NUMBER),
}


class FatedSpectrum:
    def __init__(self, wrapped: Spectrum, sandbox: SpectrumSandbox, befallen: Counter[str]) -> None:
        self._wrapped, self._sandbox, self._befallen = wrapped, sandbox, befallen
        self.fates: dict[str, deque[tuple[str, int]]] = {"header": deque(), "line": deque()}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        if answer := self._next("header"):
            return answer
        return self._done(await self._wrapped.write_header(target, fields, leave_by=leave_by))

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        if answer := self._next("line"):
            return answer
        return self._done(await self._wrapped.add_line(target, kind, fields, leave_by=leave_by))

    def calm(self) -> None:
        for waiting in self.fates.values():
            waiting.clear()

    def _done(self, exchange: Exchange) -> Exchange:
        self._sandbox.faults.clear()  # one that was kept back by a gate befalls nobody else
        return exchange

    def _next(self, call: str) -> Exchange | None:
        waiting = self.fates[call]
        if not waiting:
            return None
        name, after = waiting[0]
        if after:
            waiting[0] = (name, after - 1)
            return None
        waiting.popleft()
        self._befallen[f"{call}:{name}"] += 1
        if name in _FAULTS:
            self._sandbox.faults.add(_FAULTS[name])
            return None
        return Exchange(FATES[name].outcome)


class CountingServiceTrade:
    """`on_completed` hears of each completion that the API made."""

    def __init__(self, wrapped: ServiceTrade, completed: Callable[[str], bool], on_completed: Callable[[str], None]):
        self._wrapped, self._completed, self._on_completed = wrapped, completed, on_completed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        before = self._completed(job_id)
        try:
            return await self._wrapped.complete_job(account, job_id)
        finally:
            if not before and self._completed(job_id):
                self._on_completed(job_id)
