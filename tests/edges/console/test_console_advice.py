"""Advice on pages fits the moment and the person: what is promised is true, and who may not do a step is told whom to
ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.access.person import Role
from core.model.shared.errors import OperatorMends, TenantMends, TimeMends
from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, Scene, api

HOME = "/t/cardinal"
JOB_PAGE = f"{HOME}/jobs/{JOB.id}"
UNREACHABLE = TimeMends("ServiceTrade cannot be reached.", code="ST_UNREACHABLE", fix="Jobferry tries again by itself.")
NO_SYSTEM = TenantMends("ServiceTrade has no external system spectrum.", code="ST_EXTERNAL_SYSTEM_UNKNOWN")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def test_a_page_that_could_not_reach_servicetrade_promises_nothing_and_a_send_does(scene: Scene) -> None:
    browser = await somebody(scene)
    scene.service_trade.fail_next(UNREACHABLE, call="read_job")
    await browser.open(JOB_PAGE)
    assert "Try again in a few minutes: Jobferry does not do that by itself." in browser.said
    assert "tries again by itself" not in browser.said
    scene.service_trade.fail_next(UNREACHABLE, call="read_job")
    send_id = await scene.send()
    await scene.work()
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Jobferry tries again by itself, each time after a longer pause." in browser.said
    assert "Send the job again" not in browser.said


async def test_a_purchase_order_that_is_cut_asks_for_nothing_that_is_set(scene: Scene) -> None:
    await scene.add_job(replace(JOB, customer_po="PO 4711 for the annual inspection of all sprinklers"))
    browser = await (await somebody(scene)).open(JOB_PAGE)
    assert "Nothing needs to be done if the short form is enough." in browser.said
    assert "Set the connection" not in browser.said
    assert "Send the job again" not in browser.said
    send_id = await scene.send()
    await scene.work()
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Send the job again, so that Spectrum gets what you corrected." in browser.said


async def test_a_wrong_external_system_is_told_to_each_as_what_they_can_do(scene: Scene) -> None:
    scene.service_trade.fail_next(NO_SYSTEM, call="write_external_id")
    send_id = await scene.send()
    await scene.work()
    said = {}
    for role in (Role.VIEWER, Role.SENDER, Role.ADMINISTRATOR):
        browser = await (await somebody(scene, role, f"{role.value}@example.com")).open(f"{HOME}/sends/{send_id}")
        assert "Do not enter the work order again: it is in Spectrum." in browser.said
        assert "Account Admin" not in browser.said
        assert "Who can do this: the ServiceTrade administrator." in browser.said, "as for the reason"
        said[role] = browser.said
    assert "Enter that name as the connection's external system in Jobferry." in said[Role.ADMINISTRATOR]
    for role in (Role.VIEWER, Role.SENDER):
        assert "Ask a Jobferry administrator to enter that name" in said[role]
    assert "Then retry this send: only the number is written." in said[Role.SENDER]
    assert "Then ask a sender or administrator to retry this send" in said[Role.VIEWER]


async def test_what_the_operator_mends_is_told_without_commands_and_settings(scene: Scene) -> None:
    error = OperatorMends(
        "Something of the installation is wrong.", code="KEY_GONE", fix="Set JOBFERRY_PORT, jobferry init."
    )
    scene.service_trade.fail_next(error, call="read_job")
    browser = await (await somebody(scene)).open(JOB_PAGE)
    assert "Ask the Jobferry operator to check the installation and correct what is wrong." in browser.said
    assert "JOBFERRY_PORT" not in browser.said
    assert "jobferry init" not in browser.said
