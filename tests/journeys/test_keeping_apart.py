"""Two connections of one tenant and two tenants on one Spectrum: each job lands where it belongs and nowhere else."""

from __future__ import annotations

from functools import partial

import pytest

from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import BLUEFIN_JOB_ID, FIRST_JOB_ID, WEST_JOB_ID, bluefin_state
from core.model.sending.send import SendState
from core.model.shared.errors import NotFound
from tests.journeys.world import World, codes


async def test_two_connections_of_one_tenant(world: World) -> None:
    await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    north, west = await world.send(FIRST_JOB_ID), await world.send(WEST_JOB_ID, connection="west")
    companies = world.spectrum.state.companies
    assert (north.state, west.state) == (SendState.SENT, SendState.SENT)
    assert list(companies["101"].work_orders) == ["T104482"]
    assert list(companies["102"].work_orders) == ["T104506"]
    assert world.job(WEST_JOB_ID).external_ids == {"spectrum_west": "T104506"}
    assert world.job(FIRST_JOB_ID).external_ids == {"spectrum": "T104482"}
    labels = [entry.label for entry in await world.use_cases.send_menu(world.tenant.id, FIRST_JOB_ID)]
    assert labels == ["Send Job to Spectrum north", "Send Job to Spectrum west"]


async def test_a_failure_on_one_connection_says_nothing_about_the_other(world: World) -> None:
    await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    wrong = await world.send(FIRST_JOB_ID, connection="west")
    assert codes(wrong) == ["MAP_CUSTOMER_MISSING", "MAP_SITE_MISSING", "CONTRACT_NOT_MAPPED"]
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT
    [comment] = world.comments(FIRST_JOB_ID)
    assert comment.endswith("[jobferry:spectrum_west]")  # still there: it is the other connection's
    assert [warning.send_id for warning in await world.warnings()] == [wrong.id]


async def test_a_held_connection_does_not_hold_the_other(world: World) -> None:
    await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    world.spectrum.state.authorizations["SANDBOX-101"].active = False
    assert codes(await world.send(FIRST_JOB_ID)) == ["AUTH_NOT_AUTHORIZED"]
    assert (await world.send(WEST_JOB_ID, connection="west")).state is SendState.SENT


async def test_two_tenants_see_nothing_of_each_other(world: World) -> None:
    async with ServiceTradeSandbox.start(state=bluefin_state()) as bluefins:
        bluefin = await world.add_tenant("bluefin", bluefins)
        await world.connect(bluefin, "north", company_code="103")
        ours, theirs = await world.send(FIRST_JOB_ID), await world.send(BLUEFIN_JOB_ID, tenant=bluefin)
        assert (ours.state, theirs.state) == (SendState.SENT, SendState.SENT)
        companies = world.spectrum.state.companies
        assert (list(companies["101"].work_orders), list(companies["103"].work_orders)) == (["T104482"], ["T2201"])
        assert bluefins.state.jobs[BLUEFIN_JOB_ID].external_ids == {"spectrum": "T2201"}

        for tenant, mine, others in ((world.tenant, ours, theirs), (bluefin, theirs, ours)):
            assert [send.id for send in (await world.use_cases.list_sends(tenant.id)).sends] == [mine.id]
            actions = world.use_cases.send_actions
            retry, cancel = partial(actions.retry, by="ann"), partial(actions.cancel, by="ann")
            for act in (world.use_cases.show_send, retry, cancel):
                with pytest.raises(NotFound):
                    await act(tenant.id, others.id)

        missing = await world.send(FIRST_JOB_ID, tenant=bluefin)
        assert codes(missing) == ["JOB_NOT_FOUND"]  # the other account's job does not exist for them
        assert await world.warnings() == []
        assert [warning.send_id for warning in await world.warnings(bluefin)] == [missing.id]


async def test_the_same_number_in_two_companies_is_no_conflict(world: World) -> None:
    async with ServiceTradeSandbox.start(state=bluefin_state()) as bluefins:
        bluefin = await world.add_tenant("bluefin", bluefins)
        await world.connect(bluefin, "north", company_code="103")
        job_id = next(id for id, job in bluefins.state.jobs.items() if job.number == "104482")
        assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT
        assert (await world.send(job_id, tenant=bluefin)).state is SendState.SENT
        companies = world.spectrum.state.companies
        assert companies["101"].work_orders["T104482"].fields["Bill_Customer_Code"] == "HARVIEW"
        assert companies["103"].work_orders["T104482"].fields["Bill_Customer_Code"] == "GLACIER"


async def test_a_wrong_company_for_the_authorization_id_touches_no_other_company(world: World) -> None:
    await world.change(company_code="102")
    send = await world.send(FIRST_JOB_ID)
    assert codes(send) == ["AUTH_NOT_AUTHORIZED"]
    assert all(company.work_orders == {} for company in world.spectrum.state.companies.values())
