"""Working means proven: Spectrum accepted a write with the present address, company and secrets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.spectrum.state import Authorization
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.connection_state import ConnectionState
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import SendState
from core.model.shared.check_step import CheckState
from core.model.shared.errors import TenantMends
from core.model.shared.secret import Secret
from tests.journeys.world import NORTH, World


async def change(world: World, *, check: bool = False, authorization_id: str = "", **settings: Any) -> Connection:
    """What a person saves; only what is given changes."""

    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        new = replace(secrets, authorization_id=Secret(authorization_id)) if authorization_id else secrets
        return replace(before, **settings), new

    return await world.use_cases.change_connection(world.tenant.id, NORTH, edit, version=None, by="ann", check=check)


async def state(world: World) -> ConnectionState:
    return (await world.connection()).state


async def test_a_new_connection_is_not_proven_until_spectrum_accepts_a_write(world: World) -> None:
    assert await state(world) is ConnectionState.NOT_PROVEN
    assert (await world.examine())["permission"].state is CheckState.UNKNOWN
    assert await state(world) is ConnectionState.NOT_PROVEN, "a test that passes proves no write"
    send = await world.send(FIRST_JOB_ID)
    connection = await world.connection()
    assert (send.state, connection.state) == (SendState.SENT, ConnectionState.WORKING)
    assert isinstance(connection.last_write_at, datetime)
    permission = (await world.examine())["permission"]
    assert permission.state is CheckState.OK
    assert f"{connection.last_write_at:%H:%M} UTC" in permission.detail


async def test_a_refused_write_proves_nothing(world: World) -> None:
    world.answer_rows("I WO_Job_Number Site is not active")
    assert (await world.send(FIRST_JOB_ID)).state is SendState.NEEDS_ATTENTION
    assert await state(world) is ConnectionState.NOT_PROVEN


async def test_a_write_with_an_unknown_outcome_proves_nothing_and_its_repeat_does(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/WorkOrderHeader"))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, await state(world)) == (SendState.RETRYING, ConnectionState.NOT_PROVEN)
    await world.later(minutes=60)
    assert (await state(world)) is ConnectionState.WORKING


@pytest.mark.parametrize("what", ["address", "company", "authorization id"])
async def test_what_its_calls_use_makes_it_unproven_again(world: World, what: str) -> None:
    every: dict[str, dict[str, Any]] = {
        "address": {"endpoint": Endpoint.parse(world.spectrum.url.replace("127.0.0.1", "localhost"))},
        "company": {"company_code": "102"},
        "authorization id": {"authorization_id": "SANDBOX-102"},
    }
    changes = every[what]
    if what == "company":  # a connection that has sent keeps its company
        await world.examine()
        changed = await change(world, **changes)
        assert (changed.state, changed.test_is_stale) == (ConnectionState.NOT_PROVEN, True)
        return
    await world.send(FIRST_JOB_ID)
    await world.examine()
    before = await world.connection()
    changed = await change(world, **changes)
    assert (before.state, before.test_is_stale) == (ConnectionState.WORKING, False)
    assert (changed.state, changed.last_write_at, changed.test_is_stale) == (ConnectionState.NOT_PROVEN, None, True)


async def test_other_settings_and_the_same_secret_again_keep_it_proven(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    before = await world.connection()
    await change(world, name="Another name", authorization_id="SANDBOX-101")
    await world.use_cases.pause_connection(world.tenant.id, NORTH, paused=True)
    assert await state(world) is ConnectionState.PAUSED
    await world.use_cases.pause_connection(world.tenant.id, NORTH, paused=False)
    after = await world.connection()
    assert (after.state, after.last_write_at) == (ConnectionState.WORKING, before.last_write_at)


async def test_a_write_that_began_before_a_change_does_not_prove_what_was_changed(world: World) -> None:
    """Its answer comes when the new Authorization ID is stored already, and was never used."""
    world.spectrum.state.authorizations["OTHER"] = Authorization(companies=["101"])
    world.spectrum.faults.add(Fault(FaultKind.LATENCY, match="/ws/WorkOrderHeader", seconds=0.5))
    seen = len(world.spectrum.requests.calls)
    await world.request(FIRST_JOB_ID)
    draining = asyncio.create_task(world.drain())
    await world.spectrum.requests.wait(seen, match="/ws/WorkOrderHeader")
    await change(world, authorization_id="OTHER")
    await draining
    assert world.headers_received() == 1
    assert await state(world) is ConnectionState.NOT_PROVEN
    await world.send(FIRST_JOB_ID)
    assert await state(world) is ConnectionState.WORKING


async def test_a_wrong_authorization_id_is_refused_when_it_is_tried_first(world: World) -> None:
    before = await world.connection()
    with pytest.raises(TenantMends, match="refuses the Authorization ID"):
        await change(world, authorization_id="WRONG", check=True)
    assert await world.connection() == before


async def test_a_test_that_ran_before_a_change_stays_stale(world: World) -> None:
    """Its result is stored after the change of a secret that it did not use."""
    steps = world.use_cases.examine_connection(world.tenant.id, NORTH, by="ann")
    async for step in steps:
        if step.name == "dns":
            await change(world, authorization_id="WRONG")
    connection = await world.connection()
    assert connection.last_test is not None
    assert (connection.last_test.ok, connection.test_is_stale) == (True, True)


async def test_who_stops_waiting_for_a_test_leaves_the_former_result(world: World) -> None:
    await world.examine()
    former = (await world.connection()).last_test
    steps = world.use_cases.examine_connection(world.tenant.id, NORTH, by="bob")
    await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert (await world.connection()).last_test == former


async def test_a_connection_that_is_removed_during_its_test_is_gone(world: World) -> None:
    steps = world.use_cases.examine_connection(world.tenant.id, NORTH, by="ann")
    await anext(steps)
    await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="bob")
    assert [step.name async for step in steps][-1] == "permission"
