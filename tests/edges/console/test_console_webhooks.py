"""Webhook endpoints in the console: added with the secret shown once, tried, paused, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/webhooks"
URL = "https://hooks.example.com/jobferry?key=theirs"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def added(browser: Browser) -> str:
    """The address of the page of a new endpoint."""
    await browser.open(HOME)
    await browser.open(browser.link("Settings"))
    await browser.open(browser.link("Webhooks"))
    await browser.press("Add the endpoint", url=URL, description="Billing")
    await browser.open(PAGE)
    return browser.link("Billing")


async def test_the_secret_is_shown_once(browser: Browser) -> None:
    await browser.open(PAGE)
    assert "No program receives events yet." in browser.said
    made = await browser.press("Add the endpoint", url=URL, description="Billing")
    secret = made.page.xpath("string(//input[@id='secret']/@value)")
    assert secret.startswith("whsec_")
    page = (await browser.open(PAGE)).link("Billing")
    assert secret not in browser.text + (await browser.open(page)).text
    renewed = await browser.press("Make a new secret")
    assert renewed.page.xpath("string(//input[@id='secret']/@value)") not in ("", secret)
    assert "the old secret signs too" in renewed.said
    audit = (await browser.open(f"{HOME}/audit")).said
    assert "Webhook endpoint added" in audit
    assert "ann@example.com" in audit
    assert "theirs" not in audit


async def test_a_wrong_address_is_marked_and_what_was_typed_stays(scene: Scene, browser: Browser) -> None:
    await browser.open(PAGE)
    refused = await browser.press("Add the endpoint", url="hooks.example.com", description="Billing")
    assert refused.status == 422
    assert refused.page.xpath("//input[@name='url']/@aria-invalid") == ["true"]
    assert refused.page.xpath("//input[@name='description']/@value") == ["Billing"]
    scene.webhook_sender.refused.add("https://inside.example.com/")
    refused = await browser.press("Add the endpoint", url="https://inside.example.com/")
    assert "Events cannot be posted to this address." in refused.said


async def test_a_test_event_arrives_or_says_why_not(scene: Scene, browser: Browser) -> None:
    page = await added(browser)
    await (await browser.open(page)).press("Send a test event")
    assert "The test event arrived." in browser.said
    assert "Delivered" in browser.said
    scene.webhook_sender.answers = [503]
    await browser.press("Send a test event")
    assert "The test event did not arrive." in browser.said
    assert "HTTP 503" in browser.said
    seen = len(scene.webhook_sender.received)
    await browser.open(browser.address)
    assert len(scene.webhook_sender.received) == seen, "loading the page again sends no event"


async def test_it_is_changed_and_paused_and_resumed(scene: Scene, browser: Browser) -> None:
    page = await added(browser)
    boxes = (await browser.open(page)).page.xpath("//input[starts-with(@name, 'event.')]")
    assert [("checked" in one.attrib) for one in boxes] == [True] * 4
    browser.text = browser.text.replace('name="event.send.succeeded" value="on" checked', 'name="x" value="on"')
    await browser.press("Save", description="Dispatch")
    assert "Dispatch" in browser.said
    assert "A send needs attention, An item must be checked in Spectrum, A connection is held" in browser.said
    await browser.press("Pause")
    assert "Paused. Events wait." in browser.said
    await browser.press("Resume")
    assert "Resumed." in browser.said
    refused = await browser.press("Save", url="nonsense")
    assert (refused.status, "Nothing was changed." in refused.said) == (422, True)


async def test_it_is_removed_only_with_a_confirmation(scene: Scene, browser: Browser) -> None:
    page = await added(browser)
    unsure = await (await browser.open(page)).press("Remove it for good")
    assert (unsure.status, "Nothing was removed." in unsure.said or "Nothing was changed." in unsure.said) == (
        422,
        True,
    )
    await (await browser.open(page)).press("Remove it for good", sure="on")
    assert "The endpoint is removed." in browser.said
    assert (await browser.open(page)).status == 404


async def test_deliveries_are_shown_a_page_at_a_time(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.account.webhooks.SHOWN", 2)
    page = await added(browser)
    for _ in range(3):
        await (await browser.open(page)).press("Send a test event")
    assert len(browser.page.xpath("//tbody/tr")) == 2
    await browser.open(browser.link("Older ones"))
    assert len(browser.page.xpath("//tbody/tr")) == 1


async def test_who_may_only_look_sees_no_secret_of_the_receiver(scene: Scene, browser: Browser) -> None:
    page = await added(browser)
    viewer = await somebody(scene, Role.VIEWER, "vic@example.com")
    for address in (PAGE, page):
        await viewer.open(address)
        assert viewer.status == 200
        assert "hooks.example.com/jobferry" in viewer.text
        assert "theirs" not in viewer.text
        assert not viewer.page.xpath("//main//form")
    assert "theirs" in (await browser.open(page)).text


async def delivered(scene: Scene, browser: Browser) -> str:
    """The page of an endpoint that got one event."""
    page = await added(browser)
    await scene.send()
    await scene.work()
    await deliver(scene, page)
    return page


async def deliver(scene: Scene, page: str) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.deliver(tenant.id, page.rpartition("/")[2])


async def test_one_event_is_posted_again(scene: Scene, browser: Browser) -> None:
    page = await delivered(scene, browser)
    await browser.open(page)
    assert "posted again within moments" in (await browser.press("Post again")).said
    await deliver(scene, page)
    assert [post.headers.get("jobferry-redelivered") for post in scene.webhook_sender.received] == [None, "true"]
    assert "again since" in (await browser.open(page)).said
    assert "Webhook endpoint redelivered" in (await browser.open(f"{HOME}/audit")).said


async def test_all_events_since_a_moment_of_the_tenants_time_zone_are_posted_again(
    scene: Scene, browser: Browser
) -> None:
    """It is 9:00 in UTC, and 4:00 in New York."""
    await scene.call("PATCH", "/v1/tenants/cardinal", {"time_zone": "America/New_York"})
    page = await delivered(scene, browser)
    await browser.open(page)
    assert "nothing to post again" in (await browser.press("Post them again", since="2026-03-02T04:01")).said
    assert "posted again within moments" in (await browser.press("Post them again", since="2026-03-02T03:59")).said
    await deliver(scene, page)
    assert len(scene.webhook_sender.received) == 2


async def test_while_it_is_paused_the_page_says_that_they_wait(scene: Scene, browser: Browser) -> None:
    await browser.open(await delivered(scene, browser))
    await browser.press("Pause")
    assert "once the endpoint is resumed" in (await browser.press("Post again")).said


@pytest.mark.parametrize("since", ["", "yesterday", "0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00"])
async def test_what_is_no_moment_is_marked(scene: Scene, browser: Browser, since: str) -> None:
    await browser.open(await delivered(scene, browser))
    answer = await browser.press("Post them again", since=since)
    if answer.status == 422:
        assert "a day and a time" in answer.said
    assert answer.status in (200, 422)


async def test_who_only_reads_cannot_post_again(scene: Scene, browser: Browser) -> None:
    page = await delivered(scene, browser)
    reader = await somebody(scene, Role.VIEWER, email="ben@example.com")
    assert "Post again" not in (await reader.open(page)).said
