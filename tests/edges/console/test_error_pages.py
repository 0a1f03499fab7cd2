"""Every error is a page for people when a browser asks, on every address; programs get problem documents."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from lxml import html

from adapters.inbound.api.routes import ROUTES
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.console.page_request import Page
from adapters.inbound.console.routes import INSTANCE_PAGES, PAGES
from core.model.access.person import Role
from core.model.shared.errors import TimeMends
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import CONNECTION, Scene, api

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOME = "/t/cardinal"
BEFORE_SIGN_IN = (
    "/",
    "/sign-in",
    "/sign-in/some-token",
    "/sign-out",
    "/docs",
    "/problems",
    "/problems/NO_SUCH",
    "/nowhere",
)
_TABLE: tuple[Page[Any], ...] = (*PAGES, *INSTANCE_PAGES)
CONSOLE = sorted({re.sub(r"\{\w+\}", "x", one.path.replace("{tenant}", "cardinal")) for one in _TABLE})
API = sorted({re.sub(r"\{\w+\}", "x", one.path.replace("{tenant}", "cardinal")) for one in ROUTES})


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def ask(
    scene: Scene, method: str, path: str, cookie: str = "", **more: object
) -> tuple[aiohttp.ClientResponse, str]:
    headers = BROWSER | ({"Cookie": f"{LOCAL_COOKIE}={cookie}"} if cookie else {})
    async with scene.http.request(
        method,
        scene.url + path,
        headers=headers,
        allow_redirects=False,
        **more,  # type: ignore[arg-type]
    ) as answer:
        return answer, await answer.text(errors="replace")  # one page is a file


def require_page(answer: aiohttp.ClientResponse, text: str, where: str) -> None:
    assert answer.content_type == "text/html", f"{where}: {answer.status} {answer.content_type}"
    assert "Content-Security-Policy" in answer.headers, where
    page: Any = html.fromstring(text)
    [title] = page.iter("h1")
    assert title.text_content().strip(), where
    assert page.xpath("//header"), where
    assert page.xpath("//main//a/@href | //main//form"), f"{where}: there is no way on"
    assert "Traceback" not in text


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_wrong_method_is_a_page_on_every_address(scene: Scene, signed_in: bool) -> None:
    cookie = (await somebody(scene)).cookie if signed_in else ""
    for path in (*BEFORE_SIGN_IN, *CONSOLE):
        answer, text = await ask(scene, "PUT", path, cookie)
        assert answer.status in (404, 405), path
        require_page(answer, text, path)
        assert ("/sign-out" in text) is signed_in, "the head knows who asks"


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_database_that_is_away_is_a_page_on_every_address(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, signed_in: bool
) -> None:
    cookie = (await somebody(scene, Role.OPERATOR, "op@example.com")).cookie if signed_in else "unknown"

    def away(*_: object, **__: object) -> object:
        raise TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")

    for name in ("begin", "begin_instance"):
        monkeypatch.setattr(scene.transactions, name, away)
    monkeypatch.setattr(scene.use_cases.sign_in, "who", away)
    shown = 0
    for path in (*BEFORE_SIGN_IN, *CONSOLE):
        for method in ("GET", "POST"):
            answer, text = await ask(scene, method, path, cookie, data={"email": "a@example.com", "password": "x"})
            if answer.status >= 400:
                require_page(answer, text, f"{method} {path}")
            if answer.status == 503:
                shown += 1
                assert "cannot reach its database" in text
                assert answer.headers["Retry-After"]
                assert ("Load the page again" in text) is (method == "GET")
    assert shown > len(CONSOLE)


async def test_a_bug_is_a_page_with_an_id_on_every_address(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await somebody(scene)

    def broken(*_: object, **__: object) -> object:
        raise ZeroDivisionError("secret-inside")

    monkeypatch.setattr(scene.transactions, "begin", broken)
    shown = 0
    for path in ("/", *CONSOLE):
        answer, text = await ask(scene, "GET", path, browser.cookie)
        if answer.status >= 400:
            require_page(answer, text, path)
        if answer.status == 500:
            shown += 1
            assert re.search(r"tell the operator of Jobferry this id: [0-9a-f]{16}", text)
            assert "secret-inside" not in text
    assert shown > 10


async def test_what_does_not_exist_is_a_page_in_office_words(scene: Scene) -> None:
    browser = await somebody(scene)
    for path, said in (
        (f"{HOME}/jobs/999999999999", "There is no such job in ServiceTrade."),
        (f"{HOME}/sends/snd_none", "There is no such send."),
        (f"{HOME}/connections/none", "There is no such connection."),
        (f"{HOME}/nowhere", "There is no page at this address."),
        ("/t/another", "There is no such account."),
        ("/operator", "There is no page at this address."),
        ("/nowhere", "There is no page at this address."),
        ("/t/cardinal/%00", "There is no page at this address."),
    ):
        answer, text = await ask(scene, "GET", path, browser.cookie)
        assert answer.status == 404, path
        require_page(answer, text, path)
        assert said in text, path
        page: Any = html.fromstring(text)
        assert page.xpath("//header//form[@role='search']/@action") == [f"{HOME}/find"], path
        assert HOME in page.xpath("//main//a/@href"), path
        assert "jobferry " not in page.text_content().lower().replace("jobferry itself", ""), "no command lines"


async def test_a_person_who_may_not_a_form_that_is_too_large_and_one_that_is_stale(scene: Scene) -> None:
    viewer = await somebody(scene, Role.VIEWER, "vic@example.com")
    await viewer.open(f"{HOME}/sends")
    token = viewer.page.xpath("//input[@name='form_token']/@value")[0]
    for data, status, said in (
        ({"form_token": token, "do": "retry"}, 403, "Viewers cannot do this."),
        ({"form_token": "old"}, 403, "This form is no longer valid."),
        ({"form_token": token, "big": "x" * 150_000}, 413, "This form is too large."),
    ):
        answer, text = await ask(scene, "POST", f"{HOME}/sends/many", viewer.cookie, data=data)
        assert answer.status == status
        require_page(answer, text, said)
        assert said in text
        assert "/sign-out" in text, "the head stays"
    answer, text = await ask(scene, "POST", f"{HOME}/sends/many", data={"form_token": token})
    assert answer.status == 403
    require_page(answer, text, "signed out")
    answer, text = await ask(scene, "POST", "/sign-in", data={"email": "x" * 100_000})
    assert answer.status in (401, 413)
    require_page(answer, text, "a sign-in that is too large")


async def test_the_api_answers_a_browser_with_problem_documents(scene: Scene) -> None:
    for path in (*API, "/v1", "/v1/nowhere", "/hooks/servicetrade/none", "/metrics"):
        answer, text = await ask(scene, "GET", path)
        if answer.status >= 400:
            assert answer.content_type == "application/problem+json", f"{path}: {text[:80]}"
    async with scene.http.get(scene.url + "/nowhere", headers={"Accept": "*/*"}) as answer:
        assert answer.content_type == "application/problem+json", "a program asks"


async def test_a_job_of_no_connection_that_is_chosen_does_not_exist_either(scene: Scene) -> None:
    west = {"slug": "west", "name": "West", "external_system": "west", "company_code": "102"}
    assert (await scene.call("POST", "/v1/tenants/cardinal/connections", {**CONNECTION, **west})).status == 201
    browser: Browser = await somebody(scene)
    answer, text = await ask(scene, "GET", f"{HOME}/jobs/999999999999", browser.cookie)
    assert (answer.status, "There is no such job in ServiceTrade." in text) == (404, True)
