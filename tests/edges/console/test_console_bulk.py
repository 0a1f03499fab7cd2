"""Many sends at once from their list: what is ticked or all that match, retried or sent again, and how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.access.person import Role
from core.model.planning.job import JobSnapshot
from core.model.sending.send import SendState
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, UNMAPPED, Scene, api

HOME = "/t/cardinal"
SENDS = f"{HOME}/sends"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Three failed sends of one cause and one that stands."""
    async with api() as running:
        await running.furnish()
        await running.send()
        for job in unmapped():
            await running.add_job(job)
            await running.send(job)
        await running.work()
        yield running


def unmapped() -> list[JobSnapshot]:
    return [replace(UNMAPPED, id=f"24120873346010{number}", number=f"13000{number}") for number in range(3)]


async def mend(scene: Scene, *jobs: JobSnapshot) -> None:
    for job in jobs:
        assert job.location
        await scene.add_job(replace(job, location=replace(job.location, external_id="COLD1")))


def ticks(browser: Browser, *numbers: str) -> dict[str, str]:
    boxes = {
        box.get("aria-label").split(",")[0].removeprefix("Job "): box.get("name")
        for box in browser.page.xpath("//input[@type='checkbox']")
    }
    return {boxes[number]: "on" for number in numbers}


def states(scene: Scene) -> list[SendState]:
    return [send.state for send in sorted(scene.transactions.rows.sends.values(), key=lambda send: send.seq)]


async def test_what_is_ticked_goes_again_and_is_followed(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(SENDS)
    await mend(scene, *unmapped())
    await browser.press("Try again", **ticks(browser, "130000", "130002", "104482"))
    progress = browser.address
    assert progress.startswith(f"{HOME}/batches/bat_")
    assert "0 of 2 jobs processed" in browser.said, "one that stands is not sent again by this button"
    [bar] = browser.page.iter("progress")
    assert (bar.get("value"), bar.get("max")) == ("0", "2")
    assert "1 of the chosen sends was left out" in browser.said
    alone = progress.removesuffix("?left_out=1")
    assert f"url={alone}?again=1&amp;left_out=1" in browser.text, "without a script the page comes anew by itself"
    await scene.work()
    await browser.open(progress)
    assert "2 jobs processed" in browser.said
    assert "attention" not in browser.said
    assert "again=1" not in browser.text
    assert states(scene) == [SendState.SENT, SendState.SENT, SendState.NEEDS_ATTENTION, SendState.SENT]
    await browser.open(browser.link("These sends"))
    assert "130000" in browser.said
    assert "130001" not in browser.said
    await browser.press("Show", state="cancelled")
    assert "batch=bat_" in browser.address, "the filters add up"
    assert "No send matches these filters." in browser.said


async def test_what_fails_again_leads_to_its_cause(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(SENDS)
    await mend(scene, *unmapped()[:2])
    await browser.press("Try again", **ticks(browser, "130000", "130001", "130002"))
    await scene.work()
    await browser.open(browser.address)
    assert "3 jobs processed" in browser.said
    assert "1 of them needs attention" in browser.said
    await browser.open(browser.link("see why, and how to fix it"))
    assert "MAP_SITE_MISSING" in browser.said


async def test_all_that_match_are_more_than_the_page_shows(scene: Scene) -> None:
    jobs = [replace(UNMAPPED, id=f"2412087334602{number:03}", number=f"14{number:04}") for number in range(60)]
    for job in jobs:
        await scene.add_job(job)
        await scene.send(job)
    await scene.work()
    await mend(scene, *jobs, *unmapped())
    browser = await (await somebody(scene)).open(f"{SENDS}?state=needs_attention&connection=main")
    await browser.press("Try again", which="all")
    assert "Try 63 sends again?" in browser.said
    assert states(scene).count(SendState.NEEDS_ATTENTION) == 63, "nothing happens before it is confirmed"
    await browser.press("Try 63 sends again")
    assert "0 of 63 jobs processed" in browser.said
    await scene.work()
    assert "63 jobs processed" in (await browser.open(browser.address)).said
    assert set(states(scene)) == {SendState.SENT}


async def test_filters_bound_what_all_means(scene: Scene) -> None:
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", west)).status == 201
    browser = await (await somebody(scene)).open(f"{SENDS}?state=sent")
    none = await browser.press("Try again", which="all")
    assert "Nothing to try again" in none.said
    assert none.link("Back to the list") == f"{SENDS}?state=sent"
    await browser.open(f"{SENDS}?connection=west")
    assert "No send matches these filters." in browser.said
    await mend(scene, *unmapped())
    await scene.send(unmapped()[0], connection="west")
    await scene.work()
    await (await browser.open(f"{SENDS}?connection=west")).press("Try again", which="all")
    await browser.press("Try 1 send again")
    assert "0 of 1 job processed" in browser.said


async def test_jobs_are_sent_anew_one_connection_at_a_time(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(f"{SENDS}?state=sent")
    page = browser.text
    await browser.press("Send again without items", **ticks(browser, "104482"))
    first = browser.address
    assert "0 of 1 job processed" in browser.said
    browser.text = page
    await browser.press("Send again without items", **ticks(browser, "104482"))
    assert browser.address == first, "pressed twice, sent once"
    await scene.work()
    assert len(scene.spectrum.calls) == 2
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", west)).status == 201
    await scene.send(connection="west")
    await browser.open(SENDS)
    several = await browser.press("Send again without items", which="all")
    assert (several.status, "go to several connections" in several.said) == (409, True)
    assert "choose one connection above the list" in several.said


async def test_nothing_ticked_or_nothing_to_retry_is_said(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(SENDS)
    none = await browser.press("Try again")
    assert (none.status, "No send is ticked." in none.said) == (422, True)
    await browser.open(SENDS)
    stands = await browser.press("Try again", **ticks(browser, "104482"))
    assert (stands.status, "None of these sends can be retried" in stands.said) == (409, True)
    assert (await browser.open(f"{HOME}/batches/bat_none")).status == 404
    viewer = await (await somebody(scene, Role.VIEWER, "vic@example.com")).open(SENDS)
    assert "Many at once" not in viewer.said


async def test_all_on_the_page_are_ticked_by_a_link(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(f"{SENDS}?state=needs_attention")
    await browser.open(browser.link("Tick all on this page"))
    assert [box.get("checked") for box in browser.page.xpath("//input[@type='checkbox']")] == ["checked"] * 3
    assert "state=needs_attention" in browser.address
    await mend(scene, *unmapped())
    await browser.press("Try again")
    assert "0 of 3 jobs processed" in browser.said


async def test_waiting_sends_are_cancelled_and_the_others_are_left_out_and_said(scene: Scene) -> None:
    await scene.send(await another(scene, 1))
    await scene.send(await another(scene, 2))
    browser = await (await somebody(scene)).open(SENDS)
    boxes = [box.get("name") for box in browser.page.xpath("//input[@type='checkbox']")]
    await browser.press("Cancel sends", **dict.fromkeys(boxes, "on"))
    assert "2 jobs processed" in browser.said
    assert "4 of the chosen sends were left out" in browser.said
    assert states(scene)[-2:] == [SendState.CANCELLED] * 2
    assert states(scene).count(SendState.NEEDS_ATTENTION) == 3
    await browser.open(SENDS)
    nothing = await browser.press("Cancel sends", which="all")
    assert "Nothing to cancel" in nothing.said


async def test_what_was_confirmed_is_done_whatever_has_come_since(scene: Scene) -> None:
    first, second = await another(scene, 1), await another(scene, 2)
    await scene.send(first)
    browser = await (await somebody(scene)).open(SENDS)
    await browser.press("Cancel sends", which="all")
    assert "Cancel 1 send?" in browser.said
    await scene.send(second)
    await browser.press("Cancel 1 send")
    assert states(scene)[-2:] == [SendState.CANCELLED, SendState.QUEUED]


async def test_a_filter_that_cannot_be_read_changes_nothing(scene: Scene) -> None:
    """A connection may be removed while the list is open: then its sends must not become all sends."""
    browser = await (await somebody(scene)).open(f"{SENDS}?state=needs_attention")
    page = browser.text
    for wrong, said in (
        ("connection=gone", "There is no connection gone."),
        ("state=odd", "There is no state odd."),
        ("from=2026-02-31", "2026-02-31 is not a day."),
        ("from=2026-03-02&to=2026-03-01", "The first day is after the last one."),
    ):
        await browser.open(f"{SENDS}?{wrong}")
        assert said in browser.said
        assert "130000" not in browser.said
        name, _, value = wrong.partition("&")[0].partition("=")
        browser.text = page.replace('name="which" value="ticked"', f'name="which" value="ticked"><input name="{name}"')
        refused = await browser.press("Try again", which="all", **{name: value})
        assert refused.status == (422 if "&" not in wrong else 200)
    assert states(scene).count(SendState.NEEDS_ATTENTION) == 3


async def another(scene: Scene, number: int) -> JobSnapshot:
    job = replace(UNMAPPED, id=f"241208733460200{number}", number=f"15000{number}")
    await scene.add_job(job)
    await mend(scene, job)
    return job
