"""Create, complete, reopen, change, remove, complete again, crash and settle, in any order: Spectrum's books are right.

Under `difference` they equal the job's items; under `new_only` every item stands there exactly once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.random import SystemRandom
from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.planning.job import JobSnapshot, Party
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    Exchange,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import COST, ITEM_CODE, QUANTITY, ItemsMode, LedgerLine, LineState
from core.model.work_orders.item import ItemKind, JobItem
from core.services.sending.request_send import SendRequest
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from ports.clock import Clock

pytestmark = pytest.mark.long

T = TypeVar("T")
JOB_ID = "2412087334600705"
JOB = JobSnapshot(
    id=JOB_ID,
    number="104482",
    status="scheduled",
    customer=Party(id="1", name="Harborview", external_id="HARVIEW"),
    location=Party(id="2", name="Plant 2", external_id="HV0002"),
)
CODES = ("VALVE", "PIPE", "GAUGE")
QUANTITIES = st.integers(min_value=1, max_value=999).map(lambda cents: Decimal(cents) / 100)
# A charge that is not zero and would round to zero is refused until somebody corrects it, so nobody draws one here.
COSTS = st.just(Decimal(0)) | st.integers(min_value=500, max_value=99999).map(lambda mills: Decimal(mills) / 1000)
SUCCEEDED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
Face = tuple[ItemKind, tuple[tuple[str, str], ...]]


class Crash(BaseException):
    """The process is gone: nothing of ours may catch it."""


@dataclass(frozen=True)
class Fate:
    """What becomes of one line's call. `outcome` None: the worker dies instead of hearing an answer."""

    outcome: WriteOutcome | None
    applied: bool
    after: int = 0
    """How many lines go well before it."""


FATES = (
    Fate(None, applied=False),
    Fate(None, applied=True),
    Fate(None, applied=True, after=1),
    Fate(Unknown(UnknownReason.TIMEOUT, "no answer"), applied=True),
    Fate(Unknown(UnknownReason.CONNECTION_LOST, "broken off"), applied=False),
    Fate(Unknown(UnknownReason.CONNECTION_LOST, "broken off"), applied=False, after=1),
    Fate(NotSent(NotSentReason.REFUSED, "nobody there"), applied=False),
    Fate(Refused((AnswerRow("I", "no such item", "Item_Code"),)), applied=False),
    Fate(Refused((AnswerRow("I", "no such item", "Item_Code"),)), applied=False, after=1),
    Fate(Refused((AnswerRow("E", "record is locked", "WO_Number"),)), applied=False),
)


class FatefulSpectrum(MemorySpectrum):
    """Lets the fate befall a line. `befallen` counts how often each did."""

    fate: Fate | None = None

    def __init__(self, befallen: Counter[Fate], boot_seconds: Callable[[], float]) -> None:
        super().__init__(boot_seconds=boot_seconds)
        self.befallen = befallen

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        fate = self.fate
        if fate and fate.after:
            self.fate, fate = replace(fate, after=fate.after - 1), None
        if fate is None:
            return await super().add_line(target, kind, fields, leave_by=leave_by)
        self.fate = None
        self.befallen[fate] += 1
        self.answer_next(fate.outcome or Accepted(), applied=fate.applied)
        exchange = await super().add_line(target, kind, fields, leave_by=leave_by)
        if fate.outcome is None:
            raise Crash
        return exchange


class LeapingClock(Clock):
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def boot_seconds(self) -> float:
        return 0.0


class Office(RuleBasedStateMachine):
    mode = ItemsMode.NEW_ONLY
    befallen: ClassVar[Counter[Fate]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = LeapingClock()
        self.transactions = MemoryTransactions(self.clock.now)
        self.service_trade = MemoryServiceTrade()
        self.spectrum = FatefulSpectrum(self.befallen, self.clock.boot_seconds)
        self.items: dict[str, JobItem] = {}
        self.next_item = 1

    def teardown(self) -> None:
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def open_shop(self) -> None:
        services = Services(
            Dependencies(
                passwords=MemoryPasswords(),
                transactions=self.transactions,
                change_feed=self.transactions.change_feed,
                service_trade=self.service_trade,
                spectrum=self.spectrum,
                webhook_sender=MemoryWebhookSender(),
                intent_mark=MemoryIntentMark(),
                rules=PluginHost(),
                clock=self.clock,
                ids=UlidIds(),
                random=SystemRandom(),
                delays=RetryDelays((1,)),
            )
        )
        self.use_cases, self.drain = services.use_cases, services.drain_connection
        self.carry_out = services.carry_out_reconciliation
        login = PasswordLogin("user", Secret("password"))
        self.tenant = self.run(self.use_cases.add_tenant(Tenant(id="", slug="cardinal", name="Cardinal"), login))
        wanted = Connection(
            id="",
            tenant_id="",
            slug="main",
            name="Spectrum",
            external_system="spectrum",
            endpoint=Endpoint.parse("spectrum.example.com"),
            company_code="101",
            leading_character="T",
        )
        secrets = ConnectionSecrets(Secret("AUTH"))
        self.connection = self.run(self.use_cases.add_connection(self.tenant.id, wanted, secrets))
        self.service_trade.add_job(self.tenant.id, JOB)

    # What the office does in ServiceTrade.

    @rule(kind=st.sampled_from(["part", "fee", "labor"]), code=st.sampled_from(CODES), quantity=QUANTITIES, cost=COSTS)
    def add_item(self, kind: str, code: str, quantity: Decimal, cost: Decimal) -> None:
        item = JobItem(
            id=str(self.next_item), name=f"Item {self.next_item}", type=kind, quantity=quantity, cost=cost, code=code
        )
        self.next_item += 1
        self._put(item)

    @rule(data=st.data(), quantity=QUANTITIES, cost=COSTS, code=st.sampled_from(CODES))
    def change_an_item(self, data: st.DataObject, quantity: Decimal, cost: Decimal, code: str) -> None:
        if self.items:
            item = self.items[data.draw(st.sampled_from(sorted(self.items)))]
            changes = data.draw(st.sampled_from([{"quantity": quantity}, {"cost": cost}, {"code": code}]))
            self._put(replace(item, **changes))  # type: ignore[arg-type]

    @rule(data=st.data())
    def remove_an_item(self, data: st.DataObject) -> None:
        if self.items:
            gone = data.draw(st.sampled_from(sorted(self.items)))
            del self.items[gone]
            self.service_trade.remove_item(self.tenant.id, JOB_ID, gone)

    @rule()
    def complete(self) -> None:
        self.service_trade.complete(self.tenant.id, JOB_ID)

    @rule()
    def reopen(self) -> None:
        self.service_trade.reopen(self.tenant.id, JOB_ID)

    # What people ask for, what goes wrong, and what becomes of it.

    @rule(fate=st.sampled_from(FATES), code=st.sampled_from(CODES), quantity=QUANTITIES, cost=COSTS)
    def another_item_then_complete_and_send(self, fate: Fate, code: str, quantity: Decimal, cost: Decimal) -> None:
        self.add_item("part", code, quantity, cost)
        self.complete()
        self.spectrum.fate = fate
        self._request(self.mode)

    @rule()
    def ask_for_items_of_a_job_that_may_be_open(self) -> None:
        self._request(self.mode)

    @rule()
    def send_without_items(self) -> None:
        self._request(ItemsMode.NONE)

    @rule(minutes=st.sampled_from([0, 2, 20]))
    def time_passes(self, minutes: int) -> None:
        self.clock.ahead += timedelta(minutes=minutes)
        self._work()

    @rule()
    def somebody_settles(self) -> None:
        self.clock.ahead += timedelta(minutes=20)
        self._settle()
        self._work()

    @rule()
    def everything_comes_to_its_end(self) -> None:
        """Nothing goes wrong any more; the job is completed and sent as it is now."""
        self.complete()
        self.spectrum.fate = None
        self._rest()
        self._request(self.mode)
        self._rest()
        assert {send.state for send in self._sends()} <= {*SUCCEEDED, SendState.SUPERSEDED}
        self.books_are_right_at_rest()

    def books_are_right_at_rest(self) -> None:
        """`new_only`: what was ever posted stands once; what is on the job now is among it."""
        posted = Counter(row.item_id for row in self._ledger() if row.state is LineState.POSTED)
        assert set(posted) >= {item.id for item in self.items.values() if item.type != "labor"}
        assert set(posted.values()) <= {1}
        assert len(self.spectrum.lines) == posted.total()

    @invariant()
    def no_line_stands_twice_and_none_is_missing(self) -> None:
        """At every moment: what stands in Spectrum is what we call posted, and at most what we are unsure of."""
        there = Counter(_face(line.kind, line.fields) for line in self.spectrum.lines)
        rows = self._ledger()
        sure = Counter(_face(row.kind, row.fields) for row in rows if row.state is LineState.POSTED)
        unsure = Counter(_face(row.kind, row.fields) for row in rows if row.state.unclear)
        assert there >= sure, "lost"
        assert there <= sure + unsure, "more than our books know of"

    @invariant()
    def a_send_that_calls_itself_sent_has_posted_all_its_lines(self) -> None:
        sent = {send.id for send in self._sends() if send.state in SUCCEEDED}
        assert {row.state for row in self._ledger() if row.send_id in sent and row.takes_place} <= {LineState.POSTED}

    @invariant()
    def only_a_send_with_items_takes_the_place_of_one(self) -> None:
        sends = self._sends()
        for old in sends:
            if old.state is SendState.SUPERSEDED and old.items is not ItemsMode.NONE:
                assert any(new.seq > old.seq and new.items is not ItemsMode.NONE for new in sends)

    def _put(self, item: JobItem) -> None:
        self.items[item.id] = item
        self.service_trade.add_item(self.tenant.id, JOB_ID, item)

    def _request(self, items: ItemsMode) -> None:
        asked = SendRequest(connection="main", job_id=JOB_ID, requested_by="office", items=items)
        try:
            self.run(self.use_cases.request_send(self.tenant.id, asked))
        except BadInput:
            assert not self.service_trade.jobs[self.tenant.id, JOB_ID].snapshot.completed
            return
        self._work()

    def _work(self) -> None:
        """A worker, and the next one where it dies."""
        while True:
            try:
                while self.run(self.drain(self.connection.id)):
                    pass
            except Crash:
                continue
            return

    def _settle(self) -> None:
        for doubt in self.run(self.use_cases.doubts.list(self.tenant.id)):
            face = _face(doubt.line.kind, doubt.line.fields)
            there = sum(_face(line.kind, line.fields) == face for line in self.spectrum.lines)
            known = sum(row.state is LineState.POSTED and _face(row.kind, row.fields) == face for row in self._ledger())
            outcome = LineState.POSTED if there > known else LineState.NOT_POSTED
            self.run(self.use_cases.doubts.settle(self.tenant.id, doubt.line.id, outcome, reason="looked", by="office"))

    def _rest(self) -> None:
        """Time passes, people settle and retry, until nothing is owed any more."""
        for _ in range(20):
            self.clock.ahead += timedelta(minutes=20)
            self._work()
            self._settle()
            self._work()
            failed = [send for send in self._sends() if send.state is SendState.NEEDS_ATTENTION]
            for send in failed:
                self.run(self.use_cases.send_actions.retry(self.tenant.id, send.id, by="ann"))
            self._work()
            waiting = [send for send in self._sends() if not send.state.settled or send.state is SendState.IN_DOUBT]
            if not failed and not waiting:
                return
        raise AssertionError(f"stuck: {[(send.state, send.step, send.findings) for send in self._sends()]}")

    def _sends(self) -> list[Any]:
        return list(self.transactions.rows.sends.values())

    def _ledger(self) -> list[LedgerLine]:
        return list(self.transactions.rows.ledger.values())


class DifferenceOffice(Office):
    mode = ItemsMode.DIFFERENCE

    def books_are_right_at_rest(self) -> None:
        """Net quantities by code, and net amounts by code, equal the job's items."""
        wanted: Counter[tuple[str, str]] = Counter()
        there: Counter[tuple[str, str]] = Counter()
        for item in self.items.values():
            assert item.quantity is not None
            assert item.cost is not None
            if item.type == "part":
                wanted["part", item.code] += _cents(item.quantity)
            elif item.type == "fee":
                wanted["fee", item.code] += _cents(item.quantity * item.cost)
        for line in self.spectrum.lines:
            if line.kind is ItemKind.MATERIAL:
                there["part", line.fields[ITEM_CODE]] += _cents(Decimal(line.fields[QUANTITY]))
            else:
                there["fee", line.fields["Other_Cost_Item"]] += _cents(Decimal(line.fields[COST]))
        assert {key: sum_ for key, sum_ in there.items() if sum_} == {key: sum_ for key, sum_ in wanted.items() if sum_}


def _cents(number: Decimal) -> int:
    """Whole cents, a half away from zero; by integers, as a second way to the figure."""
    mills = int(number * 1_000_000)
    cents, rest = divmod(abs(mills), 10_000)
    return (cents + (rest >= 5_000)) * (1 if mills >= 0 else -1)


def _face(kind: ItemKind, fields: Mapping[str, str]) -> Face:
    return kind, tuple(sorted((name, value) for name, value in fields.items() if value))


@pytest.mark.parametrize("office", [Office, DifferenceOffice])
def test_whatever_happens_in_whatever_order_the_books_are_right(office: type[Office]) -> None:
    office.befallen.clear()
    run_state_machine_as_test(office, settings=PROFILE)
    assert min(office.befallen[replace(fate, after=0)] for fate in FATES) >= 2, office.befallen


PROFILE = settings(
    max_examples=160,
    stateful_step_count=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
