"""Sites and customers made in Spectrum from ServiceTrade's records: by somebody's confirmation, each once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.parties import Company, Location
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import Job
from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.creations.lifecycle import Judgement, judge
from core.model.mappings.alias import AliasEntry, AliasKind, CodeSource
from core.model.sending.answer import Unknown, WriteOutcome
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput, Conflict, LeaseLost, NotFound
from core.services.creations.manage_creations import CreationOn
from core.services.creations.request_creation import CreationBlocked, CreationRequest
from core.services.creations.store_creation_answer import StoreCreationAnswer
from tests.journeys.world import NORTH, World

COMPANY, LOCATION, JOB = "2274011930999001", "2274012005999001", "2412087334999001"
SITE, CUSTOMER, CHANGE = CreationKind.SITE, CreationKind.CUSTOMER, CreationKind.CUSTOMER_CHANGE
ADD_SITE, ADD_CUSTOMER = "AddWOSiteAddress", "AddCustomer"


@pytest.fixture
async def north(world: World) -> World:
    """`north` lets both be created; a completed job waits whose company is mapped and whose location is not."""
    state = world.servicetrade.state
    state.companies[COMPANY] = Company(
        name="Quail Ridge, Inc.", street="12 Mill Rd", city="Durham", state="North Carolina", postal_code="27701",
        phone="(919) 555-0142", external_ids={"spectrum": "HARVIEW"},
    )  # fmt: skip
    state.locations[LOCATION] = Location(
        name="Quail Ridge Tower", street="14 Mill Rd", city="Durham", state="NC", postal_code="27701", company=COMPANY
    )
    state.jobs[JOB] = Job(number="880001", customer=COMPANY, location=LOCATION)
    await world.change(
        create_sites=True, create_customers=True, new_customer_terms="1", new_customer_tax_code="NC",
        default_work_order_type="SVC",
    )  # fmt: skip
    return world


async def confirm(world: World, kind: CreationKind = SITE, *, by: str = "ann", **more: Any) -> Creation:
    """Confirm what is proposed, with `changes` typed over it."""
    changes: dict[str, str] = more.pop("changes", {})
    record = more.pop("record", LOCATION if kind is SITE else COMPANY)
    connection = more.pop("connection", NORTH)
    tenant = more.pop("tenant", world.tenant)
    preview = await world.use_cases.preview_creation(tenant.id, connection, kind, record)
    request = CreationRequest(
        connection=connection, kind=kind, record_id=record, fields=preview.values | changes, requested_by=by, **more
    )
    return await world.use_cases.request_creation(tenant.id, request)


async def show(world: World, creation: Creation) -> Creation:
    return (await world.use_cases.manage_creations.show(creation.tenant_id, creation.id)).creation


async def settle(world: World, creation: Creation, *, there: bool) -> CreationOn:
    manage = world.use_cases.manage_creations
    return await manage.settle(creation.tenant_id, creation.id, there=there, reason="I looked.", by="bea")


def calls(world: World, service: str = ADD_SITE) -> int:
    """How often the service was called."""
    return sum(call.path == f"/ws/{service}" for call in world.spectrum.requests.calls)


def lose(world: World, kind: FaultKind, service: str = ADD_SITE) -> None:
    world.spectrum.faults.add(Fault(kind, match=service))


async def test_nothing_is_created_unless_somebody_switched_it_on(north: World) -> None:
    await north.change(create_sites=False, create_customers=False)
    preview = await north.use_cases.preview_creation(north.tenant.id, NORTH, SITE, LOCATION)
    assert [one.code for one in preview.findings] == ["CREATE_SWITCHED_OFF"]
    with pytest.raises(CreationBlocked):
        await confirm(north)
    send = await north.send(JOB)
    assert send.state is SendState.NEEDS_ATTENTION
    assert calls(north) == 0, "a send never creates anything by itself"


async def test_a_site_is_created_its_code_kept_and_the_waiting_job_sent(north: World) -> None:
    failed = await north.send(JOB)
    assert failed.state is SendState.NEEDS_ATTENTION
    preview = await north.use_cases.preview_creation(north.tenant.id, NORTH, SITE, LOCATION)
    shown = {one.name: (one.value, one.origin) for one in preview.fields if one.value}
    assert shown == {
        "Site_ID": ("QUAILRIDGE", "the letters and digits of its name"),
        "Site_Name": ("Quail Ridge Tower", "location.name"),
        "Site_Address1": ("14 Mill Rd", "location.address.street"),
        "Site_City": ("Durham", "location.address.city"),
        "Site_State": ("NC", "location.address.state"),
        "Site_Zip_Code": ("27701", "location.address.postalCode"),
        "Site_Customer_Code": ("HARVIEW", "code of its company"),
    }
    zip_code = next(one for one in preview.fields if one.name == "Site_Zip_Code")
    assert zip_code.origin_words == "the location's postal code"
    assert preview.possible
    creation = await confirm(north, send_again=True)
    await north.drain()
    done = await show(north, creation)
    assert (done.state, done.code_kept_at is not None, done.needs_person) == (CreationState.CREATED, True, False)
    assert north.company.sites["QUAILRIDGE"].name == "Quail Ridge Tower"
    assert (await north.show(failed)).state is SendState.SENT
    assert north.work_order("T880001").fields["WO_Job_Number"] == "QUAILRIDGE"
    assert calls(north) == 1


async def test_a_customer_is_created_and_its_code_kept_in_servicetrade(north: World) -> None:
    north.servicetrade.state.companies[COMPANY].external_ids.clear()
    creation = await confirm(north, CUSTOMER, keep=CodeSource.SERVICETRADE, changes={"Customer_Code": "QUAIL"})
    await north.drain()
    assert (await show(north, creation)).code_kept_at
    assert north.servicetrade.state.companies[COMPANY].external_ids == {"spectrum": "QUAIL"}
    [made] = north.company.new_records
    assert made.fields == {
        "Customer_Code": "QUAIL", "Name": "Quail Ridge Inc.", "Address_1": "12 Mill Rd", "City": "Durham",
        "State": "NC", "Zip_Code": "27701", "Phone": "9195550142", "Terms_Code": "1", "Sales_Tax_Code": "NC",
    }  # fmt: skip


async def test_what_was_changed_for_its_form_says_so_and_nothing_is_cut(north: World) -> None:
    company = north.servicetrade.state.companies[COMPANY]
    company.external_ids.clear()
    company.name = "Quail Ridge Condominium Association, Incorporated"
    preview = await north.use_cases.preview_creation(north.tenant.id, NORTH, CUSTOMER, COMPANY)
    fields = {one.name: one for one in preview.fields}
    assert fields["Name"].value == "Quail Ridge Condominium Association Incorporated"
    assert "commas" in fields["Name"].note
    assert "at most 30" in fields["Name"].problem
    assert fields["State"].note == "the postal code of North Carolina"
    assert fields["Phone"].note == "its digits only"
    assert not preview.possible
    with pytest.raises(BadInput) as refused:
        await confirm(north, CUSTOMER)
    assert [one.pointer for one in refused.value.errors] == ["/fields/Name"]
    assert calls(north, ADD_CUSTOMER) == 0


async def test_a_customer_that_is_there_is_changed(north: World) -> None:
    creation = await confirm(north, CHANGE)
    await north.drain()
    assert (await show(north, creation)).state is CreationState.CREATED
    assert north.company.customers["HARVIEW"].city == "Durham"


async def test_a_customer_that_was_changed_can_be_changed_again(north: World) -> None:
    for name in ("Quail Ridge One", "Quail Ridge Two"):
        north.servicetrade.state.companies[COMPANY].name = name
        creation = await confirm(north, CHANGE)
        await north.drain()
        assert (await show(north, creation)).state is CreationState.CREATED


async def test_an_old_spectrum_says_plainly_that_it_cannot_change_customers(north: World) -> None:
    north.spectrum.state.settings.services.remove("UpdateCustomer")
    creation = await confirm(north, CHANGE)
    await north.drain()
    done = await show(north, creation)
    assert done.state is CreationState.REJECTED
    assert "new in Spectrum 2025 R2" in done.findings[0].message
    assert (await north.connection()).hold is None, "everything else works without it"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ("I Site_ID Site already exists", CreationState.REJECTED),
        ("M Site_Name A value is required", CreationState.REJECTED),
        ("A Authorization_ID Not authorized for AddWOSiteAddress", CreationState.REJECTED),
        ("E Site_ID Record is locked", CreationState.QUEUED),
        ("X Site_ID Something new", CreationState.IN_DOUBT),
        ("G Site_ID ANOTHER", CreationState.IN_DOUBT),
    ],
)
async def test_an_answer_is_judged_strictly(north: World, rows: str, state: CreationState) -> None:
    north.spectrum.faults.add(Fault(FaultKind.ROWS, match=ADD_SITE, text=rows))
    creation = await confirm(north)
    await north.drain()
    assert (await show(north, creation)).state is state
    assert (await north.connection()).hold is None


LOCKED = Fault(FaultKind.ROWS, match=ADD_SITE, text="E Site_ID Record is locked", times=UNTIL_CLEARED)


async def test_a_locked_record_is_waited_for_as_long_as_for_a_header_and_then_told(north: World) -> None:
    north.spectrum.faults.add(LOCKED)
    creation = await confirm(north)
    await north.drain()
    for tries, minutes in enumerate((1, 2, 5, 15), start=1):
        waits = await show(north, creation)
        assert (waits.state, waits.locks, calls(north)) == (CreationState.QUEUED, tries, tries)
        assert not await north.warnings()
        await north.later(minutes)
    ended = await show(north, creation)
    assert (ended.state, ended.findings[0].code, calls(north)) == (CreationState.REJECTED, "CREATE_LOCKED", 5)
    [told] = await north.warnings()
    assert told.finding.code == "CREATE_NOT_MADE"
    assert "QUAILRIDGE for Quail Ridge Tower" in told.finding.message
    await north.later(600)
    assert (calls(north), len(await north.warnings())) == (5, 1), "the warning stays, and nothing is called again"
    north.spectrum.faults.clear()
    again = await confirm(north)
    assert await north.warnings() == []
    await north.drain()
    assert (await show(north, again)).state is CreationState.CREATED


async def test_what_did_not_leave_is_no_try_at_a_locked_record(north: World) -> None:
    creation = await confirm(north)
    await north.stop_spectrum()
    for _ in range(8):
        await north.later(15)
    await north.restart_spectrum()
    north.spectrum.faults.add(replace(LOCKED, times=4))
    for minutes in (15, 15, 15, 15):
        await north.later(minutes)
        assert (await show(north, creation)).state is CreationState.QUEUED
    await north.later(15)
    assert (await show(north, creation)).state is CreationState.CREATED


async def test_one_that_was_not_made_is_given_up(north: World) -> None:
    north.spectrum.faults.add(Fault(FaultKind.ROWS, match=ADD_SITE, text="M Site_Name A value is required"))
    creation = await confirm(north)
    await north.drain()
    assert [one.finding.code for one in await north.warnings()] == ["CREATE_NOT_MADE"]
    await north.use_cases.manage_creations.cancel(north.tenant.id, creation.id, by="bea")
    assert (await show(north, creation)).state is CreationState.CANCELLED
    assert await north.warnings() == []


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY])
async def test_an_unclear_answer_is_settled_by_a_person_and_never_repeated(north: World, kind: FaultKind) -> None:
    lose(north, kind)
    creation = await confirm(north)
    await north.drain()
    await north.later(600)
    doubt = await show(north, creation)
    assert (doubt.state, calls(north)) == (CreationState.IN_DOUBT, 1)
    there = "QUAILRIDGE" in north.company.sites
    await settle(north, creation, there=there)
    await north.drain()
    done = await show(north, creation)
    assert done.state is (CreationState.CREATED if there else CreationState.NOT_CREATED)
    assert (done.code_kept_at is not None) is there
    if not there:
        again = await confirm(north)
        await north.drain()
        assert (await show(north, again)).state is CreationState.CREATED
    assert len(north.company.new_records) == 1


async def test_not_there_is_refused_while_spectrum_may_still_make_it(north: World) -> None:
    lose(north, FaultKind.DROP_BEFORE_APPLY)
    creation = await confirm(north)
    await north.drain()
    with pytest.raises(Conflict) as fresh:
        await settle(north, creation, there=False)
    assert fresh.value.code == "DOUBT_TOO_FRESH"
    await settle(north, creation, there=True)
    with pytest.raises(Conflict) as done:
        await settle(north, creation, there=False)
    assert done.value.code == "CREATION_NOT_IN_DOUBT"


async def test_a_code_in_use_after_an_unclear_try_is_told_as_evidence_and_a_person_says_whose_it_is(
    north: World,
) -> None:
    lose(north, FaultKind.APPLY_THEN_DROP)
    creation = await confirm(north)
    await north.drain()
    north.clock.advance(3600)
    await settle(north, creation, there=False)  # the person overlooked it
    again = await confirm(north)
    await north.drain()
    refused = await show(north, again)
    assert refused.state is CreationState.REJECTED
    assert refused.findings[0].code == "CREATE_CODE_TAKEN"
    assert "had no clear answer" in refused.findings[0].message
    await settle(north, again, there=True)
    await north.drain()
    assert (await show(north, again)).code_kept_at
    assert len(north.company.new_records) == 1


async def test_two_people_who_confirm_the_same_location_create_one_site(north: World) -> None:
    first = await confirm(north)
    assert (await confirm(north, by="bea")).id == first.id, "the same is the same"
    with pytest.raises(Conflict) as other:
        await confirm(north, by="bea", changes={"Site_ID": "QUAIL2"})
    assert other.value.code == "CREATION_EXISTS"
    await north.drain()
    with pytest.raises(CreationBlocked) as mapped:
        await confirm(north, by="bea", changes={"Site_ID": "QUAIL2"})
    assert "CREATE_MAPPED_MEANWHILE" in {one.code for one in mapped.value.preview.findings}
    assert calls(north) == 1


async def test_two_connections_to_one_company_create_one_site(north: World) -> None:
    await north.connect(north.tenant, "second", external_system="spectrum_west", create_sites=True)
    await confirm(north)
    with pytest.raises(Conflict):
        await confirm(north, connection="second", changes={"Site_ID": "OTHER", "Site_Customer_Code": ""})
    await north.drain()
    with pytest.raises(Conflict):
        await confirm(north, connection="second", changes={"Site_ID": "OTHER", "Site_Customer_Code": ""})
    assert calls(north) == 1


async def test_two_accounts_with_one_spectrum_company_cannot_take_the_same_code(north: World) -> None:
    async with ServiceTradeSandbox.start() as other:
        other.state.locations["991"] = Location(name="Quail Ridge Tower", city="Cary")
        tenant = await north.add_tenant("bluefin", other)
        await north.connect(tenant, "theirs", create_sites=True)
        await confirm(north)
        with pytest.raises(Conflict) as taken:
            await confirm(north, tenant=tenant, connection="theirs", record="991")
        assert "cardinal" not in str(taken.value), "it never says whose it is"
        mine = await confirm(north, tenant=tenant, connection="theirs", record="991", changes={"Site_ID": "QUAIL9"})
        await north.drain()
        assert (await show(north, mine)).state is CreationState.CREATED
    assert len(north.company.new_records) == 2


async def test_a_switch_that_is_turned_off_stops_what_was_not_sent_yet(north: World) -> None:
    creation = await confirm(north)
    await north.change(create_sites=False)
    await north.drain()
    done = await show(north, creation)
    assert (done.state, done.findings[0].code, calls(north)) == (CreationState.REJECTED, "CREATE_SWITCHED_OFF", 0)


async def test_a_location_that_is_mapped_meanwhile_is_not_created(north: World) -> None:
    creation = await confirm(north)
    entry = AliasEntry(AliasKind.SITE, LOCATION, "Quail Ridge Tower", "HV0001")
    await north.use_cases.aliases.set(north.tenant.id, NORTH, [entry], by="bea")
    await north.drain()
    done = await show(north, creation)
    assert (done.state, done.findings[0].code) == (CreationState.REJECTED, "CREATE_MAPPED_MEANWHILE")
    other = await confirm(north, CHANGE)
    north.servicetrade.state.companies[COMPANY].external_ids["spectrum"] = "ELSE"
    await north.drain()
    assert (await show(north, other)).findings[0].code == "CREATE_MAPPED_MEANWHILE"
    assert calls(north) == 0


async def test_a_code_that_is_taken_in_spectrum_by_hand_is_refused_and_another_one_works(north: World) -> None:
    creation = await confirm(north)
    north.company.sites["QUAILRIDGE"] = north.company.sites["HV0001"].model_copy(update={"name": "By hand"})
    await north.drain()
    done = await show(north, creation)
    assert (done.state, done.findings[0].code) == (CreationState.REJECTED, "CREATE_CODE_TAKEN")
    assert "no clear answer" not in done.findings[0].message
    again = await confirm(north, changes={"Site_ID": "QUAIL2"})
    await north.drain()
    assert (await show(north, again)).state is CreationState.CREATED


async def test_one_that_waits_can_be_cancelled_and_one_that_left_cannot(north: World) -> None:
    creation = await confirm(north)
    manage = north.use_cases.manage_creations
    await manage.cancel(north.tenant.id, creation.id, by="bea")
    await north.drain()
    assert calls(north) == 0
    again = await confirm(north)
    await north.drain()
    with pytest.raises(Conflict) as gone:
        await manage.cancel(north.tenant.id, again.id, by="bea")
    assert gone.value.code == "CREATION_NOT_CANCELLABLE"


async def test_a_paused_or_held_connection_creates_nothing_until_it_goes_on(north: World) -> None:
    pause = north.use_cases.pause_connection
    creation = await confirm(north)
    await pause(north.tenant.id, NORTH, paused=True, by="ann")
    await north.drain()
    assert calls(north) == 0
    await pause(north.tenant.id, NORTH, paused=False, by="ann")
    await north.drain()
    assert (await show(north, creation)).state is CreationState.CREATED


async def test_spectrum_that_is_away_leaves_it_waiting_and_it_is_created_once_later(north: World) -> None:
    creation = await confirm(north)
    await north.stop_spectrum()
    await north.drain()
    waits = await show(north, creation)
    assert (waits.state, waits.findings[0].code) == (CreationState.QUEUED, "ENDPOINT_UNREACHABLE")
    await north.restart_spectrum()
    await north.later(30)
    await north.later(30)
    assert (await show(north, creation)).state is CreationState.CREATED
    assert len(north.company.new_records) == 1


async def test_servicetrade_that_is_away_postpones_it(north: World) -> None:
    creation = await confirm(north)
    north.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid/location", status=503, times=20))
    await north.drain()
    assert ((await show(north, creation)).state, calls(north)) == (CreationState.QUEUED, 0)
    north.servicetrade.faults.clear()
    await north.later(30)
    assert (await show(north, creation)).state is CreationState.CREATED


async def test_a_code_that_servicetrade_refuses_waits_for_a_person_who_keeps_it_here(north: World) -> None:
    other = next(id for id in north.servicetrade.state.locations if id != LOCATION)
    north.servicetrade.state.locations[other].external_ids["spectrum"] = "TWICE"
    creation = await confirm(north, keep=CodeSource.SERVICETRADE, changes={"Site_ID": "TWICE"})
    await north.drain()
    stuck = await show(north, creation)
    assert (stuck.state, stuck.needs_person) == (CreationState.CREATED, True)
    assert stuck.findings[0].code == "MAP_DUPLICATE_EXTERNAL_ID"
    await north.use_cases.manage_creations.keep_code(north.tenant.id, creation.id, CodeSource.ALIAS, by="bea")
    await north.drain()
    assert (await show(north, creation)).code_kept_at
    assert calls(north) == 1


async def test_a_restored_database_creates_nothing_a_second_time(north: World) -> None:
    """The database knows it as waiting; in truth it was created after the backup."""
    creation = await confirm(north)
    connection = await north.connection()
    north.intent_mark.note(connection.id, connection.intents + 1)
    await north.drain()
    doubt = await show(north, creation)
    assert (doubt.state, doubt.findings[0].code) == (CreationState.IN_DOUBT, "DATABASE_RESTORED")
    assert calls(north) == 0
    with pytest.raises(CreationBlocked):
        await confirm(north, CHANGE)


async def test_a_connection_that_may_have_made_something_keeps_its_company_and_is_not_removed(north: World) -> None:
    creation = await confirm(north)
    with pytest.raises(Conflict) as busy:
        await north.use_cases.remove_connection(north.tenant.id, NORTH, version=None, by="ann")
    assert busy.value.code == "CONNECTION_BUSY"
    with pytest.raises(Conflict) as kept:
        await north.use_cases.change_connection(
            north.tenant.id, NORTH, lambda one, secrets: (replace(one, company_code="102"), secrets), version=None,
            by="ann", check=False,
        )  # fmt: skip
    assert kept.value.code == "CONNECTION_HAS_HISTORY"
    await north.drain()
    assert (await show(north, creation)).state is CreationState.CREATED


async def test_unknown_records_and_fields_are_told(north: World) -> None:
    with pytest.raises(NotFound) as missing:
        await north.use_cases.preview_creation(north.tenant.id, NORTH, SITE, "999")
    assert missing.value.code == "RECORD_NOT_FOUND"
    with pytest.raises(BadInput) as wrong:
        await confirm(north, changes={"Colour": "red", "Site_State": "Nowhere"})
    assert {one.pointer for one in wrong.value.errors} == {"/fields/Colour", "/fields/Site_State"}


async def tell_the_truth(world: World) -> None:
    """An answer is lost, a worker dies during a call: the service was called once, and what is told is what is so."""
    for kind in (FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY):
        before = calls(world)
        lose(world, kind)
        creation = await confirm(world, changes={"Site_ID": f"SITE{before}"}, record=await another_location(world))
        await world.drain()
        await world.later(60)
        told = await show(world, creation)
        assert calls(world) - before == 1, "an unclear creation was repeated"
        assert told.state is CreationState.IN_DOUBT, told.state
    before = calls(world)
    creation = await confirm(world, changes={"Site_ID": "DYING"}, record=await another_location(world))
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(StoreCreationAnswer, "__call__", die)
        await world.drain()
    await world.later(60)
    assert calls(world) - before == 1, "recovery called again"
    assert (await show(world, creation)).state is CreationState.IN_DOUBT


async def die(*_: object) -> None:
    raise LeaseLost("The worker died here.")


async def another_location(world: World) -> str:
    return world.servicetrade.state.add_location("Quail Ridge Annex")


async def test_an_unclear_creation_is_told_and_not_repeated_by_the_real_build(north: World) -> None:
    await tell_the_truth(north)


def time_out_is_failure(creation: Creation, outcome: WriteOutcome) -> Judgement:
    return Judgement(CreationState.QUEUED) if isinstance(outcome, Unknown) else judge(creation, outcome)


def recovery_sends_again(creation: Creation) -> Creation:
    return replace(creation, state=CreationState.QUEUED)


@pytest.mark.parametrize(
    ("place", "broken"),
    [
        ("core.services.creations.store_creation_answer.judge", time_out_is_failure),
        ("core.services.creations.carry_out_creations.lost", recovery_sends_again),
    ],
)
async def test_a_build_that_repeats_an_unclear_creation_is_caught(
    north: World, monkeypatch: pytest.MonkeyPatch, place: str, broken: object
) -> None:
    monkeypatch.setattr(place, broken)
    with pytest.raises(AssertionError, match=r"repeated|again"):
        await tell_the_truth(north)
