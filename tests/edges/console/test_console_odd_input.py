"""What no browser sends: every odd form, address or cookie is answered with a page, never with a failure of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.inbound.console.handlers.sign_in import FORM_TOKEN, LOCAL_COOKIE
from core.model.access.person import Role
from core.model.connections.settings import PluginUse
from tests.edges.console.test_console_connections import WEST
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, UNMAPPED, Scene, api

HOME = "/t/cardinal"
CODES = f"{HOME}/connections/main/codes"
PLAIN, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def post(
    scene: Scene,
    path: str,
    body: Any,
    content_type: str,
    browser: Browser | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    cookie = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"} if browser else {}
    sent = {"Content-Type": content_type, **cookie, **(headers or {})}
    async with scene.http.post(scene.url + path, data=body, headers=sent, allow_redirects=False) as answer:
        assert answer.content_type == "text/html", await answer.text()
        return answer.status, await answer.text()


ODD = (
    (b"name=\xff\xfe", PLAIN),
    (b"name=%ff", PLAIN),
    (b"name=a%00b", PLAIN),
    (b"&".join([b"a=1"] * 2000), PLAIN),
    (b"name=x", f"{PLAIN}; charset=nonsense"),
    (b"name=x", f"{PLAIN}; a*0*"),
    (b"x", PARTS),
    (b"garbage", f"{PARTS}; boundary=b"),
    (b"--b\r\n\r\nx\r\n--b--\r\n", f"{PARTS}; boundary=b"),
    (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", f"{PARTS}; boundary=b"),
    (PART % (b"name", b"\xff\xfe") + b"--b--\r\n", f"{PARTS}; boundary=b"),
    (
        b'--b\r\nContent-Disposition: form-data; name="form_token"; filename="x"\r\n\r\n\xff\r\n--b--\r\n',
        f"{PARTS}; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'
        b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        f"{PARTS}; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: odd\r\n\r\nx\r\n--b--\r\n',
        f"{PARTS}; boundary=b",
    ),
)


@pytest.mark.parametrize(("body", "content_type"), ODD, ids=range(len(ODD)))
async def test_an_odd_form_is_refused_with_a_page(scene: Scene, body: bytes, content_type: str) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for path, reader in ((CODES, browser), (CODES, None), ("/sign-in", None), ("/sign-out", browser)):
        status, _ = await post(scene, path, body, content_type, reader)
        assert 400 <= status < 500, (path, status)


async def test_a_good_form_with_what_nobody_can_store_is_refused(scene: Scene) -> None:
    """PostgreSQL stores every character but U+0000."""
    browser = await somebody(scene, Role.ADMINISTRATOR)
    [token] = set((await browser.open(HOME)).page.xpath(f"//input[@name='{FORM_TOKEN}']/@value"))
    for field in ("name=a%00b", "pick.%00=on"):
        status, text = await post(scene, CODES, f"{FORM_TOKEN}={token}&{field}".encode(), PLAIN, browser)
        assert (status, "This form cannot be read." in text) == (400, True)


async def test_what_is_too_long_is_said_so_however_it_comes(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    [token] = set((await browser.open(HOME)).page.xpath(f"//input[@name='{FORM_TOKEN}']/@value"))
    body = f"{FORM_TOKEN}={token}&name={'x' * 30_000}".encode()

    async def chunked() -> AsyncIterator[bytes]:
        yield body

    for given in (body, chunked()):
        status, text = await post(scene, CODES, given, PLAIN, browser)
        assert (status, "This form is too large" in text) == (413, True)


async def test_odd_addresses_and_cookies_are_nobodys(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for query in ("sends?batch=%00", "jobs?job=%00", f"jobs/{JOB.id}?connection=%00", "audit?actor=%00"):
        assert (await browser.open(f"{HOME}/{query}")).status == 400, query
    for address in ("/", HOME, f"{HOME}/sends"):
        async with scene.http.get(
            scene.url + address, headers={"Cookie": f"{LOCAL_COOKIE}=\u00ff"}, allow_redirects=False
        ) as answer:
            assert answer.status in (200, 303)


async def test_a_link_opens_from_its_own_page_only(scene: Scene) -> None:
    """Or another site could sign its visitors in as somebody whom they are not."""
    made = await scene.call(
        "POST", "/v1/tenants/cardinal/sign-in-links", {"email": "eve@example.com", "role": "viewer"}
    )
    path = made.body["url"].removeprefix("https://jobferry.example.com")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        status, _ = await post(scene, path, b"", PLAIN, headers=headers)
        assert status == 403
    browser = await (await Browser(scene).open(path)).press("Sign in")
    assert "eve@example.com, viewer" in browser.said, "it was not used up by that"


async def test_two_who_edit_a_plugin_do_not_undo_each_other(scene: Scene) -> None:
    first = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections/main/plugins/po_required")
    second = await (await somebody(scene, Role.ADMINISTRATOR, "bob@example.com")).open(first.address)
    await second.press("Use this plugin", job_types="repair")
    late = await first.press("Use this plugin", job_types="inspection")
    assert (late.status, "changed by somebody else meanwhile" in late.said) == (412, True)
    saved = (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"]
    assert saved[0]["config"] == {"job_types": ["repair"]}


async def test_a_plugin_is_taken_off_beside_one_that_is_wrong(scene: Scene) -> None:
    [(id, row)] = scene.transactions.rows.connections.items()
    plugins = (PluginUse("po_required", {"job_types": 7}), PluginUse("item_filter"))
    scene.transactions.rows.connections[id] = replace(row, connection=row.connection.using(plugins))
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections/main/plugins/item_filter")
    await browser.press("Remove it")
    await browser.press("Remove the plugin")
    assert (browser.status, "Nothing was saved" in browser.said) == (422, True)
    assert "job_types" in browser.said


@pytest.mark.parametrize("body", ["[" * 5500, '{"a": NaN}', '{"a": 1e999}', "[" * 90 + "]" * 90])
async def test_json_that_nobody_could_store_is_a_wrong_field(scene: Scene, body: str) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/new-connection")
    await browser.press("Add the connection", **WEST, **{"external_sync.path": "/x", "external_sync.body": body})
    assert (browser.status, "Correct what is marked below." in browser.said) == (422, True)


async def test_the_back_button_with_another_choice_is_told_in_words(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(f"{HOME}/jobs/{JOB.id}")
    page = browser.text
    await browser.press("Send Job to Spectrum")
    browser.text = page.replace('name="adopt" value=""', 'name="adopt" value="1"')
    again = await browser.press("Send Job to Spectrum")
    assert "This form was sent already, with another choice." in again.said
    assert "Load the page again, then choose again." in again.said


async def test_a_part_of_a_page_asks_the_whole_page_to_sign_in(scene: Scene) -> None:
    async with scene.http.get(f"{scene.url}{HOME}", headers={"HX-Request": "true"}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["HX-Refresh"]) == (204, "true")


async def test_good_news_do_not_hide_what_waits(scene: Scene) -> None:
    await scene.call("POST", "/v1/tenants/cardinal/connections/main/pause")
    await scene.send(UNMAPPED)
    browser = await (await somebody(scene)).open(HOME)
    assert "Nothing needs attention, but some jobs may wait" in browser.said
    assert "is in Spectrum, or is being sent" not in browser.said


async def test_a_browser_is_never_sent_to_an_address_that_is_too_long_to_be_read(scene: Scene) -> None:
    sender, nobody, job = await somebody(scene), Browser(scene), f"{HOME}/jobs/{JOB.id}"
    [token] = set((await sender.open(HOME)).page.xpath(f"//input[@name='{FORM_TOKEN}']/@value"))
    chosen = {"connection": "main", "items": "9" * 9_000, FORM_TOKEN: token}
    cookie = {"Cookie": f"{LOCAL_COOKIE}={sender.cookie}"}
    async with scene.http.post(f"{scene.url}{job}/choice", data=chosen, headers=cookie) as answer:
        assert (answer.status, answer.url.path_qs) == (200, job)
    await nobody.open(f"{HOME}/sends?text={'%C3%A9' * 1_000}")
    assert (nobody.status, nobody.address) == (200, "/sign-in")
