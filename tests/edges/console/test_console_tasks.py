"""Tasks on the console: the choice on the job's page, what would be added, and the table among the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from core.model.access.person import Role
from core.model.work_orders.job_service import JobService
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, Scene, api

PAGE = f"/t/cardinal/jobs/{JOB.id}"
CONNECTION = "/v1/tenants/cardinal/connections/main"
TASKS = {"send_tasks": "with_items", "task_codes": {"Sprinkler": "INSP", "Check valve": "REPAIR"}}


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """A completed job with two services, one of them without a code."""
    async with api() as running:
        await running.furnish()
        await running.add_job(replace(JOB, status="completed"))
        tenant = await running.use_cases.find_tenant("cardinal")
        running.service_trade.add_service(tenant.id, JOB.id, JobService(id="71", description="Check valve"))
        running.service_trade.add_service(tenant.id, JOB.id, JobService(id="72", description="Alarm test"))
        yield running


async def switch_on(scene: Scene) -> None:
    shown = await scene.call("GET", CONNECTION)
    changed = await scene.call("PATCH", CONNECTION, TASKS, headers={"If-Match": shown.headers["ETag"]})
    assert changed.status == 200, changed.body


async def opened(browser: Browser, query: str = "") -> str:
    return (await browser.open(f"{PAGE}?connection=main{query}")).text


async def test_a_connection_without_tasks_asks_nothing_about_them(scene: Scene) -> None:
    assert "services" not in await opened(await somebody(scene), "&items=new_only")
    assert "read_services" not in scene.service_trade.calls


async def test_the_page_asks_which_services_to_add_and_shows_each_task(scene: Scene) -> None:
    await switch_on(scene)
    browser = await somebody(scene)
    assert "Services become tasks only together with items" in await opened(browser)
    text = await opened(browser, "&items=new_only")
    assert "Which services to add as tasks" in text
    assert "task REPAIR (Check valve)" in text
    assert "Alarm test: the connection&#39;s tasks name no code for it" in text
    assert "and 1 task" in text
    assert "task REPAIR" not in await opened(browser, "&items=new_only&tasks=none")


async def test_the_settings_hold_a_line_for_each_service(scene: Scene) -> None:
    await switch_on(scene)
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open("/t/cardinal/connections/main/settings")
    assert "Sprinkler = INSP\nCheck valve = REPAIR" in browser.text
