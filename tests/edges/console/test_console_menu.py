"""The menus: every entry leads to a page that the person may open, and says where the person is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from core.model.access.person import Role
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import Scene, api

HOME = "/t/cardinal"
DAILY = ["Home", "Sends", "Check in Spectrum", "Connections", "Codes", "Settings"]
EVERYBODYS = ["Notifications", "Webhooks", "From ServiceTrade", "Audit"]
SETTINGS = {
    Role.VIEWER: EVERYBODYS,
    Role.SENDER: EVERYBODYS,
    Role.ADMINISTRATOR: ["Account", "People", "Keys", *EVERYBODYS],
    Role.OPERATOR: ["Account", "People", "Keys", *EVERYBODYS],
}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def menu(browser: Browser, name: str) -> Sequence[tuple[str, str, str]]:
    """The words, the address and the aria-current of each entry."""
    links = browser.page.xpath(f"//nav[@aria-label='{name}']/a")
    return [(one.text_content(), one.get("href"), one.get("aria-current", "")) for one in links]


@pytest.mark.parametrize("role", Role)
async def test_every_entry_opens_and_says_where_one_is(scene: Scene, role: Role) -> None:
    browser = await (await somebody(scene, role, "vic@example.com")).open(HOME)
    daily = menu(browser, "Pages")
    assert [words for words, *_ in daily if words != "Installation"] == DAILY
    assert not menu(browser, "Settings")
    await browser.open(daily[-1][1])
    settings = menu(browser, "Settings")
    assert [words for words, *_ in settings] == SETTINGS[role]
    for words, address, _ in (*daily, *settings):
        await browser.open(address)
        assert browser.status == 200, f"{words}: {browser.status}"
        at = [one[0] for one in (*menu(browser, "Pages"), *menu(browser, "Settings")) if one[2] == "page"]
        assert words in at, f"{words} is not marked at {address}"


async def test_a_page_below_an_entry_belongs_to_it(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR, "ann@example.com")
    await browser.open(f"{HOME}/connections/main/settings")
    assert [words for words, _, here in menu(browser, "Pages") if here == "true"] == ["Connections"]
    await browser.open(f"{HOME}/new-connection")
    assert [words for words, _, here in menu(browser, "Pages") if here == "true"] == ["Connections"]
    await browser.open(f"{HOME}/connections/main/codes/customer/1")
    assert [words for words, _, here in menu(browser, "Pages") if here == "true"] == ["Codes"]
    await browser.open(f"{HOME}/keys")
    assert [words for words, _, here in menu(browser, "Pages") if here == "true"] == ["Settings"]
    assert [words for words, _, here in menu(browser, "Settings") if here == "page"] == ["Keys"]
