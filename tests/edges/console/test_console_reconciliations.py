"""Completed jobs compared, in the console: started, read, narrowed down, downloaded, and each with where to act."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.access.person import Role
from core.model.reconciliation.entry import Difference, Kind, Place
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.model.work_orders.cost_line import ItemsMode
from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, UNMAPPED, Scene, api
from tests.support.reconciliation_scene import a_listed_job, a_reconciled_job, a_run

PAGE = "/t/cardinal/reconciliations"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def completed(scene: Scene, *numbers: int) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    for number in numbers:
        await scene.add_job(replace(JOB, id=str(number), number=f"10{number}"))
        scene.service_trade.complete(tenant.id, str(number))


async def stored(scene: Scene, *places: tuple[Kind, Place]) -> str:
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        run = a_run(tenant_id=tenant.id)
        await t.reconciliations.add(run, run.created_at)
        await t.reconciliations.enter(run.id, 1, [a_listed_job(number) for number in range(len(places))])
        for number, (kind, place) in enumerate(places):
            told = Difference(
                kind=kind, message="So it is.", fix="Act.", place=place, send_id="snd_1", items="new_only"
            )
            job = a_reconciled_job(number, connection="main")
            await t.reconciliations.store(
                run.id, [replace(job, entries=(replace(job.entries[0], differences=(told,)),))]
            )
    return run.id


async def test_a_sender_starts_one_and_a_viewer_only_reads(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.SENDER)).open(PAGE)
    await browser.press("Compare", **{"from": "2026-02-01", "to": "2026-02-02"})
    assert "Completed 1 Feb 2026 to 2 Feb 2026" in browser.said
    assert "It has just begun." in browser.said
    viewer = await (await somebody(scene, Role.VIEWER, "vi@example.com")).open(PAGE)
    assert "1 Feb 2026 to 2 Feb 2026" in viewer.said
    assert "Viewers cannot do this." in viewer.said
    assert not viewer.page.xpath("//main//form[@method='post']")


async def test_what_is_not_accounted_for_leads_to_the_preview(scene: Scene) -> None:
    await completed(scene, 1, 2)
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}")
    assert "Of 2 jobs completed, 2 are not accounted for." in browser.said
    links = [one.get("href") for one in browser.page.xpath("//a[starts-with(text(), 'Preview and send')]")]
    assert links == [f"/t/cardinal/jobs/{number}?connection=main&items=new_only" for number in (1, 2)]
    rows = list(csv.DictReader(io.StringIO((await browser.open(f"{PAGE}/{run}/jobs.csv?kind=missing")).text)))
    assert [row["job_id"] for row in rows] == ["1", "2"]


async def test_jobs_that_were_never_sent_go_together_after_a_look_and_without_items(scene: Scene) -> None:
    await completed(scene, 1, 2, 3)
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/{run}?kind=missing")
    await browser.open(browser.link("Send the work orders of jobs that were never sent to Spectrum"))
    assert "3 jobs of Spectrum. Each ticked job is sent once, as a work order without items." in browser.said
    loaded = browser.text
    await browser.press("Send the ticked ones to Spectrum", **{"pick.2": ""})
    assert browser.address.startswith("/t/cardinal/batches/")
    first = browser.address
    browser.text = loaded
    await browser.press("Send the ticked ones to Spectrum", **{"pick.2": ""})
    assert browser.address == first, "pressed twice, it is one batch"
    await scene.work()
    tenant = await scene.use_cases.find_tenant("cardinal")
    sends = (await scene.use_cases.list_sends(tenant.id, SendFilter())).sends
    assert {send.job_id: send.items for send in sends} == {"1": ItemsMode.NONE, "3": ItemsMode.NONE}
    assert {send.state for send in sends} == {SendState.SENT}


async def test_a_job_that_would_fail_is_not_ticked_and_says_why(scene: Scene) -> None:
    await completed(scene, 1)
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.add_job(replace(UNMAPPED, id="2", number="102"))
    scene.service_trade.complete(tenant.id, "2")
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/{run}/missing/main")
    ticked = {box.get("name"): box.get("checked") is not None for box in browser.page.xpath("//tbody//input")}
    assert ticked == {"pick.1": True, "pick.2": False}
    assert "It would fail now: " in browser.said


async def test_an_old_comparison_sends_nothing_and_nothing_ticked_sends_nothing(scene: Scene) -> None:
    await completed(scene, 1)
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/{run}/missing/main")
    none = await browser.press("Send the ticked ones to Spectrum", **{"pick.1": ""})
    assert (none.status, "No job is ticked." in none.said) == (422, True)
    await browser.open(f"{PAGE}/{run}/missing/main")
    scene.clock.advance(3601)
    late = await browser.press("Send the ticked ones to Spectrum")
    assert (late.status, "Compare these days again" in late.said) == (409, True)
    await browser.open(f"{PAGE}/{run}?kind=missing")
    assert "Compare again to send many of these at once." in browser.said


async def test_all_well_is_said_aloud(scene: Scene) -> None:
    await completed(scene, 1)
    await scene.send(replace(JOB, id="1"))
    await scene.work()
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}")
    assert "The one completed job is accounted for." in browser.said


@pytest.mark.parametrize(
    ("kind", "place", "address"),
    [
        (Kind.MISSING, Place.SEND, "/t/cardinal/sends/snd_1"),
        (Kind.UNCLEAR, Place.DOUBTS, "/t/cardinal/doubts"),
        (Kind.UNCLEAR, Place.CONNECTION, "/t/cardinal/connections/main/restore"),
        (Kind.WAITING, Place.CONNECTION, "/t/cardinal/connections/main"),
        (Kind.DRIFTED, Place.JOB, "/t/cardinal/jobs/0?connection=main&items=new_only"),
    ],
)
async def test_each_difference_leads_to_where_a_person_can_act(
    scene: Scene, kind: Kind, place: Place, address: str
) -> None:
    run = await stored(scene, (kind, place))
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/{run}")
    assert address in [one.get("href") for one in browser.page.xpath("//td//a")]


async def test_the_list_is_narrowed_down_and_comes_in_pages(scene: Scene) -> None:
    run = await stored(scene, *[(Kind.MISSING, Place.JOB)] * 51, (Kind.DRIFTED, Place.JOB))
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}?kind=missing&connection=main")
    assert len(browser.page.xpath("//table[caption[contains(., 'what to do')]]/tbody/tr")) == 50
    [more] = browser.page.xpath("//a[text()='More jobs']")
    await browser.open(f"{PAGE}/{run}{more.get('href').partition(run)[2]}")
    assert len(browser.page.xpath("//table[caption[contains(., 'what to do')]]/tbody/tr")) == 1
    await browser.open(f"{PAGE}/{run}?kind=drifted")
    assert len(browser.page.xpath("//table[caption[contains(., 'what to do')]]/tbody/tr")) == 1


@pytest.mark.parametrize("days", [{"from": "", "to": ""}, {"from": "2999-01-01", "to": "2999-01-01"}])
async def test_odd_days_say_what_to_do(scene: Scene, days: dict[str, str]) -> None:
    browser = await (await somebody(scene, Role.SENDER)).open(PAGE)
    await browser.press("Compare", **days)
    assert browser.status == 422
    assert "What to do" in browser.said


async def test_what_was_fixed_is_gone_once_the_days_are_compared_again(scene: Scene) -> None:
    await completed(scene, 1, 2)
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/{run}")
    assert "2 are not accounted for." in browser.said
    assert "Compared" in browser.page.get_element_by_id("live").text_content()
    await scene.send(replace(JOB, id="1"))
    await scene.work()
    again = (await browser.press("Compare again")).address.rpartition("/")[2]
    tenant = await scene.use_cases.find_tenant("cardinal")
    while (await scene.use_cases.read_reconciliations.show(tenant.id, again)).run.running:
        await scene.carry_out_reconciliation(tenant.id, again)
    assert again != run
    assert "Of 2 jobs completed, 1 is not accounted for." in (await browser.open(f"{PAGE}/{again}")).said
    viewer = await (await somebody(scene, Role.VIEWER, "vi@example.com")).open(f"{PAGE}/{run}")
    assert "Compare again" not in viewer.said


async def test_days_without_a_completed_job_are_no_good_news(scene: Scene) -> None:
    run = await scene.reconcile()
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}")
    assert "No job was completed." in browser.said
    assert not browser.page.find_class("good-news")


async def test_figures_in_the_file_are_numbers(scene: Scene) -> None:
    run = await stored(scene, (Kind.DOUBLED, Place.JOB))
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}/jobs.csv")
    [row] = csv.DictReader(io.StringIO(browser.text))
    assert row["open_quantity"] == "-1", "a spreadsheet adds it up"


async def test_where_a_job_is_accounted_for_is_not_among_what_is_missing(scene: Scene) -> None:
    run = await stored(scene, (Kind.MISSING, Place.JOB))
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        [job] = await t.reconciliations.jobs(run, None, limit=1)
        well = replace(job.entries[0], connection="west", differences=())
        await t.reconciliations.store(run, [replace(job, entries=(*job.entries, well))])
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{PAGE}/{run}?kind=missing")
    rows = "//table[caption[contains(., 'what to do')]]/tbody/tr"
    assert len(browser.page.xpath(rows)) == 1
    assert len((await browser.open(f"{PAGE}/{run}?kind=all")).page.xpath(rows)) == 2


async def test_a_comparison_that_is_gone_or_one_too_many_is_told_in_the_words_of_the_page(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.SENDER)).open(f"{PAGE}/rec_old")
    assert "There is no such comparison of completed jobs." in browser.said
    for day in range(1, 5):
        await (await browser.open(PAGE)).press("Compare", **dict.fromkeys(("from", "to"), f"2026-02-0{day}"))
    assert (browser.status, "Other days are being compared." in browser.said) == (409, True)
