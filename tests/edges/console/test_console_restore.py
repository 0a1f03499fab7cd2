"""A restored backup in the console: it is said where people look first, and ended by whoever has looked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/connections/main"
LOOK = "Compare the jobs completed since"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def held(scene: Scene) -> Scene:
    """A job was completed, and two lines are missing in the database."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    [connection_id] = scene.transactions.rows.connections
    scene.intent_mark.note(connection_id, 2)
    await scene.compare_intents()
    return scene


async def items_held(scene: Scene) -> bool:
    return (await scene.call("GET", f"/v1{PAGE.replace('/t/', '/tenants/')}")).body["items_hold"] is not None


async def test_nothing_is_said_while_nothing_is_held(scene: Scene) -> None:
    browser = await somebody(scene)
    for address in (HOME, PAGE):
        assert LOOK not in (await browser.open(address)).said
    assert "Nothing is held here" in (await browser.open(f"{PAGE}/restore")).said
    assert browser.page.xpath("//form[contains(@action, 'acknowledge')]") == []


async def test_the_first_page_and_the_connections_page_say_what_to_do(held: Scene) -> None:
    browser = await somebody(held)
    said = (await browser.open(HOME)).said
    assert "Spectrum !No items The database lacks a part of what was sent: 2 calls" in said
    assert "1 connection is held" in said
    assert (await browser.open(browser.link(LOOK))).address == f"{PAGE}/restore"
    said = (await browser.open(PAGE)).said
    assert "Only work orders are sent." in said
    assert "Confirm the check" in said
    assert "jobferry" not in said, "pages name no commands"
    assert "DATABASE_RESTORED" in said
    assert (await browser.open(browser.link(LOOK))).status == 200
    assert "No items" in (await browser.open(f"{HOME}/connections")).said


async def test_it_needs_attention_even_when_its_warning_was_put_aside(held: Scene) -> None:
    warnings = (await held.call("GET", "/v1/tenants/cardinal/warnings")).body["items"]
    for one in warnings:
        assert (await held.call("POST", f"/v1/tenants/cardinal/warnings/{one['id']}/dismiss")).status == 204
    browser = await somebody(held)
    assert "1 connection is held" in (await browser.open(HOME)).said
    assert browser.link(LOOK)


async def test_whoever_has_looked_lets_items_go_again(held: Scene) -> None:
    browser = await somebody(held, Role.ADMINISTRATOR)
    await browser.open(f"{PAGE}/restore")
    assert JOB.id in browser.said
    assert "Compare the costs, tasks, documents and notes of each work order in Spectrum, company 101" in browser.said
    early = await browser.press("Add to Spectrum again", reason="Compared with the costs.")
    assert (early.status, "It is too early to say what is in Spectrum" in early.said) == (409, True)
    held.clock.advance(15 * 60)
    await browser.open(f"{PAGE}/restore")
    empty = await browser.press("Add to Spectrum again", reason=" ")
    assert (empty.status, await items_held(held)) == (422, True)
    await browser.open(f"{PAGE}/restore")
    await browser.press("Add to Spectrum again", reason="Compared with the costs.")
    assert browser.address == f"{PAGE}?done=acknowledged"
    assert "Jobferry adds to Spectrum again." in browser.said
    assert not await items_held(held)
    assert LOOK not in (await browser.open(HOME)).said
    assert "A restored backup was acknowledged on" in (await browser.open(f"{PAGE}/restore")).said
    assert "ann@example.com" in (await browser.open(f"{HOME}/audit")).said


async def test_a_role_that_settles_nothing_looks_only(held: Scene) -> None:
    browser: Browser = await somebody(held, Role.VIEWER)
    said = (await browser.open(f"{PAGE}/restore")).said
    assert JOB.id in said
    assert "Viewers cannot do this. Ask an administrator." in said
    assert browser.page.xpath("//form[contains(@action, 'acknowledge')]") == []


async def test_another_person_was_faster(held: Scene) -> None:
    browser = await somebody(held, Role.ADMINISTRATOR)
    held.clock.advance(15 * 60)
    await browser.open(f"{PAGE}/restore")
    acknowledge = f"/v1{PAGE.replace('/t/', '/tenants/')}/restore/acknowledge"
    assert (await held.call("POST", acknowledge, {"reason": "Compared."})).status == 200
    late = await browser.press("Add to Spectrum again", reason="Compared.")
    assert late.status == 409
    assert "is not held for a restored backup" in late.said
