"""Jobs with items and services, what Spectrum's books say of them, and the person who looks there to settle doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.spectrum.state import SpectrumState
from core.model.connections.task_settings import SendTasks
from core.model.sending.send import Send
from core.model.work_orders.cost_line import CODES, LedgerLine, LineState
from core.model.work_orders.item import ItemKind
from core.services.wiring import UseCases

Line = tuple[str, str]
"""Work order number and code: no job of these tests has two items of one code."""

ITEMS = (("part", "GAUGE-300", "Pressure gauge 300 psi"), ("fee", "FEE-TRIP", "Trip charge"))
SERVICES = ("REPAIR", "INSP")
"""The task codes of a job's services, which are also their names."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every job of a test has: `items` and `services` in the order of posting."""

    items: tuple[tuple[str, str, str], ...] = ITEMS
    services: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """What its work order has in Spectrum in the end."""
        return (*(code for _, code, _ in self.items), *self.services)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Of a connection that sends it."""
        if not self.services:
            return {}
        return {"send_tasks": SendTasks.WITH_ITEMS, "task_codes": {name: name for name in self.services}}


ONLY_ITEMS, WITH_TASKS = Work(), Work(ITEMS[1:], SERVICES)


def add_open_job(state: ServiceTradeState, number: int, *, customer: str, site: str, work: Work = ONLY_ITEMS) -> str:
    """A job that goes through, with a part and a fee or with other `work`."""
    job_id = state.add_job(str(number), customer=customer, location=site, customer_po="PO-1", description="Retest.")
    for kind, code, name in work.items:
        state.add_job_item(job_id, name, kind=kind, code=code, quantity=Decimal(2), cost=Decimal("18.40"))
    for name in work.services:
        state.add_service(job_id, name)
    return job_id


def add_completed_job(
    state: ServiceTradeState, number: int, *, customer: str, site: str, work: Work = ONLY_ITEMS
) -> str:
    """Completed just now."""
    state.complete(job_id := add_open_job(state, number, customer=customer, site=site, work=work))
    return job_id


def in_spectrum(state: SpectrumState, company: str = "101") -> Counter[Line]:
    """How often each line stands in Spectrum."""
    kept = state.companies[company]
    ledgers = (
        (kept.material, ItemKind.MATERIAL),
        (kept.charges, ItemKind.OTHER_CHARGE),
        (kept.task_lines, ItemKind.TASK),
    )
    return Counter((row.fields["WO_Number"], row.fields[CODES[kind]]) for ledger, kind in ledgers for row in ledger)


def expected(numbers: Iterable[str], work: Work = ONLY_ITEMS) -> Counter[Line]:
    """Every item and service of these work orders, once."""
    return Counter((number, code) for number in numbers for code in work.codes)


def assert_books_agree(lines: Sequence[LedgerLine], there: Counter[Line]) -> None:
    """Spectrum's books against ours: no line twice, none that we call posted missing, none that we call open there."""
    assert [line for line, count in there.items() if count > 1] == [], "a line was posted twice"
    for line in lines:
        count = there[line.work_order_number, line.code]
        if line.state is LineState.POSTED:
            assert count == 1, f"lost: {line}"
        elif not line.state.unclear:
            assert count == 0, f"{line.state} in our books, but it stands in Spectrum: {line}"


async def lines_of(use_cases: UseCases, sends: Iterable[Send]) -> list[LedgerLine]:
    found = [await use_cases.show_send(send.tenant_id, send.id) for send in sends]
    return [line for details in found for line in details.lines]


async def settle_doubts(use_cases: UseCases, tenant_id: str, state: SpectrumState) -> Counter[LineState]:
    """Look for every line in doubt in Spectrum and say what is found there. Counts the verdicts."""
    verdicts: Counter[LineState] = Counter()
    there = in_spectrum(state)
    while doubts := await use_cases.doubts.list(tenant_id):
        for doubt in doubts:
            seen = there[doubt.line.work_order_number, doubt.line.code]
            outcome = LineState.POSTED if seen else LineState.NOT_POSTED
            await use_cases.doubts.settle(tenant_id, doubt.line.id, outcome, reason=f"seen {seen} times", by="test")
            verdicts[outcome] += 1
    return verdicts
