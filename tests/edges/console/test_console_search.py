"""The search in the head of every page: numbers, ids, addresses and customers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.access.person import Role
from core.model.sending.send import Send
from core.model.shared.errors import TimeMends
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import UNMAPPED, Scene, api

HOME = "/t/cardinal"
JOB = "2412087334600705"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await running.send()
        await running.work()
        yield running


def the_send(scene: Scene) -> Send:
    return next(iter(scene.transactions.rows.sends.values()))


async def seek(browser: Browser, text: str) -> Browser:
    return await browser.press("Search", q=text)


async def test_one_exact_hit_opens_at_once(scene: Scene) -> None:
    browser = await somebody(scene, Role.VIEWER)
    send = the_send(scene)
    for typed, page in (
        ("104482", f"{HOME}/jobs/{JOB}"),
        (" 104482 ", f"{HOME}/jobs/{JOB}"),
        (JOB, f"{HOME}/jobs/{JOB}"),
        ("T104482", f"{HOME}/sends/{send.id}"),
        ("t104482", f"{HOME}/sends/{send.id}"),
        (send.id, f"{HOME}/sends/{send.id}"),
        (f"https://app.servicetrade.com/job/{JOB}", f"{HOME}/jobs/{JOB}"),
        (f"app.servicetrade.com/jobs/{JOB}?tab=items#top", f"{HOME}/jobs/{JOB}"),
        ("2412087334600999", f"{HOME}/jobs/2412087334600999"),
    ):
        await seek(await browser.open(f"{HOME}/sends"), typed)
        assert browser.address == page, typed


async def test_a_job_that_was_never_sent_is_found_by_its_number_in_servicetrade(scene: Scene) -> None:
    await scene.add_job(replace(UNMAPPED, number="777001"))
    browser = await seek(await (await somebody(scene)).open(HOME), "777001")
    assert browser.address == f"{HOME}/jobs/{UNMAPPED.id}"


async def test_a_part_of_a_customer_leads_to_its_sends_and_several_are_listed(scene: Scene) -> None:
    browser = await somebody(scene)
    await seek(await browser.open(HOME), "harborview")
    assert browser.address == f"{HOME}/sends?text=Harborview Foods"
    assert "104482" in browser.said
    assert UNMAPPED.customer
    other = replace(UNMAPPED, customer=replace(UNMAPPED.customer, name="Harborview <b>Pier"), number="T104482")
    await scene.add_job(other)
    await scene.send(other)
    await scene.work()
    await seek(await browser.open(HOME), "harborview")
    assert browser.link("Sends of Harborview Foods").endswith("/sends?text=Harborview%20Foods")
    assert browser.link("Sends of Harborview <b>Pier")
    await seek(await browser.open(HOME), "T104482")
    assert "Jobs" in browser.said
    assert "Work orders" in browser.said
    assert browser.link("Job T104482") == f"{HOME}/jobs/{other.id}"


async def test_nothing_found_says_so_and_how_to_go_on(scene: Scene) -> None:
    browser = await somebody(scene)
    for typed in ("999999", "nobody at all", "snd_01J000", "%", "<b>", "x" * 290):
        await seek(await browser.open(HOME), typed)
        assert (browser.status, "Nothing found for" in browser.said) == (404, True), typed
        assert browser.link("All sends") == f"{HOME}/sends"
    assert (await browser.open(f"{HOME}/find")).status == 200
    assert "Type a job number" in browser.said


async def test_servicetrade_that_cannot_be_asked_is_said(scene: Scene) -> None:
    scene.service_trade.fail_next(TimeMends("ServiceTrade does not answer."), call="find_job_ids")
    browser = await seek(await (await somebody(scene)).open(HOME), "888888")
    assert browser.status == 404
    assert "ServiceTrade could not be asked" in browser.said


async def test_every_page_of_a_person_has_the_search(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for page in ("", "/sends", "/doubts", "/connections", "/mappings", "/audit", "/people", "/keys", f"/jobs/{JOB}"):
        await browser.open(HOME + page)
        assert browser.page.xpath("//header//form[@role='search']/@action") == [f"{HOME}/find"], page
    await browser.open("/password")
    assert (await seek(browser, "104482")).address == f"{HOME}/jobs/{JOB}"


async def test_nobody_finds_what_another_tenant_has(scene: Scene) -> None:
    send = the_send(scene)
    scene.transactions.rows.sends[send.id] = replace(send, tenant_id="ten_other")
    browser = await somebody(scene)
    for typed in (send.id, "T104482", "harborview"):
        assert (await seek(await browser.open(HOME), typed)).status == 404, typed
