"""One suite for the storage in memory and in PostgreSQL: what the services rely on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.model.catalogue import finding
from core.model.connections.connection import Connection, ConnectionSecrets, Hold
from core.model.connections.endpoint import Endpoint
from core.model.connections.item_settings import NonStock
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.settings import ExternalSync, LongText, OnCompletion, PluginUse
from core.model.operations.audit import AuditEntry
from core.model.planning.plan import HeaderValue, SendPlan
from core.model.sending.send import Attempt, DashboardWarning, HeaderState, Send, SendState, Step
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import Conflict, LeaseLost, NotFound, SendChanged
from core.model.shared.origin import Origin
from core.model.shared.position import Position
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode, LeftOut, LinePurpose, LineState, LineValue, PlannedLine
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.send_changes import FactsQuery
from ports.storage.send_requests import BoundKey
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.storage_scene import a_line, stored

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TENANT = Tenant(id="ten_1", slug="cardinal", name="Cardinal", created_at=NOW)
OTHER = Tenant(id="ten_2", slug="bluefin", name="Bluefin", created_at=NOW)
CONNECTION = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("https://spectrum.example.com:9000/ws"),
    company_code="101",
    enhanced_auth=True,
    leading_character="T",
    long_text=LongText.REFUSE,
    external_sync=ExternalSync("/externalsync", {"message": "{message}"}),
    plugins=(PluginUse("po-required", {"types": ["repair"]}, {"map_line": False}), PluginUse("second")),
    item_kinds={"part": ItemKind.OTHER_CHARGE, "fee": ItemKind.SKIP},
    default_warehouse="MAIN",
    non_stock_fallback=NonStock.WITHOUT_CODE,
    on_completion=OnCompletion.SEND_WITH_ITEMS,
    completion_start_date=datetime(2026, 11, 1, 6, 30, tzinfo=timezone(timedelta(hours=-5))),
    items_on_resend=ItemsMode.DIFFERENCE,
    maintenance_windows=(
        MaintenanceWindow.parse("daily 02:00-04:30 America/Chicago"),
        MaintenanceWindow.parse("Sat,Sun 22:00-24:00 UTC"),
    ),
)
SECRETS = ConnectionSecrets(Secret("AUTH-1"), "client", Secret("client secret"))
PLAN = SendPlan(
    job_id="7",
    connection_id="con_1",
    number="T7",
    header=(HeaderValue("WO_Number", "T7", "T7", Origin("job.number", "leading_character", "1", "why"), None),),
    findings=(finding("CONTRACT_NOT_MAPPED", "no contract"),),
    items=ItemsMode.DIFFERENCE,
    lines=(
        PlannedLine(
            item_id="31",
            item_name="Valve",
            kind=ItemKind.MATERIAL,
            round=1,
            purpose=LinePurpose.CORRECTION,
            values=(LineValue("Quantity_Used", "-1.50", Origin("item.quantity")),),
        ),
    ),
    left_out=(LeftOut(item_id="32", item_name="Hours", item_type="labor", code="LABOR", reason="entered in Spectrum"),),
    completed_on=NOW,
)
EVERY_STEP = tuple(Step)
PROBLEM = finding("RECORD_LOCKED", "somebody has it open")


@pytest.fixture
async def transactions(storage: Transactions) -> Transactions:
    """Two tenants, the first with one connection."""
    await _furnish(storage)
    return storage


async def _furnish(made: Transactions) -> None:
    async with made.begin_instance() as i:
        await i.tenants.add(TENANT, PasswordLogin("user", Secret("password")))
        await i.tenants.add(OTHER, ClientLogin("client", Secret("secret")))
    async with made.begin("ten_1") as t:
        await t.connections.add(CONNECTION, SECRETS)


def a_send(number: int, **changes: object) -> Send:
    send = Send(
        id=f"snd_{number}",
        tenant_id="ten_1",
        connection_id="con_1",
        job_id=str(number),
        requested_at=NOW,
        requested_by="test",
        due_at=NOW,
    )
    return replace(send, **changes)  # type: ignore[arg-type]


async def next_due(t: TenantTransaction, *steps: Step) -> Send | None:
    """The next due send of con_1, in any step if none is given."""
    return (await t.changes.next_due("con_1", steps or EVERY_STEP)).send


async def test_tenants_come_back_by_slug_and_twins_are_refused(transactions: Transactions) -> None:
    async with transactions.begin_instance() as i:
        assert await i.tenants.by_slug("cardinal") == TENANT
        assert await i.tenants.all() == await i.tenants.page(limit=50) == [TENANT, OTHER]
        assert await i.tenants.page(limit=1) == [TENANT]
        assert await i.tenants.page(limit=1, after=TENANT.id) == [OTHER]
        assert await i.tenants.page(limit=1, after=OTHER.id) == []
        with pytest.raises(NotFound):
            await i.tenants.by_slug("nobody")
    with pytest.raises(Conflict) as caught:
        async with transactions.begin_instance() as i:
            await i.tenants.add(replace(TENANT, id="ten_3"), PasswordLogin("user", Secret("x")))
    assert caught.value.code == "TENANT_EXISTS"


async def test_accounts_open_their_credentials(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert (await t.account()).login == PasswordLogin("user", Secret("password"))
        assert (await t.tenant()) == TENANT
    async with transactions.begin("ten_2") as t:
        assert (await t.account()).login == ClientLogin("client", Secret("secret"))


async def test_connections_come_in_pages_of_their_tenants_own(transactions: Transactions) -> None:
    later = [replace(CONNECTION, id=f"con_{n}", slug=f"later-{n}", external_system=f"later_{n}") for n in (2, 3)]
    async with transactions.begin("ten_2") as t:
        await t.connections.add(replace(CONNECTION, id="con_25", tenant_id="ten_2"), SECRETS)
    async with transactions.begin("ten_1") as t:
        for one in later:
            await t.connections.add(one, SECRETS)
        assert await t.connections.page(limit=2) == [CONNECTION, later[0]]
        assert await t.connections.page(limit=2, after="con_2") == [later[1]]
        assert await t.connections.page(limit=2, after="con_3") == []
        await t.connections.remove("con_2")
        assert await t.connections.page(limit=2, after="con_2") == [later[1]]


async def test_a_connection_comes_back_whole(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await t.connections.get("con_1") == await t.connections.by_slug("main") == CONNECTION
        assert await t.connections.secrets("con_1") == SECRETS
        assert await t.connections.all() == await t.connections.page(limit=50) == [CONNECTION]
    assert await transactions.tenant_of("con_1") == "ten_1"
    with pytest.raises(NotFound):
        await transactions.tenant_of("con_9")


async def test_a_census_counts_over_all_tenants(transactions: Transactions) -> None:
    async with transactions.begin_instance() as i:
        empty = await i.stats()
    assert (sum(empty.sends.values()), empty.oldest_due, empty.connections, empty.workers) == (0, None, 1, 0)
    async with transactions.begin("ten_2") as t:
        await t.connections.add(replace(CONNECTION, id="con_2", tenant_id="ten_2"), SECRETS)
        other = a_send(3, tenant_id="ten_2", connection_id="con_2", due_at=NOW + timedelta(hours=1))
        await t.sends.add(other)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.sends.add(a_send(2, state=SendState.SENT, due_at=None))
        await t.connections.set_hold("con_1", Hold(PROBLEM, since=NOW, until=None))
        await t.ledger.save([a_line(1), a_line(2, state=LineState.IN_DOUBT, attempt_id="att_1", sent_at=NOW)])
    async with transactions.begin_instance() as i:
        census = await i.stats()
    assert census.sends == {SendState.QUEUED: 2, SendState.SENT: 1}
    assert (census.oldest_due, census.doubts) == (NOW, 1)
    assert (census.connections, census.held, census.paused) == (2, 1, 0)
    async with transactions.begin("ten_1") as t:
        await t.connections.set_paused("con_1", True)
    async with transactions.begin_instance() as i:
        census = await i.stats()
    assert (census.oldest_due, census.paused) == (NOW + timedelta(hours=1), 1), "what is paused is not late"


@pytest.mark.parametrize("twin", [{"external_system": "other"}, {"slug": "other"}])
async def test_slug_and_external_system_are_taken_once(transactions: Transactions, twin: dict[str, str]) -> None:
    with pytest.raises(Conflict) as caught:
        async with transactions.begin("ten_1") as t:
            await t.connections.add(replace(CONNECTION, id="con_2", **twin), SECRETS)  # type: ignore[arg-type]
    assert caught.value.code == "CONNECTION_EXISTS"
    async with transactions.begin("ten_2") as t:
        await t.connections.add(replace(CONNECTION, id="con_3", tenant_id="ten_2"), SECRETS)


async def test_nobody_sees_another_tenants_rows(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        await t.warnings.put(a_warning(send))
        await t.work_orders.save(WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1"))
        await t.sends.bind_key(BoundKey("key", "hash", send.id))
    async with transactions.begin("ten_2") as t:
        assert await t.connections.all() == []
        assert await t.sends.page() == []
        assert await t.warnings.open() == []
        assert await t.work_orders.find("con_1", "1") is None
        assert await t.sends.attempts(send.id) == []
        ours = BoundKey("key", "other", "snd_9")
        assert await t.sends.bind_key(ours) == ours
        for missing in (
            t.sends.get(send.id),
            t.connections.get("con_1"),
            t.warnings.dismiss("wrn_1"),
            t.changes.next_due("con_1", EVERY_STEP),
        ):
            with pytest.raises(NotFound):
                await missing
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_2") as t:
            await stored(t, send)


async def test_a_block_that_raises_leaves_nothing_behind(transactions: Transactions) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await t.sends.add(a_send(1))
            raise ZeroDivisionError
    async with transactions.begin("ten_1") as t:
        assert await t.sends.page() == []


async def test_a_send_comes_back_whole_and_an_outdated_copy_is_refused(transactions: Transactions) -> None:
    whole = a_send(
        1,
        findings=(PROBLEM,),
        adopt=True,
        expected_hash="abc",
        work_order_number="T1",
        items=ItemsMode.AGAIN,
        completes=True,
        header=HeaderState.STANDS,
        number_written=True,
        waits_for="snd_0",
        attempts=2,
        waits=3,
        finished_at=NOW,
        batch_id="bat_1",
    )
    async with transactions.begin("ten_1") as t:
        first = await t.sends.add(whole)
        assert first == replace(whole, seq=first.seq, version=first.version)
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == first
        changed = replace(
            first,
            state=SendState.SENDING,
            step=Step.LINES,
            items=ItemsMode.NEW_ONLY,
            completes=False,
            header=HeaderState.BEGUN,
            number_written=False,
            waits_for=None,
        )
        second = await stored(t, changed)
        assert await t.sends.get("snd_1") == second
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_1") as t:
            await stored(t, replace(first, state=SendState.CANCELLED))
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).state is SendState.SENDING


async def test_a_send_comes_back_with_the_plan_that_it_names(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        assert send.plan is None
        send = await stored(t, replace(send, plan_id="pln_1", plan=PLAN), plan=PLAN)
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == send
        assert send.plan is not None
        assert send.plan.plan_hash == PLAN.plan_hash
        assert await next_due(t) == send
        assert await t.sends.page(plans=True) == [send]
        assert await t.sends.page() == [replace(send, plan=None)], "a list does not read what it does not show"
        assert await t.sends.of_job("con_1", "1", (SendState.QUEUED,)) == [send]
        newer = replace(PLAN, number="T8")
        await stored(t, replace(send, plan_id="pln_2", plan=newer), plan=newer)
    async with transactions.begin("ten_1") as t:
        planned_anew = await t.sends.get("snd_1")
        assert (planned_anew.plan_id, planned_anew.plan) == ("pln_2", newer)
        without = await stored(t, replace(planned_anew, plan_id=None, plan=None))
        assert (await t.sends.get("snd_1")).plan is None
        await stored(t, replace(without, plan_id="pln_1"))
        assert (await t.sends.get("snd_1")).plan == PLAN, "a stored plan counts while the send names it"


async def test_due_sends_come_in_order_and_one_job_at_a_time(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        later = await t.now() + timedelta(minutes=5)
        first = await t.sends.add(a_send(1, job_id="A", state=SendState.RETRYING, due_at=later))
        await t.sends.add(a_send(2, job_id="A"))
        third = await t.sends.add(a_send(3, job_id="B"))
        await t.sends.add(a_send(4, job_id="C"))
        assert await next_due(t) == third, "the second waits for the first of its job"
        first = await stored(t, replace(first, due_at=await t.now()))
        assert await next_due(t) == first
        assert await next_due(t, Step.REPORT) is None


async def test_a_send_that_waits_for_another_does_not_stand_in_the_way_of_its_job(transactions: Transactions) -> None:
    """Or two sends would wait for each other: the one for its work order, the other for its job's turn."""
    async with transactions.begin("ten_1") as t:
        first = await t.sends.add(a_send(1, job_id="A", due_at=None, waits_for="snd_2"))
        second = await t.sends.add(a_send(2, job_id="A"))
        assert await next_due(t) == second
        assert await t.sends.wake_waiting("snd_2", NOW) == 1
        woken = await next_due(t)
        assert woken == replace(first, due_at=NOW, waits_for=None, version=woken.version if woken else 0)


async def test_sends_that_are_due_too_late_are_pulled_forward(transactions: Transactions) -> None:
    hours = [NOW + timedelta(hours=hour) for hour in range(1, 4)]
    async with transactions.begin("ten_1") as t:
        early = await t.sends.add(a_send(1, due_at=hours[0]))
        await t.sends.add(a_send(2, due_at=hours[2]))
        await t.sends.add(a_send(3, due_at=hours[2], state=SendState.RETRYING))
        ended = await t.sends.add(a_send(4, due_at=None, state=SendState.SENT))
    async with transactions.begin("ten_2") as t:
        assert await t.sends.pull_forward("con_1", hours[1], NOW) == 0, "another tenant's stay as they are"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.pull_forward("con_1", hours[1], NOW) == 2
        assert await t.sends.pull_forward("con_1", hours[1], NOW) == 0
        assert {(send.id, send.due_at) for send in await t.sends.page()} == {
            (early.id, hours[0]),
            ("snd_2", NOW),
            ("snd_3", NOW),
            (ended.id, None),
        }


async def test_who_waits_for_a_send_is_due_once_it_wakes_them(transactions: Transactions) -> None:
    later = NOW + timedelta(minutes=1)
    async with transactions.begin("ten_1") as t:
        for number, waits_for in ((1, None), (2, "snd_1"), (3, "snd_1"), (4, "snd_2")):
            await t.sends.add(a_send(number, due_at=None, waits_for=waits_for))
        before = await t.sends.get("snd_2")
    async with transactions.begin("ten_2") as t:
        assert await t.sends.wake_waiting("snd_1", later) == 0, "another tenant wakes nobody here"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.wake_waiting("snd_1", later) == 2
        assert await t.sends.wake_waiting("snd_1", later) == 0
        after = {send.id: (send.waits_for, send.due_at) for send in await t.sends.page()}
    with pytest.raises(SendChanged):
        async with transactions.begin("ten_1") as t:
            await stored(t, before)
    assert after == {
        "snd_1": (None, None),
        "snd_2": (None, later),
        "snd_3": (None, later),
        "snd_4": ("snd_2", None),
    }


async def test_a_failed_send_does_not_stand_in_the_way_of_the_next(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1, job_id="A", state=SendState.NEEDS_ATTENTION, step=Step.DONE, due_at=None))
        second = await t.sends.add(a_send(2, job_id="A"))
        assert await next_due(t) == second


async def test_pages_go_backwards_and_filter(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        made = [await t.sends.add(a_send(n, job_id="A" if n % 2 else "B")) for n in range(1, 6)]
        await stored(t, replace(made[0], state=SendState.SENT))
        page = await t.sends.page(limit=2)
        assert [s.id for s in page] == ["snd_5", "snd_4"]
        assert [s.id for s in await t.sends.page(limit=2, before=page[-1].seq)] == ["snd_3", "snd_2"]
        assert [s.id for s in await t.sends.page(SendFilter(states=(SendState.SENT,)))] == ["snd_1"]
        assert [s.id for s in await t.sends.page(SendFilter(job_id="B", connection_id="con_1"))] == ["snd_4", "snd_2"]
        assert await t.sends.page(SendFilter(connection_id="con_9")) == []
        assert [s.id for s in await t.sends.of_job("con_1", "A", (SendState.QUEUED,))] == ["snd_3", "snd_5"]


async def test_a_send_goes_along_in_the_batch_that_made_it_and_in_those_it_joins(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for n in range(1, 4):
            await t.sends.add(a_send(n, batch_id="bat_1" if n < 3 else None))
        for send_id in ("snd_2", "snd_3", "snd_3"):
            await t.sends.join_batch("bat_2", send_id)
        assert await t.sends.count_batch("bat_1") == {SendState.QUEUED: 2}
        assert await t.sends.count_batch("bat_2") == {SendState.QUEUED: 2}
        assert [s.id for s in await t.sends.page(SendFilter(batch_id="bat_1"))] == ["snd_2", "snd_1"]
        assert [s.id for s in await t.sends.page(SendFilter(batch_id="bat_2"))] == ["snd_3", "snd_2"]
        assert await t.sends.count_batch("bat_3") == {}
    async with transactions.begin("ten_2") as t:
        assert await t.sends.count_batch("bat_1") == {}


async def test_attempts_come_newest_first_a_page_at_a_time(transactions: Transactions) -> None:
    one = Attempt(send_id="snd_1", step=Step.HEADER, started_at=NOW, ended_at=NOW, outcome="unknown", detail="lost")
    two = replace(one, step=Step.LINES, outcome="accepted", request="<x/>", answer="<y/>", line_id="lin_1")
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        await stored(t, send, attempts=[one, two])
        found = await t.sends.attempts("snd_1")
        assert [replace(attempt, seq=0) for attempt in found] == [two, one]
        assert await t.sends.attempts("snd_1", limit=1) == found[:1]
        assert await t.sends.attempts("snd_1", before=found[0].seq) == found[1:]
        assert await t.sends.attempts("snd_1", line_id="lin_1") == found[:1]
    async with transactions.begin("ten_2") as t:
        assert await t.sends.attempts("snd_1") == []


async def test_twins_of_one_idempotency_key_get_the_first_binding(transactions: Transactions) -> None:
    async def ask(number: int) -> BoundKey:
        async with transactions.begin("ten_1") as t:
            return await t.sends.bind_key(BoundKey("key", "hash", f"snd_{number}"))

    answers = await asyncio.gather(*(ask(n) for n in range(8)))
    assert len(set(answers)) == 1


async def test_plugin_failures_are_counted_until_the_hold_ends(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert [await t.connections.count_plugin_failure("con_1") for _ in range(2)] == [1, 2]
        await t.connections.set_hold("con_1", Hold(PROBLEM, since=NOW, until=None))
    async with transactions.begin("ten_1") as t:
        assert (await t.connections.get("con_1")).plugin_failures == 2
        await t.connections.set_hold("con_1", None)
        assert (await t.connections.get("con_1")).plugin_failures == 0


async def test_changing_settings_leaves_pause_and_hold_alone(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        before = await t.connections.get("con_1")
        await t.connections.set_hold("con_1", Hold(PROBLEM, since=NOW, until=None))
        await t.connections.count_plugin_failure("con_1")
        await t.connections.change(replace(before, name="Renamed", paused=True, hold=None, plugin_failures=9), None)
        after = await t.connections.get("con_1")
    assert after.hold is not None
    assert (after.name, after.paused, after.plugin_failures) == ("Renamed", False, 1)


async def test_a_tenants_plugin_defaults_are_kept(transactions: Transactions) -> None:
    defaults = {"po-required": {"types": ["repair"], "nested": {"a": [1, None]}}}
    async with transactions.begin("ten_1") as t:
        tenant = await t.tenant()
    assert tenant.plugin_defaults == {}
    async with transactions.begin_instance() as i:
        await i.tenants.change(replace(tenant, plugin_defaults=defaults), None)
    async with transactions.begin("ten_1") as t:
        assert (await t.tenant()).plugin_defaults == defaults


async def test_a_tenants_pause_and_its_settings_do_not_overwrite_each_other(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        before = await t.tenant()
    async with transactions.begin_instance() as i:
        assert (await i.tenants.set_paused(before, True)).paused
    async with transactions.begin_instance() as i:
        await i.tenants.change(replace(before, name="Renamed"), None)
    async with transactions.begin_instance() as i:
        resumed = await i.tenants.set_paused(replace(before, paused=True), False)
    async with transactions.begin("ten_1") as t:
        assert await t.tenant() == resumed == replace(before, name="Renamed")
    async with transactions.begin_instance() as i:
        with pytest.raises(NotFound):
            await i.tenants.set_paused(replace(before, id="ten_none"), True)


async def test_holds_pauses_and_epochs(transactions: Transactions) -> None:
    hold = Hold(PROBLEM, NOW, NOW + timedelta(minutes=1), 2)
    async with transactions.begin("ten_1") as t:
        await t.connections.set_hold("con_1", hold)
        await t.connections.set_paused("con_1", True)
        found = await t.connections.get("con_1")
        assert (found.hold, found.paused) == (hold, True)
        await t.connections.set_hold("con_1", None)
        assert (await t.connections.get("con_1")).hold is None


async def test_a_connection_is_locked_by_whoever_has_its_lease_and_by_people(transactions: Transactions) -> None:
    query = FactsQuery(send_id="snd_1", job_id="1", connection_id="con_1")
    first = (await transactions.take("ten_1", "con_1", EVERY_STEP)).epoch
    async with transactions.begin("ten_1") as t:
        held = replace(query, epoch=first)
        assert (await t.changes.facts(held)).connection == CONNECTION
        await t.connections.raise_epoch("con_1")
        with pytest.raises(LeaseLost):
            await t.changes.facts(held)
        assert (await t.changes.facts(replace(query, epoch=first + 1))).connection == CONNECTION
        assert await t.connections.lock("con_1") == CONNECTION
        for missing in (
            t.connections.lock("con_9"),
            *(t.changes.facts(replace(query, connection_id="con_9", epoch=epoch)) for epoch in (None, 0)),
        ):
            with pytest.raises(NotFound) as caught:
                await missing
            assert caught.value.code == "CONNECTION_NOT_FOUND"


async def test_a_connection_of_another_tenant_cannot_be_changed(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        for change in (
            t.connections.set_hold("con_1", Hold(PROBLEM, NOW, None, 1)),
            t.connections.set_paused("con_1", True),
            t.connections.wake("con_1", NOW),
            t.connections.raise_epoch("con_1"),
            t.connections.lock("con_1"),
            t.connections.secrets("con_1"),
        ):
            with pytest.raises(NotFound):
                await change
    async with transactions.begin("ten_1") as t:
        assert await t.connections.get("con_1") == CONNECTION
        assert (await t.changes.next_due("con_1", EVERY_STEP)).epoch == 0


async def test_work_order_records_are_replaced(transactions: Transactions) -> None:
    record = WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", failure_reported=True)
    async with transactions.begin("ten_1") as t:
        await t.work_orders.save(record)
        sent = replace(record, number="T1", sent={"Zone": "A"}, last_send_id="snd_1", sent_at=NOW)
        await t.work_orders.save(sent)
        assert await t.work_orders.find("con_1", "1") == sent
        assert await t.work_orders.find("con_1", "2") is None


def a_warning(send: Send) -> DashboardWarning:
    return DashboardWarning(
        id="wrn_1",
        tenant_id="ten_1",
        connection_id=send.connection_id,
        job_id=send.job_id,
        send_id=send.id,
        finding=PROBLEM,
        raised_at=NOW,
    )


async def test_a_job_has_one_warning_a_connection(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        await t.warnings.put(a_warning(send))
        newer = replace(a_warning(send), id="wrn_2", raised_at=NOW + timedelta(seconds=1), work_order_number="T1")
        await t.warnings.put(newer)
        other = replace(newer, id="wrn_3", job_id="2")
        await t.warnings.put(other)
        assert await t.warnings.open() == [other, newer]
        assert await t.warnings.open(limit=1) == [other]
        assert await t.warnings.open(after=Position(other.raised_at, other.id)) == [newer], "their times are equal"
        assert await t.warnings.open(after=Position(newer.raised_at, newer.id)) == []
        assert await t.warnings.open(after=Position(NOW + timedelta(days=1), "wrn_1")) == [other, newer]
        await t.warnings.clear("con_1", "1")
        await t.warnings.dismiss("wrn_3")
        assert await t.warnings.open() == []


async def test_a_job_has_one_warning_a_topic(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        await t.warnings.put(a_warning(send))
        for number, (job_id, topic) in enumerate((("1", "poll"), ("", "poll"), ("", "secret"), ("", "poll"))):
            await t.warnings.put(replace(a_warning(send), id=f"wrn_1{number}", job_id=job_id, send_id="", topic=topic))
        assert sorted(one.id for one in await t.warnings.open()) == ["wrn_1", "wrn_10", "wrn_12", "wrn_13"]
        await t.warnings.clear("con_1", "")
        await t.warnings.clear("con_1", "2", "poll")
        assert len(await t.warnings.open()) == 4
    async with transactions.begin("ten_2") as t:
        await t.warnings.clear("con_1", None, "poll")
    async with transactions.begin("ten_1") as t:
        await t.warnings.clear("con_1", "", "poll")
        assert sorted(one.id for one in await t.warnings.open()) == ["wrn_1", "wrn_10", "wrn_12"]
        await t.warnings.clear("con_1", None, "poll")
        await t.warnings.dismiss("wrn_12")
        assert await t.warnings.open() == [a_warning(send)]


async def test_text_that_postgresql_cannot_hold_is_stored_all_the_same(transactions: Transactions) -> None:
    """NUL and half a surrogate pair come in other systems' answers; they may come back as U+FFFD."""
    bad, good = "a\x00b\ud800c", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    problem = finding("RECORD_LOCKED", bad)
    plan = replace(PLAN, findings=(problem,), header=(replace(PLAN.header[0], source_value=bad),))
    attempt = Attempt(
        send_id="snd_1", step=Step.HEADER, started_at=NOW, ended_at=NOW, outcome="unknown", detail=bad, answer=bad
    )
    record = WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1", sent={"Zone": bad})
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1, findings=(problem,), requested_by=bad))
        await stored(t, replace(send, plan_id="pln_1", plan=plan), plan=plan, attempts=[attempt], record=record)
        await t.warnings.put(replace(a_warning(send), finding=problem))
        await t.connections.set_hold("con_1", Hold(problem, NOW, None, 1))
    async with transactions.begin("ten_1") as t:
        whole = await t.sends.get("snd_1")
        assert whole.plan is not None
        (kept,) = await t.sends.attempts("snd_1")
        found = await t.work_orders.find("con_1", "1")
        assert found is not None
        assert found.sent is not None
        hold = (await t.connections.get("con_1")).hold
        assert hold is not None
        texts = [
            whole.requested_by,
            whole.findings[0].message,
            whole.plan.findings[0].message,
            whole.plan.header[0].source_value,
            kept.detail,
            kept.answer,
            (await t.warnings.open())[0].finding.message,
            found.sent["Zone"],
            hold.finding.message,
        ]
        assert {text.replace("\x00", good[1]).replace("\ud800", good[1]) for text in texts} == {good}


@pytest.mark.parametrize("with_its_send", [True, False])
async def test_lines_and_the_audit_hold_such_text_too(transactions: Transactions, with_its_send: bool) -> None:
    bad = "a\x00b\ud800c"
    line = a_line(
        item_name=bad,
        fields={"Item_Description": bad},
        findings=(replace(PROBLEM, message=bad),),
        system_key=bad,
        state=LineState.POSTED,
        attempt_id="att_1",
        settled_by=bad,
        settled_reason=bad,
        settled_at=NOW,
    )
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
        await (stored(t, send, lines=[line]) if with_its_send else t.ledger.save([line]))
        found = await t.ledger.get("lin_1")
        await t.audit.record(AuditEntry(at=NOW, actor=bad, action="doubt.settled", subject=bad, detail={"reason": bad}))
        (entry,) = await t.audit.page()
    texts = [
        found.item_name,
        found.fields["Item_Description"],
        found.findings[0].message,
        found.system_key or "",
        found.settled_by or "",
        found.settled_reason or "",
        entry.actor,
        entry.subject,
        entry.detail["reason"],
    ]
    good = "\N{REPLACEMENT CHARACTER}"
    assert {text.replace("\x00", good).replace("\ud800", good) for text in texts} == {f"a{good}b{good}c"}
