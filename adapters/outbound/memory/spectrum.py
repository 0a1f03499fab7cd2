"""A Spectrum in memory: work orders by company and number, blank never clears, and any outcome on demand."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.answer import Accepted, CheckState, CheckStep, Exchange, WriteOutcome
from core.model.connection import SpectrumTarget
from core.model.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, LENGTHS, NUMBER
from ports.spectrum import Spectrum


@dataclass(frozen=True, slots=True)
class _Scripted:
    outcome: WriteOutcome
    applied: bool


class MemorySpectrum(Spectrum):
    """`work_orders` maps (company, number) to the stored fields; `calls` holds the fields of every write, in order."""

    def __init__(self) -> None:
        self.work_orders: dict[tuple[str, str], dict[str, str]] = {}
        self.calls: list[Mapping[str, str]] = []
        self.steps: Sequence[CheckStep] = (
            CheckStep("connection", CheckState.OK, "In memory."),
            CheckStep("permission", CheckState.UNKNOWN, "Known from the first send on: only a write shows it."),
        )
        self._script: deque[_Scripted] = deque()

    def answer_next(self, *outcomes: WriteOutcome, applied: bool | None = None) -> None:
        """Let the next writes end like this, one outcome a write.

        `applied` says whether the record changes all the same (an Unknown may hide either); by default only Accepted
        changes it.
        """
        for outcome in outcomes:
            changes = isinstance(outcome, Accepted) if applied is None else applied
            self._script.append(_Scripted(outcome, changes))

    async def write_header(self, target: SpectrumTarget, fields: Mapping[str, str]) -> Exchange:
        if unknown := sorted((fields.keys() - LENGTHS.keys()) | (fields.keys() & {AUTHORIZATION_ID, GUID})):
            raise ValueError(f"A caller cannot set {', '.join(unknown)}.")
        number = fields.get(NUMBER, "").strip()
        if not number:
            raise ValueError(f"{NUMBER} is blank; without it every repeat would make another work order.")
        if fields.get(COMPANY_CODE, target.company_code) != target.company_code:
            raise ValueError(f"{COMPANY_CODE} is not the company of this connection.")
        self.calls.append(dict(fields))
        scripted = self._script.popleft() if self._script else _Scripted(Accepted(), applied=True)
        if scripted.applied:
            stored = self.work_orders.setdefault((target.company_code, number), {})
            stored |= {COMPANY_CODE: target.company_code}
            stored |= {name: text for name, text in fields.items() if text.strip()}
        return Exchange(scripted.outcome)

    async def examine(self, target: SpectrumTarget) -> Sequence[CheckStep]:
        return self.steps
