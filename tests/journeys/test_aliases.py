"""Two companies in ServiceTrade that are one customer in Spectrum, and what else external ids cannot say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.sandbox.servicetrade.seed import (
    BLANK_CUSTOMER_JOB_ID,
    FIRST_JOB_ID,
    UNMAPPED_CONTRACT_JOB_ID,
    UNMAPPED_CUSTOMER_JOB_ID,
    UNMAPPED_SITE_JOB_ID,
)
from core.model.mappings.alias import Alias, AliasEntry, AliasKey, AliasKind
from core.model.planning.plan import SendPlan
from core.model.sending.send import SendState
from core.model.shared.moments import moment_words
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, SITE
from core.services.sending.request_send import PlanChanged
from core.services.sending.set_codes import GivenCode
from tests.journeys.items import NUMBER, books, completed_job
from tests.journeys.world import NORTH, World, codes


async def map_(world: World, kind: AliasKind, job_id: str, code: str, *, connection: str = NORTH) -> Alias:
    """An alias for the customer, site or contract of a job."""
    job = world.job(job_id)
    record = {AliasKind.CUSTOMER: job.customer, AliasKind.SITE: job.location, AliasKind.CONTRACT: job.contract}[kind]
    entry = AliasEntry(kind, record or "", "Riverside Annex", code)
    return (await world.use_cases.aliases.set(world.tenant.id, connection, [entry], by="ann")).aliases[0]


def origin(plan: SendPlan, field: str) -> Origin:
    return next(value.origin for value in plan.header if value.field == field)


def blockers(plan: SendPlan) -> list[str]:
    return [found.code for found in plan.blockers]


def fields(world: World, number: str) -> tuple[str, ...]:
    sent = world.company.work_orders[number].fields
    return tuple(sent.get(name, "") for name in (CUSTOMER, SITE, CONTRACT))


async def test_two_customers_of_servicetrade_are_one_in_spectrum_until_the_alias_goes(world: World) -> None:
    assert blockers(await world.preview(UNMAPPED_CUSTOMER_JOB_ID)) == ["MAP_CUSTOMER_MISSING"]
    alias = await map_(world, AliasKind.CUSTOMER, UNMAPPED_CUSTOMER_JOB_ID, "HARVIEW")

    plan = await world.preview(UNMAPPED_CUSTOMER_JOB_ID)
    assert plan.sendable
    at = moment_words(alias.set_at)
    expected = Origin("alias.customer", "field_mapping", "1", f"the alias of Riverside Annex, set {at} by ann")
    assert origin(plan, CUSTOMER) == expected
    for job_id in (FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID):
        assert (await world.send(job_id)).state is SendState.SENT
    assert fields(world, "T104482")[0] == fields(world, "T104489")[0] == "HARVIEW"

    await world.use_cases.aliases.remove(world.tenant.id, alias.id, by="bob")
    assert blockers(await world.preview(UNMAPPED_CUSTOMER_JOB_ID)) == ["MAP_CUSTOMER_MISSING"]
    blocked = await world.send(UNMAPPED_CUSTOMER_JOB_ID)
    assert (blocked.state, codes(blocked)[0]) == (SendState.NEEDS_ATTENTION, "MAP_CUSTOMER_MISSING")


async def test_site_and_contract_have_aliases_too(world: World) -> None:
    assert blockers(await world.preview(UNMAPPED_SITE_JOB_ID)) == ["MAP_SITE_MISSING"]
    await map_(world, AliasKind.SITE, UNMAPPED_SITE_JOB_ID, "HV0002")
    assert (await world.send(UNMAPPED_SITE_JOB_ID)).state is SendState.SENT
    assert fields(world, "T104490") == ("HARVIEW", "HV0002", "HV-MSA-26")

    assert [found.code for found in (await world.preview(UNMAPPED_CONTRACT_JOB_ID)).findings] == ["CONTRACT_NOT_MAPPED"]
    await map_(world, AliasKind.CONTRACT, UNMAPPED_CONTRACT_JOB_ID, "TP-26")
    plan = await world.preview(UNMAPPED_CONTRACT_JOB_ID)
    assert (plan.values[CONTRACT], plan.findings) == ("TP-26", ())
    assert origin(plan, CONTRACT).source == "alias.contract"


async def test_an_alias_wins_over_the_external_id_also_over_an_empty_one(world: World) -> None:
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "MILLBROOK")
    plan = await world.preview(FIRST_JOB_ID)
    assert (plan.values[CUSTOMER], origin(plan, CUSTOMER).source) == ("MILLBROOK", "alias.customer")
    assert origin(plan, SITE).source == "mapping.site"

    assert blockers(await world.preview(BLANK_CUSTOMER_JOB_ID)) == ["MAP_EMPTY_VALUE"]
    await map_(world, AliasKind.CUSTOMER, BLANK_CUSTOMER_JOB_ID, "TRIPORT")
    assert (await world.preview(BLANK_CUSTOMER_JOB_ID)).sendable


async def test_an_alias_of_one_connection_says_nothing_on_the_other(world: World) -> None:
    await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    await map_(world, AliasKind.CUSTOMER, UNMAPPED_CUSTOMER_JOB_ID, "PACMILL", connection="west")
    assert blockers(await world.preview(UNMAPPED_CUSTOMER_JOB_ID)) == ["MAP_CUSTOMER_MISSING"]
    other = (await world.use_cases.preview_send(world.tenant.id, "west", UNMAPPED_CUSTOMER_JOB_ID)).plan
    assert other.values[CUSTOMER] == "PACMILL"


async def test_the_number_of_a_location_is_no_company(world: World) -> None:
    """Ids are unique a kind only: a company and a location may have the same one."""
    job = world.job(UNMAPPED_CUSTOMER_JOB_ID)
    entry = AliasEntry(AliasKind.SITE, job.customer or "", "", "HV0001")
    await world.use_cases.aliases.set(world.tenant.id, NORTH, [entry], by="ann")
    assert blockers(await world.preview(UNMAPPED_CUSTOMER_JOB_ID)) == ["MAP_CUSTOMER_MISSING"]


async def test_a_preview_that_was_seen_no_longer_holds_once_an_alias_is_set(world: World) -> None:
    seen = await world.preview(FIRST_JOB_ID)
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "HARVIEW")  # the same code, from elsewhere
    with pytest.raises(PlanChanged):
        await world.request(FIRST_JOB_ID, plan_hash=seen.plan_hash)
    seen = await world.preview(FIRST_JOB_ID)
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "HARVIEW")  # nothing new, so nothing changes
    assert (await world.send(FIRST_JOB_ID, plan_hash=seen.plan_hash)).state is SendState.SENT


async def test_an_alias_that_spectrum_does_not_know_is_refused_like_any_code(world: World) -> None:
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "NOBODY")
    assert codes(await world.send(FIRST_JOB_ID)) == ["ERP_CUSTOMER_UNKNOWN"]


async def test_every_change_stands_in_the_audit_and_in_the_history(world: World) -> None:
    alias = await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "HARVIEW")
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "HARVIEW")
    await map_(world, AliasKind.CUSTOMER, FIRST_JOB_ID, "MILLBROOK")
    await world.use_cases.aliases.remove(world.tenant.id, alias.id, by="bob")
    entries = (await world.use_cases.list_audit(world.tenant.id)).entries
    audit = [one for one in entries if one.action.startswith("alias")]
    told = [(one.actor, one.action, one.detail.get("code"), one.detail.get("former")) for one in audit]
    assert told == [
        ("bob", "alias.removed", None, "MILLBROOK"),
        ("ann", "alias.set", "MILLBROOK", "HARVIEW"),
        ("ann", "alias.set", "HARVIEW", None),
    ]
    assert {one.subject for one in audit} == {alias.id}
    history = await world.use_cases.aliases.history(world.tenant.id, alias.id)
    assert [(one.alias.code, one.end.value, one.ended_by) for one in history] == [
        ("MILLBROOK", "removed", "bob"),
        ("HARVIEW", "replaced", "ann"),
    ]


async def test_an_import_counts_at_once_and_wrong_lines_stop_all_of_it(world: World) -> None:
    record = world.job(UNMAPPED_CUSTOMER_JOB_ID).customer
    good = f"kind,servicetrade_id,name,code\r\ncustomer,{record},Riverside,HARVIEW\r\n".encode()
    importing = world.use_cases.aliases
    wrong = await importing.preview_import(world.tenant.id, NORTH, good + b"site,x,WorkerHarness,HV0001\r\n")
    assert ([one.servicetrade_id for one in wrong.added], [cell.line for cell in wrong.wrong]) == ([record], [3])
    assert blockers(await world.preview(UNMAPPED_CUSTOMER_JOB_ID)) == ["MAP_CUSTOMER_MISSING"]

    await importing.import_csv(world.tenant.id, NORTH, good, by="ann")
    assert (await world.preview(UNMAPPED_CUSTOMER_JOB_ID)).values[CUSTOMER] == "HARVIEW"
    again = await importing.import_csv(world.tenant.id, NORTH, good, by="bob")
    assert (len(again.added), len(again.changed), again.unchanged) == (0, 0, 1)
    entry, *_ = (await world.use_cases.list_audit(world.tenant.id)).entries
    assert (entry.actor, entry.action, entry.detail["added"]) == ("ann", "aliases.imported", "1")


async def test_items_get_their_aliases_in_the_query_of_the_others_and_a_refused_one_is_corrected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[AliasKind]] = []
    real = PostgresSendChanges.aliases_of

    async def noted(self: PostgresSendChanges, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        asked.append([kind for kind, _ in keys])
        return await real(self, connection_id, keys)

    monkeypatch.setattr(PostgresSendChanges, "aliases_of", noted)
    await map_(world, AliasKind.SITE, FIRST_JOB_ID, "HV0002")
    job_id = completed_job(world, "NOT-THERE 1 5", "GAUGE-300 2 18.40")
    await world.preview(job_id)
    await world.preview(job_id, items=ItemsMode.NEW_ONLY)
    parties = [AliasKind.CUSTOMER, AliasKind.SITE]
    assert asked == [parties, [*parties, AliasKind.ITEM, AliasKind.ITEM]]
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert codes(send) == ["ITEM_CODE_UNKNOWN"]
    [needed] = send.codes_needed
    assert (needed.kind, needed.code) == (AliasKind.ITEM, "NOT-THERE")
    given = GivenCode(AliasEntry(AliasKind.ITEM, needed.servicetrade_id, needed.name, "CV4G"))
    await world.use_cases.set_codes.retry(world.tenant.id, send.id, [given], others=False, by="ann", once="1")
    await world.drain()
    assert (await world.show(send)).state is SendState.SENT
    assert books(world) == [f"{NUMBER} GAUGE-300 2", f"{NUMBER} CV4G 1"]
