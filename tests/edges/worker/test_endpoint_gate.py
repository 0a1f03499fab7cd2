"""A Spectrum that does not answer: it is spared, nobody else waits for it, and all sends go out once it is back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from core.model.connections.connection import SpectrumTarget
from core.model.planning.job import JobSnapshot
from core.model.sending.answer import Exchange, NotSent, NotSentReason, Unknown, UnknownReason
from core.model.sending.send import SendState, Step
from core.model.shared.errors import TimeMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import NUMBER
from core.services.sending.call_places import PATIENCE
from tests.support.http_scene import JOB
from tests.support.office_scene import Office, open_office
from tests.support.virtual_time import LoopClock, run_in_virtual_time

BAD, GOOD = "bad.example.com", "good.example.com"
NEVER = float("inf")
CALL_SECONDS, DEADLINE = 0.3, 60.0
REFUSED, SILENT = "refused", "silent"


class HeldServiceTrade(MemoryServiceTrade):
    """A call for a job in `held` waits until `go_on`. `reads` counts how often a job was planned."""

    def __init__(self) -> None:
        super().__init__()
        self.held: set[tuple[str, str]] = set()
        self.go_on = asyncio.Event()
        self.reads: Counter[str] = Counter()

    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        self.reads[job_id] += 1
        await self._while_held("read_job", job_id)
        return await super().read_job(account, job_id, system)

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        await self._while_held("write_external_id", job_id)
        await super().write_external_id(account, job_id, system, value)

    async def _while_held(self, call: str, job_id: str) -> None:
        if (call, job_id) in self.held:
            await self.go_on.wait()


class MoodySpectrum(MemorySpectrum):
    """The server BAD does not answer until `back_at`. Counts the calls, also those that found nobody."""

    def __init__(self, mood: str, back_at: float) -> None:
        super().__init__(boot_seconds=LoopClock().boot_seconds)
        self.mood = mood
        self.back_at = back_at
        self.tries: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        host, number = target.endpoint.host, fields[NUMBER]
        self.tries[number] += 1
        self.under_way[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self.under_way[host])
        try:
            if host == BAD and LoopClock().boot_seconds() < self.back_at:
                return await self._nobody()
            await asyncio.sleep(CALL_SECONDS)
            return await super().write_header(target, fields, leave_by=None)
        finally:
            self.under_way[host] -= 1

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        host = target.endpoint.host
        self.under_way[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self.under_way[host])
        try:
            await asyncio.sleep(CALL_SECONDS)
            return await super().add_line(target, kind, fields, leave_by=leave_by)
        finally:
            self.under_way[host] -= 1

    async def _nobody(self) -> Exchange:
        if self.mood == REFUSED:
            return Exchange(NotSent(NotSentReason.REFUSED, "nobody there"))
        await asyncio.sleep(DEADLINE)
        return Exchange(Unknown(UnknownReason.TIMEOUT, "no answer"))


async def work_until(office: Office, seconds: float) -> None:
    """Look for due connections once a second, until that time or until every send is settled."""
    drains: dict[str, asyncio.Task[None]] = {}
    while office.clock.boot_seconds() < seconds and not all(send.state.settled for send in office.sends()):
        for due in office.due():
            if due not in drains:
                drains[due] = asyncio.create_task(office.drain(due))
        await asyncio.sleep(1)
        drains = {id_: task for id_, task in drains.items() if not task.done()}
    await asyncio.gather(*drains.values())


@pytest.mark.long
@pytest.mark.parametrize("jobs", [2, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize("mood, outage", [(REFUSED, 3600.0), (SILENT, 120.0)])
def test_many_waiting_sends_are_gentle_to_a_spectrum_that_comes_back(mood: str, outage: float, jobs: int) -> None:
    async def work() -> None:
        spectrum = MoodySpectrum(mood, outage)
        at = await open_office(LoopClock(), spectrum)
        for one in range(100):
            await at.connect(f"bad{one}", BAD)
            for job in range(jobs):
                await at.request(f"bad{one}", one * 10 + job)
        await work_until(at, outage + 3600)
        sends = at.sends()
        assert Counter(send.state for send in sends) == {SendState.SENT: 100 * jobs}
        assert spectrum.most_at_once[BAD] <= 8
        calls = spectrum.tries.total()
        assert calls - len(spectrum.tries) <= 0.1 * calls
        assert len(spectrum.calls) == 100 * jobs  # none was written twice
        headers = [one for _, one in at.transactions.rows.attempts if one.step is Step.HEADER]
        assert len(headers) == calls  # whoever was turned away has no attempt
        assert LoopClock().boot_seconds() < outage + 300 + 15 * 60

    run_in_virtual_time(work())


@pytest.mark.parametrize("waiting", [50, pytest.param(200, marks=pytest.mark.long)])
@pytest.mark.parametrize("mood, outage, repeats", [(REFUSED, 60.0, 6), (REFUSED, 600.0, 9), (SILENT, 600.0, 13)])
def test_an_outage_costs_the_same_few_calls_however_many_sends_wait(
    mood: str, outage: float, repeats: int, waiting: int
) -> None:
    """So with 200 it is at most a tenth of the calls. More figures: docs/decisions/0045-endpoint-breaker.md."""

    async def work() -> None:
        spectrum = MoodySpectrum(mood, outage)
        at = await open_office(LoopClock(), spectrum)
        for one in range(50):
            await at.connect(f"bad{one}", BAD)
            for job in range(waiting // 50):
                await at.request(f"bad{one}", one * 10 + job)
        await work_until(at, outage + 3600)
        assert Counter(send.state for send in at.sends()) == {SendState.SENT: waiting}
        calls = spectrum.tries.total()
        assert calls - waiting <= repeats
        assert waiting < 200 or calls - waiting <= calls / 10

    run_in_virtual_time(work())


@pytest.mark.parametrize("mood", [REFUSED, SILENT])
def test_others_do_not_wait_for_it(mood: str) -> None:
    async def work() -> None:
        spectrum = MoodySpectrum(mood, NEVER)
        at = await open_office(LoopClock(), spectrum)
        for one in range(30):
            await at.connect(f"bad{one}", BAD)
            await at.request(f"bad{one}", one)
        await at.connect("good", GOOD)
        working = asyncio.create_task(work_until(at, 600))
        for job in range(20):
            await asyncio.sleep(25)
            send = await at.request("good", 1000 + job)
            await asyncio.sleep(3)
            assert at.transactions.rows.sends[send.id].state is SendState.SENT
        assert at.services.endpoint_gate.silent == 1
        await working
        assert spectrum.most_at_once[GOOD] == 1

    run_in_virtual_time(work())


def test_people_read_why_their_send_waits_though_it_was_never_tried() -> None:
    async def work() -> None:
        at = await open_office(LoopClock(), MoodySpectrum(REFUSED, NEVER))
        for one in range(4):
            await at.connect(f"bad{one}", BAD)
            await at.request(f"bad{one}", one)
            await work_until(at, one + 1.0)
        details = await at.services.use_cases.show_send(at.tenant.id, at.sends()[-1].id)
        assert (details.send.state, details.send.attempts, details.attempts) == (SendState.RETRYING, 0, [])
        [found] = details.send.findings
        assert (found.code, found.message) == (
            "ENDPOINT_UNREACHABLE",
            "Spectrum at bad.example.com:8482 does not answer.",
        )
        assert "tries again by itself" in found.fix[0]
        hold = details.connection.hold
        assert hold is not None
        assert (hold.finding, hold.until, hold.attempts) == (found, details.send.due_at, 0)

    run_in_virtual_time(work())


def test_a_write_back_goes_on_while_others_have_all_places() -> None:
    async def work() -> None:
        spectrum = MoodySpectrum(SILENT, 0)
        at = await open_office(LoopClock(), spectrum, at_once=1)
        await at.connect("first", BAD)
        await at.connect("second", BAD)
        away = TimeMends("away", code="ST_UNREACHABLE", fix="wait")
        at.service_trade.fail_next(away, call="read_job")
        at.service_trade.fail_next(away, call="write_external_id")
        waits = await at.request("second", 2)
        number_missing = await at.request("second", 3)
        await work_until(at, 5)
        rows = at.transactions.rows.sends
        assert [rows[one.id].step for one in (waits, number_missing)] == [Step.PLAN, Step.WRITE_BACK]
        spectrum.back_at = NEVER
        await at.request("first", 1)  # hangs until its deadline
        await asyncio.sleep(45)
        working = asyncio.create_task(work_until(at, 65))
        await asyncio.sleep(20)
        rows = at.transactions.rows.sends
        assert rows[waits.id].step is Step.PLAN
        assert rows[number_missing.id].state is SendState.SENT
        await working

    run_in_virtual_time(work())


@pytest.mark.parametrize("call", ["read_job", "write_external_id"])
def test_a_send_that_waits_for_servicetrade_holds_no_place(call: str) -> None:
    async def work() -> None:
        service_trade = HeldServiceTrade()
        at = await open_office(LoopClock(), MoodySpectrum(SILENT, 0), at_once=2, service_trade=service_trade)
        for one in range(5):
            await at.connect(f"c{one}", BAD)
            await at.request(f"c{one}", one)
        service_trade.held = {(call, str(one)) for one in range(4)}  # more than there are places
        working = asyncio.create_task(work_until(at, 60))
        await asyncio.sleep(5)
        assert [send.state is SendState.SENT for send in at.sends()] == [False] * 4 + [True]
        service_trade.go_on.set()
        await working
        assert {send.state for send in at.sends()} == {SendState.SENT}

    run_in_virtual_time(work())


def test_while_servicetrade_is_slow_spectrum_has_as_many_calls_as_it_has_places() -> None:
    """Each send plans for longer than its call takes."""

    async def work() -> None:
        service_trade, spectrum = HeldServiceTrade(), MoodySpectrum(SILENT, 0)
        at = await open_office(LoopClock(), spectrum, service_trade=service_trade)
        for one in range(40):
            await at.connect(f"c{one}", BAD)
            await at.request(f"c{one}", one)
        service_trade.held = {("read_job", str(one)) for one in range(24)}
        working = asyncio.create_task(work_until(at, 60))
        await asyncio.sleep(3)
        assert service_trade.reads.total() >= 32
        assert len(spectrum.calls) == 16, "those whose plan is there"
        service_trade.go_on.set()
        await working
        assert {send.state for send in at.sends()} == {SendState.SENT}
        assert spectrum.most_at_once[BAD] == 8
        assert set(service_trade.reads.values()) == {1}, "a plan is not thrown away"

    run_in_virtual_time(work())


def test_whoever_finds_no_place_in_time_begins_nothing_and_comes_again() -> None:
    async def work() -> None:
        service_trade, spectrum = HeldServiceTrade(), MoodySpectrum(SILENT, DEADLINE / 2)
        at = await open_office(LoopClock(), spectrum, at_once=1, service_trade=service_trade)
        for one in range(3):
            await at.connect(f"c{one}", BAD)
            await at.request(f"c{one}", one)
        working = asyncio.create_task(work_until(at, 300))
        await asyncio.sleep(PATIENCE + 1)
        first, *others = at.sends()
        assert spectrum.tries.total() == 1, first
        for send in others:
            assert (send.state, send.step, send.plan) == (SendState.QUEUED, Step.PLAN, None)
        await asyncio.sleep(DEADLINE - PATIENCE - 2)
        assert spectrum.tries.total() == 1
        assert service_trade.reads == {"0": 1, "1": 1, "2": 1}, "nobody plans while calls are slow"
        await working
        assert {send.state for send in at.sends()} == {SendState.SENT}
        assert spectrum.most_at_once[BAD] == 1
        assert max(service_trade.reads.values()) <= 2

    run_in_virtual_time(work())


def test_lines_of_many_sends_share_one_place_and_each_is_posted_once() -> None:
    async def work() -> None:
        spectrum = MoodySpectrum(SILENT, 0)
        at = await open_office(LoopClock(), spectrum, at_once=1)
        for one in range(4):
            await at.connect(f"c{one}", BAD)
            await at.request(f"c{one}", one, items=5)
        await work_until(at, 300)
        assert {send.state for send in at.sends()} == {SendState.SENT}
        assert spectrum.most_at_once[BAD] == 1
        posted = [(line.number, *sorted(line.fields.items())) for line in spectrum.lines]
        assert len(posted) == len(set(posted)) == 20

    run_in_virtual_time(work())


def test_a_plan_that_may_not_be_sent_gives_its_place_back() -> None:
    async def work() -> None:
        service_trade = HeldServiceTrade()
        at = await open_office(LoopClock(), MoodySpectrum(SILENT, 0), at_once=1, service_trade=service_trade)
        for slug in ("first", "second"):
            await at.connect(slug, BAD)
        blocked, held = await at.request("first", 0), await at.request("first", 1)
        assert JOB.customer
        job = replace(JOB, id="0", number="100000", customer=replace(JOB.customer, external_id=None))
        service_trade.add_job(at.tenant.id, job, "first")
        service_trade.held = {("read_job", "1")}
        working = asyncio.create_task(work_until(at, 60))
        await asyncio.sleep(2)
        other = await at.request("second", 2)
        await asyncio.sleep(2)
        rows = at.transactions.rows.sends
        assert [rows[one.id].state for one in (blocked, held, other)] == [
            SendState.NEEDS_ATTENTION,
            SendState.QUEUED,
            SendState.SENT,
        ]
        service_trade.go_on.set()
        await working

    run_in_virtual_time(work())
