"""The first steps of a new tenant on Home: each with its button, ticked by facts alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from core.model.shared.errors import TenantMends, TimeMends
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, JOB, TENANT, UNMAPPED, Scene, api

HOME = "/t/cardinal"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A tenant with nothing but its sign-in."""
    async with api() as running:
        assert (await running.call("POST", "/v1/tenants", TENANT)).status == 201
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def done(browser: Browser) -> set[str]:
    """The titles of the steps that are ticked."""
    await browser.open(HOME)
    return {
        one.xpath("string(.//strong)")
        for one in browser.page.xpath("//ol[@class='steps']/li")
        if "Done" in one.xpath("string(.//*[contains(@class, 'state')])")
    }


async def test_nothing_is_praised_while_nothing_is_set_up(browser: Browser) -> None:
    assert "First steps: 1 of 6 done" in (await browser.open(HOME)).said
    assert "Everything that was sent is in Spectrum" not in browser.said
    assert not browser.page.xpath("//*[contains(@class, 'good-news')]")


async def test_an_operator_sees_that_a_tenant_is_not_set_up(scene: Scene) -> None:
    operator = await somebody(scene, Role.OPERATOR, "ops@example.com")
    assert "Not set up yet" in (await operator.open("/operator")).said


async def test_every_step_is_ticked_by_what_was_done(scene: Scene, browser: Browser) -> None:
    connections = f"/v1/tenants/{TENANT['slug']}/connections"
    assert await done(browser) == {"Sign in to ServiceTrade"}
    await browser.open(browser.link("Connect Spectrum"))
    assert browser.address == f"{HOME}/new-connection"
    assert (await scene.call("POST", connections, {**CONNECTION, "check": False})).status == 201
    assert await done(browser) == {"Sign in to ServiceTrade", "Connect Spectrum"}
    await scene.add_job(UNMAPPED)
    await browser.press(f"Test {CONNECTION['name']}")
    assert "Result of the test" in browser.said
    assert await done(browser) == {"Sign in to ServiceTrade", "Connect Spectrum", "Test the connection"}
    assert "Being counted." in browser.said
    counted = await browser.open(browser.page.xpath("string(//*[@id='first-steps']/@hx-get)"))
    assert "1 of 2 missing, counted" in counted.said
    assert not counted.page.xpath("//*[@hx-trigger]"), "the part that was counted does not count again"
    await browser.open(HOME)
    assert "1 of 2 missing, counted" in browser.said
    await browser.open(browser.link(f"Set codes of {CONNECTION['name']}"))
    assert browser.status == 200


async def test_a_job_that_was_sent_and_a_second_person_end_the_list(scene: Scene, browser: Browser) -> None:
    await scene.call("POST", f"/v1/tenants/{TENANT['slug']}/connections", CONNECTION)
    await scene.add_job(JOB)
    await scene.send()
    await scene.work()
    everything_else = {
        "Sign in to ServiceTrade",
        "Connect Spectrum",
        "Test the connection",
        "Set customer and site codes",
        "Send a first job",
    }
    assert await done(browser) == everything_else
    await browser.open(browser.link("Invite people"))
    await somebody(scene, Role.VIEWER, "vic@example.com")
    assert "First steps" not in (await browser.open(HOME)).said
    assert "Nothing needs attention." in browser.said


async def test_a_refused_sign_in_takes_its_tick_away_and_an_unreachable_servicetrade_does_not(
    scene: Scene, browser: Browser
) -> None:
    settings = f"{HOME}/settings"
    scene.service_trade.fail_next(TimeMends("ServiceTrade did not answer."), call="check")
    assert "ServiceTrade did not answer." in (await (await browser.open(settings)).press("Test the sign-in")).said
    assert await done(browser) == {"Sign in to ServiceTrade"}
    scene.service_trade.fail_next(
        TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED"), call="check"
    )
    await (await browser.open(settings)).press("Test the sign-in")
    assert await done(browser) == set()
    await browser.open(browser.link("Test the sign-in"))
    await browser.press("Test the sign-in")
    assert await done(browser) == {"Sign in to ServiceTrade"}


async def test_codes_that_cannot_be_counted_leave_the_last_count(scene: Scene, browser: Browser) -> None:
    await scene.call("POST", f"/v1/tenants/{TENANT['slug']}/connections", CONNECTION)
    await scene.add_job(UNMAPPED)
    scene.service_trade.fail_next(TimeMends("ServiceTrade did not answer."), call="upcoming_jobs")
    part = await browser.open(f"{HOME}/first-steps")
    assert (part.status, "Not counted yet." in part.said) == (200, True)
    assert "1 of 2 missing" in (await browser.open(f"{HOME}/first-steps")).said


async def test_an_administrator_hides_the_list_and_shows_it_again(scene: Scene, browser: Browser) -> None:
    await (await browser.open(HOME)).press("Hide this list")
    assert "First steps" not in browser.said
    assert "First steps hidden" in (await browser.open(f"{HOME}/audit")).said
    viewer = await somebody(scene, Role.VIEWER, "vic@example.com")
    assert "First steps" not in (await viewer.open(HOME)).said
    await (await browser.open(f"{HOME}/settings")).press("Show the first steps on Home again")
    assert "First steps" in browser.said


async def test_who_may_not_do_a_step_sees_no_button_for_it(scene: Scene) -> None:
    viewer = await somebody(scene, Role.VIEWER, "vic@example.com")
    await viewer.open(HOME)
    assert "An administrator can do this." in viewer.said
    assert not viewer.page.xpath("//*[@id='first-steps']//button | //*[@id='first-steps']//a")


async def test_once_jobs_are_sent_the_list_stands_below_what_needs_attention(scene: Scene, browser: Browser) -> None:
    await scene.furnish_connection()
    await browser.open(HOME)
    assert browser.said.index("First steps:") < browser.said.index("The last 14 days")
    await scene.send(UNMAPPED)
    await scene.work()
    await browser.open(HOME)
    assert browser.said.index("needs attention") < browser.said.index("The last 14 days")
    assert browser.said.index("The last 14 days") < browser.said.index("First steps:")
