"""Home: what waits for a person comes first, counted by job; connections that do not work; and the last days."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.access.person import Role
from core.model.catalogue import CATALOGUE, finding
from core.model.connections.connection import Connection, Hold
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.sending.send import DashboardWarning, SendState, Topic
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, JOB, UNMAPPED, Scene, api

HOME = "/t/cardinal"
WARNINGS = "/v1/tenants/cardinal/warnings"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def connection_of(scene: Scene) -> Connection:
    return next(iter(scene.transactions.rows.connections.values())).connection


def causes(browser: Browser) -> list[str]:
    """The rows, as a person reads them."""
    return [" ".join(row.text_content().split()) for row in browser.page.xpath("//li[contains(@class, 'cause')]")]


async def warn(scene: Scene, *warnings: tuple[str, str, Topic]) -> None:
    """Put open warnings of these codes, jobs and topics."""
    row = connection_of(scene)
    async with scene.transactions.begin(row.tenant_id) as t:
        for number, (code, job_id, topic) in enumerate(warnings):
            await t.warnings.put(
                DashboardWarning(
                    id=f"wrn_{number}",
                    tenant_id=row.tenant_id,
                    connection_id=row.id,
                    job_id=job_id,
                    send_id="",
                    finding=finding(code, f"It is {code}."),
                    raised_at=scene.clock.now(),
                    topic=topic,
                )
            )


async def test_many_failures_of_one_cause_are_one_row_and_go_again_at_once(scene: Scene) -> None:
    browser = await somebody(scene)
    assert UNMAPPED.location
    jobs = [replace(UNMAPPED, id=f"24120873346010{number}", number=f"13000{number}") for number in range(4)]
    for job in jobs:
        await scene.add_job(job)
        await scene.send(job)
        await scene.work()
        scene.clock.advance(60)
    await browser.open(HOME)
    [row] = causes(browser)
    assert row.startswith("Location not linked to Spectrum 4 jobs · oldest today 09:00 UTC · ")
    assert browser.page.xpath("string(//title)") == "(4) Cardinal Fire Protection · Jobferry"
    for job in jobs[:3]:
        await scene.add_job(replace(job, location=replace(UNMAPPED.location, external_id="COLD1")))
    await browser.press("Send all 4 again")
    assert "0 of 4 jobs processed" in browser.said
    await scene.work()
    await browser.open(HOME)
    [row] = causes(browser)
    assert "1 job · oldest" in row
    assert "Job 130003" in row


async def test_a_job_with_several_failed_sends_is_one_job_everywhere(scene: Scene) -> None:
    await scene.send(UNMAPPED)
    await scene.work()
    first = next(iter(scene.transactions.rows.sends.values()))
    async with scene.transactions.begin(first.tenant_id) as t:
        for number in (1, 2):
            await t.sends.add(replace(first, id=f"snd_more_{number}"))
    browser = await (await somebody(scene)).open(HOME)
    assert "1 job needs attention." in browser.said
    assert len(browser.page.xpath("//li[contains(@class, 'cause')]//a[.='Job 104483']")) == 1
    await browser.press("Send it again")
    assert "0 of 1 job" in browser.said, "not its older sends, which could post the same items once more"
    assert [send.state for send in scene.transactions.rows.sends.values()].count(SendState.QUEUED) == 1


async def test_a_job_that_failed_on_two_connections_goes_again_on_both(scene: Scene) -> None:
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west", "company_code": "102"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", west)).status == 201
    tenant, customer = await scene.use_cases.find_tenant("cardinal"), UNMAPPED.customer
    assert customer
    code = AliasEntry(AliasKind.CUSTOMER, customer.id, customer.name, "HV0002")
    await scene.use_cases.aliases.set(tenant.id, "west", [code], by="ann")
    for slug in ("main", "west"):
        await scene.send(UNMAPPED, connection=slug)
    await scene.work()
    browser = await (await somebody(scene)).open(HOME)
    assert "1 job needs attention." in browser.said
    await browser.press("Send it again")
    sends = scene.transactions.rows.sends.values()
    assert len({send.connection_id for send in sends if send.state is SendState.QUEUED}) == 2


async def test_a_send_that_used_up_its_tries_is_not_said_to_be_tried_again(scene: Scene) -> None:
    """Its cause is one that passes by itself, but only what is due is tried again."""
    locked = finding("RECORD_LOCKED", "Somebody has it open.")
    await scene.send(UNMAPPED)
    await scene.work()
    first = next(iter(scene.transactions.rows.sends.values()))
    async with scene.transactions.begin(first.tenant_id) as t:
        await t.sends.add(replace(first, id="snd_up", findings=(locked,), job_id="8", due_at=None))
        soon = scene.clock.now() + timedelta(minutes=5)
        again = replace(first, id="snd_again", job_id="9", state=SendState.RETRYING, findings=(locked,), due_at=soon)
        await t.sends.add(again)
    browser = await (await somebody(scene)).open(HOME)
    assert "2 jobs need attention." in browser.said
    said = causes(browser)
    assert ["tries again by itself" in row for row in said] == [False, False, True], "what a person has to do is first"
    assert "1 job" in said[2]
    assert "next in 5 minutes" in said[2]
    async with scene.transactions.begin(first.tenant_id) as t:
        await t.connections.set_paused(first.connection_id, True)
    await browser.open(HOME)
    assert "tries again by itself" not in browser.said, "a paused connection tries nothing"
    assert (await browser.open(f"{HOME}/causes/RECORD_LOCKED")).status == 200
    assert "These wait until their connection or account is resumed." in browser.said


async def test_one_row_goes_again_and_the_other_of_the_same_cause_stays(scene: Scene) -> None:
    await scene.send(UNMAPPED)
    await scene.work()
    first = next(iter(scene.transactions.rows.sends.values()))
    later = scene.clock.now() + timedelta(hours=1)
    async with scene.transactions.begin(first.tenant_id) as t:
        for number in (1, 2):
            again = replace(first, id=f"snd_{number}", job_id=f"9{number}", state=SendState.RETRYING, due_at=later)
            await t.sends.add(again)
    browser = await (await somebody(scene)).open(HOME)
    text = browser.text
    browser.text = text.replace('value="retrying"', 'value="anything"')
    wrong = await browser.press("Send all 2 again")
    assert (wrong.status, "No button was pressed." in wrong.said) == (422, True)
    browser.text = text
    await browser.press("Send all 2 again")
    due = {send.id: send.due_at for send in scene.transactions.rows.sends.values()}
    assert due == {first.id: None, "snd_1": scene.clock.now(), "snd_2": scene.clock.now()}


async def test_held_connections_come_first_with_what_waits_for_them(scene: Scene) -> None:
    row = connection_of(scene)
    refused = finding("AUTH_NOT_AUTHORIZED", "Spectrum does not know this Authorization ID.")
    async with scene.transactions.begin(row.tenant_id) as t:
        await t.connections.set_hold(row.id, Hold(refused, scene.clock.now(), None))
    await scene.send()
    await scene.send(UNMAPPED)
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(HOME)
    assert "1 connection is held." in browser.said
    assert browser.page.xpath("string(//title)").startswith("(1) ")
    card = " ".join(browser.page.xpath("//li[contains(@class, 'held')]")[0].text_content().split())
    assert card.startswith("Spectrum !Held Spectrum does not know this Authorization ID.")
    assert "2 jobs wait for it." in card
    await browser.press("Resume Spectrum")
    assert "held" not in (await browser.open(HOME)).said
    viewer = await somebody(scene, Role.VIEWER, "vic@example.com")
    async with scene.transactions.begin(row.tenant_id) as t:
        await t.connections.set_hold(row.id, Hold(refused, scene.clock.now(), None))
    await viewer.open(HOME)
    assert "An administrator can resume it." in viewer.said


async def test_the_chart_counts_jobs_by_day_and_by_what_became_of_them(scene: Scene) -> None:
    await scene.send()
    await scene.send(UNMAPPED)
    await scene.work()
    scene.clock.advance(24 * 3600)
    browser = await (await somebody(scene)).open(HOME)
    table = [
        " ".join(cell.text_content() for cell in row) for row in browser.page.xpath("//details[@id='days-table']//tr")
    ]
    assert table[:4] == [
        "Day Sent Failed To check in Spectrum",
        "3 Mar 2026 0 0 0",
        "2 Mar 2026 1 1 0",
        "1 Mar 2026 0 0 0",
    ]
    assert len(table) == 15
    assert "2 Mar 2026: 1 sent, 1 failed, 0 to check in Spectrum" in browser.said
    scene.clock.advance(14 * 24 * 3600)
    browser = await (await somebody(scene, email="eve@example.com")).open(HOME)
    assert "No job was sent in these days. Earlier sends" in browser.said


async def test_nothing_is_praised_before_anything_was_sent(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(HOME)
    assert "Nothing needs attention. Nothing was sent yet." in browser.said
    assert "good-news" not in browser.text


async def test_a_cause_has_a_page_with_all_that_it_stops(scene: Scene) -> None:
    assert UNMAPPED.location
    jobs = [replace(UNMAPPED, id=f"24120873346010{number}", number=f"13000{number}") for number in range(7)]
    for job in jobs:
        await scene.add_job(job)
        await scene.send(job)
    await scene.work()
    browser = await (await somebody(scene)).open(HOME)
    assert "Job 130000" not in causes(browser)[0]
    await browser.open(browser.link("and 2 more"))
    assert "Job 130000" in browser.said
    await browser.press("Send all 7 again")
    assert "0 of 7 jobs processed" in browser.said
    gone = await browser.open(f"{HOME}/causes/RECORD_LOCKED")
    assert (gone.status, "Nothing with this cause is open any more." in gone.said) == (404, True)


async def test_what_belongs_to_no_send_is_a_row_with_nothing_to_send_again(scene: Scene) -> None:
    await warn(
        scene,
        ("COMPLETIONS_UNREADABLE", JOB.id, Topic.POLL),
        ("COMPLETIONS_STOPPED", "", Topic.POLL),
        ("SECRET_ENDS_SOON", "", Topic.SECRET),
    )
    browser = await (await somebody(scene)).open(HOME)
    assert "3 other things need attention." in browser.said
    assert browser.link(f"Job {JOB.id}") == f"https://app.servicetrade.com/job/{JOB.id}"
    said = " ".join(causes(browser))
    assert f"Job {JOB.id} for Spectrum: It is COMPLETIONS_UNREADABLE." in said
    assert "Spectrum: It is COMPLETIONS_STOPPED." in said
    assert "Spectrum: It is SECRET_ENDS_SOON." in said
    assert not browser.page.xpath("//li[contains(@class, 'cause')]//button"), "there is nothing to send again"
    listed = (await scene.call("GET", WARNINGS)).body["items"]
    assert len(listed) == 3
    for one in listed:
        assert (await scene.call("POST", f"{WARNINGS}/{one['id']}/dismiss")).status == 204
    assert causes(await browser.open(HOME)) == []


async def test_a_dismissed_warning_does_not_hide_a_failed_send(scene: Scene) -> None:
    await scene.send(UNMAPPED)
    await scene.work()
    [warning] = (await scene.call("GET", WARNINGS)).body["items"]
    assert (await scene.call("POST", f"{WARNINGS}/{warning['id']}/dismiss")).status == 204
    browser = await (await somebody(scene)).open(HOME)
    assert "1 job needs attention." in browser.said


async def test_a_first_visit_is_light(scene: Scene) -> None:
    """Page, style sheet, scripts and icon of Home with twenty causes, each compressed as proxies and we send it."""
    assert UNMAPPED.location
    await scene.send(UNMAPPED)
    await scene.work()
    first = next(iter(scene.transactions.rows.sends.values()))
    async with scene.transactions.begin(first.tenant_id) as t:
        for number, code in enumerate(list(CATALOGUE)[:20]):
            failed = (finding(code, f"What happened with {code} is told in a sentence of usual length."),)
            for job in range(10):
                await t.sends.add(replace(first, id=f"snd_{number}_{job}", job_id=f"{number}{job}", findings=failed))
    browser = await (await somebody(scene)).open(HOME)
    assert len(causes(browser)) >= 20
    linked = browser.page.xpath("//link/@href | //script/@src")
    weights = {HOME: len(gzip.compress(browser.text.encode()))}
    for address in linked:
        async with scene.http.get(scene.url + address, headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as a:
            assert (a.status, a.headers.get("Content-Encoding")) == (200, "gzip"), address
            weights[address] = len(await a.read())
    assert sum(weights.values()) < 60_000, weights
    print(weights, sum(weights.values()))
