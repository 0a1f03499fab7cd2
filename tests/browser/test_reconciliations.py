"""Completed jobs compared, in a real browser: with a script and without, in both colour schemes and on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from core.model.access.person import Role
from core.model.reconciliation.entry import Difference, Kind
from tests.browser.chromium import BOTH, LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, HOME, picture, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, Scene, api
from tests.support.reconciliation_scene import a_listed_job, a_reconciled_job, a_run

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
_SAID = {
    Kind.DOUBLED: "One item stands twice in Spectrum: Gauge 300 psi.",
    Kind.UNCLEAR: "It is not known whether one item was posted: Check valve 4 in.",
    Kind.MISSING: "It was never sent. It would fail now: The site has no Spectrum code.",
    Kind.DRIFTED: "The customer PO is 'PO-77121' now, and 'PO-77120' in Spectrum.",
    Kind.NEVER_ASKED: "2 items were never chosen to be posted: Gauge 300 psi, Trip charge.",
    Kind.WAITING: "Its send waits, because the connection is paused.",
    Kind.UNREADABLE: "It could not be compared: ServiceTrade sends no status.",
}


@pytest_asyncio.fixture(loop_scope="session")
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == []


async def stored(scene: Scene) -> str:
    """A reconciliation with a job of each kind, and one without a difference."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        run = a_run(tenant_id=tenant.id, requested_by=ANN)
        await t.reconciliations.add(run, run.created_at)
        await t.reconciliations.enter(run.id, 1, [a_listed_job(number) for number in range(len(_SAID) + 1)])
        for number, (kind, said) in enumerate(_SAID.items()):
            told = Difference(kind=kind, message=said, fix="Send the job again with the difference to what was posted.")
            job = a_reconciled_job(number)
            entry = replace(job.entries[0], differences=(told,))
            await t.reconciliations.store(run.id, [replace(job, entries=(entry,))])
        await t.reconciliations.store(run.id, [a_reconciled_job(len(_SAID))])
    return run.id


@BOTH
async def test_days_are_compared_and_the_result_comes_by_itself(browser: Browser, scene: Scene, script: bool) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    # Jobs are completed in the time of this machine, and the second that has begun is left out.
    scene.clock.advance((datetime.now(UTC) - scene.clock.now()).total_seconds() + 60)
    today = scene.clock.now().date()
    page = await signed_in(browser, scene, script=script)
    await page.get_by_role("link", name="Sends", exact=True).click()
    await page.get_by_role("link", name="Compare with all completed jobs").click()
    await page.get_by_label("First day").fill((today - timedelta(days=1)).isoformat())
    await page.get_by_label("Last day").fill(today.isoformat())
    await page.get_by_role("button", name="Compare").click()
    await expect(page.get_by_text("It has just begun.")).to_be_visible()
    run = list(scene.transactions.rows.reconciliations)[-1]
    await scene.carry_out_reconciliation(tenant.id, run)
    await expect(page.get_by_text("Of 1 job completed, 1 is not accounted for.")).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("link", name=f"Preview and send {JOB.number}")).to_be_visible()


@pytest.mark.long
@LOOKS
async def test_the_result_is_readable_everywhere(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    run = await stored(scene)
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    pages = {"reconciliations": f"{HOME}/reconciliations", "reconciliation": f"{HOME}/reconciliations/{run}"}
    for name, address in pages.items():
        await page.goto(address)
        assert await accessibility_faults(page) == []
        assert (await page.evaluate(TOO_FAINT))["faint"] == []
        assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
        await picture(page, f"{name}-{scheme}-{width}")


@LOOKS
async def test_missing_jobs_are_looked_at_and_sent_together(
    browser: Browser, scene: Scene, scheme: str, width: int
) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    run = await scene.reconcile()
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await page.goto(f"{HOME}/reconciliations/{run}?kind=missing")
    await page.get_by_role("link", name="Send the work orders of jobs that were never sent").click()
    await expect(page.get_by_role("checkbox", name=f"Send job {JOB.number}")).to_be_checked()
    assert await accessibility_faults(page) == []
    assert (await page.evaluate(TOO_FAINT))["faint"] == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"missing-jobs-{scheme}-{width}")
    await page.get_by_role("button", name="Send the ticked ones").click()
    await expect(page.get_by_text("1 send").first).to_be_visible()
