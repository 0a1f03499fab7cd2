"""A code that Spectrum's own list lacks is known before anything is sent; what is uncertain stops nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID, UNKNOWN_CUSTOMER_JOB_ID
from adapters.sandbox.spectrum.state import Customer
from core.model.connections.item_settings import NonStock
from core.model.connections.list_settings import UnlistedCodes
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.listed_check import ListedCodes
from core.model.mappings.listed_code import FRESH_FOR, ListedCode, ListedFrom
from core.model.sending.send import SendState
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.set_codes import GivenCode
from tests.journeys.items import NUMBER, books, completed_job
from tests.journeys.world import NORTH, World, codes
from tests.support.code_list_scene import put_list

CUSTOMER, SITE, CONTRACT, ITEM = AliasKind
JOB = UNKNOWN_CUSTOMER_JOB_ID
"""Its customer has the code OLDTOWN, which Spectrum does not know."""


async def listed(
    world: World, kind: AliasKind, *new: str | ListedCode, complete: bool = True, old: bool = False
) -> None:
    read_at = world.clock.now() - (FRESH_FOR + timedelta(hours=1) if old else timedelta(minutes=5))
    connection = await world.connection()
    whose = (world.transactions, world.tenant.id, connection.id)
    await put_list(*whose, kind, new, read_at=read_at, complete=complete)


def severities(findings: Sequence[Finding]) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in findings]


async def test_a_customer_that_a_fresh_whole_list_lacks_stops_the_send_before_spectrum_is_asked(world: World) -> None:
    await listed(world, CUSTOMER, "HARVIEW", "CEDARG")
    [found] = (await world.preview(JOB)).blockers
    assert (found.code, found.field) == ("ERP_CUSTOMER_UNKNOWN", "Bill_Customer_Code")
    assert "Spectrum's list of customers has no OLDTOWN" in found.message
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["ERP_CUSTOMER_UNKNOWN"])
    assert world.headers_received() == 0
    [record] = send.codes_needed
    assert (record.kind, record.code) == (CUSTOMER, "OLDTOWN"), "the same mending as for a missing code"


async def test_a_code_that_is_listed_in_another_case_is_known(world: World) -> None:
    await listed(world, CUSTOMER, "harview")
    assert (await world.preview(FIRST_JOB_ID)).findings == ()
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT


@pytest.mark.parametrize("uncertain", [{"complete": False}, {"old": True}])
async def test_a_list_that_is_cut_or_old_only_warns_and_spectrum_decides(
    world: World, uncertain: dict[str, bool]
) -> None:
    world.company.customers["OLDTOWN"] = Customer(name="Old Town Cinema")
    await listed(world, CUSTOMER, "HARVIEW", **uncertain)
    plan = await world.preview(JOB)
    assert severities(plan.findings) == [("ERP_CUSTOMER_UNKNOWN", Severity.WARNING)]
    assert "sent all the same" in plan.findings[0].message
    send = await world.send(JOB)
    assert (send.state, send.findings) == (SendState.SENT, ()), "Spectrum has accepted it, so the doubt is over"


async def test_a_list_that_nobody_has_read_says_nothing(world: World) -> None:
    connection = await world.connection()
    async with world.transactions.begin(world.tenant.id) as t:
        await t.code_lists.store(connection.id, [ListedCode(kind=CUSTOMER, code="HARVIEW")])
    assert (await world.preview(JOB)).findings == ()


async def test_an_inactive_customer_stops_the_send_while_the_list_is_fresh(world: World) -> None:
    gone = ListedCode(kind=CUSTOMER, code="OLDTOWN", active=False)
    await listed(world, CUSTOMER, gone, complete=False)
    [found] = (await world.preview(JOB)).blockers
    assert "OLDTOWN is inactive" in found.message
    await listed(world, CUSTOMER, gone, old=True)
    assert severities((await world.preview(JOB)).findings) == [("ERP_CUSTOMER_UNKNOWN", Severity.WARNING)]
    for nobody_knows in (None, True):
        await listed(world, CUSTOMER, ListedCode(kind=CUSTOMER, code="OLDTOWN", active=nobody_knows))
        assert (await world.preview(JOB)).findings == ()


async def test_sites_and_contracts_are_compared_where_an_import_was_whole(world: World) -> None:
    await listed(world, SITE, "HV0001")
    await listed(world, CONTRACT, ListedCode(kind=CONTRACT, code="HV-MSA-26", active=False))
    plan = await world.preview(FIRST_JOB_ID)
    assert severities(plan.findings) == [
        ("ERP_SITE_UNKNOWN_OR_INACTIVE", Severity.BLOCKER),
        ("ERP_CONTRACT_INVALID", Severity.BLOCKER),
    ]


async def test_items_are_compared_but_non_stock_ones_and_charges_never(world: World) -> None:
    await world.change(non_stock_fallback=NonStock.WITHOUT_CODE)
    await listed(world, ITEM, "CV4G")
    job_id = completed_job(world, "CV4G 1 412.85", "GAUGE-300 2 18.20", "!FEE-TRIP 1 45")
    world.servicetrade.state.add_job_item(job_id, "Odd bolt", kind="part", code="", quantity="1", cost="2")
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    [found] = plan.findings
    assert (found.code, found.blocks) == ("ITEM_CODE_UNKNOWN", True)
    assert found.message.startswith("The GAUGE-300: Spectrum's list of items has no GAUGE-300")
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, books(world)) == (SendState.NEEDS_ATTENTION, [])
    [record] = send.codes_needed
    assert (record.kind, record.code) == (ITEM, "GAUGE-300")


async def test_a_discontinued_item_only_warns(world: World) -> None:
    await listed(world, ITEM, ListedCode(kind=ITEM, code="CV4G", active=False))
    job_id = completed_job(world, "CV4G 1 412.85")
    plan = await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    assert severities(plan.findings) == [("ITEM_CODE_UNKNOWN", Severity.WARNING)]
    assert "discontinued" in plan.findings[0].message
    assert (await world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.SENT


async def test_an_item_that_is_in_spectrum_already_needs_no_code_in_the_list(world: World) -> None:
    job_id = completed_job(world, "GAUGE-300 2 18.20")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await listed(world, ITEM, "CV4G")
    for mode in (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE):
        assert (await world.preview(job_id, items=mode)).findings == ()
    assert (await world.send(job_id, items=ItemsMode.DIFFERENCE)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2"]


async def test_what_spectrum_has_accepted_is_known_although_it_was_only_learned(world: World) -> None:
    learned = ListedCode(kind=CUSTOMER, code="OLDTOWN", active=None, listed_from=ListedFrom.ACCEPTED)
    await listed(world, CUSTOMER, "HARVIEW", learned)
    assert (await world.preview(JOB)).findings == ()


# --- what people and time do in between


async def test_a_customer_added_a_minute_ago_can_be_sent_once_the_list_is_read_again(world: World) -> None:
    await listed(world, CUSTOMER, "HARVIEW")
    send = await world.send(JOB)
    world.company.customers["OLDTOWN"] = Customer(name="Old Town Cinema")
    assert (await world.retry(send)).state is SendState.NEEDS_ATTENTION, "the list does not know it yet"
    await listed(world, CUSTOMER, "HARVIEW", "OLDTOWN")
    assert (await world.retry(send)).state is SendState.SENT
    assert world.headers_received() == 1
    assert await world.warnings() == []


async def test_another_code_mends_the_stopped_send_and_a_made_up_one_is_refused(world: World) -> None:
    await listed(world, CUSTOMER, "HARVIEW", "CEDARG")
    send = await world.send(JOB)
    [record] = send.codes_needed

    async def give(code: str) -> None:
        given = GivenCode(AliasEntry(CUSTOMER, record.servicetrade_id, record.name, code))
        await world.use_cases.set_codes.retry(world.tenant.id, send.id, [given], others=False, by="ann", once=code)
        await world.drain()

    with pytest.raises(Exception, match="does not have these codes: customer MADEUP"):
        await give("MADEUP")
    await give("CEDARG")
    assert (await world.show(send)).state is SendState.SENT


async def test_time_alone_makes_a_list_old_and_frees_the_send(world: World) -> None:
    world.company.customers["OLDTOWN"] = Customer(name="Old Town Cinema")
    await listed(world, CUSTOMER, "HARVIEW")
    send = await world.send(JOB)
    assert send.state is SendState.NEEDS_ATTENTION
    world.clock.advance(FRESH_FOR.total_seconds())
    assert (await world.retry(send)).state is SendState.SENT


async def test_a_list_that_is_forgotten_while_the_plan_is_made_blocks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """States and codes are of one moment: an empty list is never taken for one that lacks everything."""
    await listed(world, CUSTOMER, "HARVIEW")
    connection, real = await world.connection(), PostgresSendChanges.listed

    async def forgotten(self: PostgresSendChanges, connection_id: str, asked: object) -> ListedCodes:
        async with world.transactions.begin(world.tenant.id) as t:
            await t.code_lists.forget(connection.id)
        return await real(self, connection_id, asked)  # type: ignore[arg-type]

    monkeypatch.setattr(PostgresSendChanges, "listed", forgotten)
    assert (await world.preview(FIRST_JOB_ID)).findings == ()


async def test_a_list_of_another_connection_says_nothing(world: World) -> None:
    west = await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    now = world.clock.now()
    await put_list(world.transactions, world.tenant.id, west.id, CUSTOMER, ["PACMILL"], read_at=now)
    assert (await world.preview(FIRST_JOB_ID)).findings == ()


async def test_where_spectrum_s_lists_mislead_an_administrator_lets_spectrum_decide(world: World) -> None:
    world.company.customers["OLDTOWN"] = Customer(name="Old Town Cinema")
    await listed(world, CUSTOMER, "HARVIEW")
    stopped = await world.send(JOB)
    assert stopped.state is SendState.NEEDS_ATTENTION
    await world.change(unlisted_codes=UnlistedCodes.WARN)
    assert severities((await world.preview(JOB)).findings) == [("ERP_CUSTOMER_UNKNOWN", Severity.WARNING)]
    entry = AliasEntry(CUSTOMER, "77", "Another", "UNLISTED")
    assert (await world.use_cases.aliases.set(world.tenant.id, NORTH, [entry], by="ann")).changes.added
    sent = await world.retry(stopped)
    assert (sent.state, sent.findings) == (SendState.SENT, ())
