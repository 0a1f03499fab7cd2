"""What was typed is not lost with the session: after signing in it is back in its page, without secrets, and unsent."""

from __future__ import annotations

import base64
import json
import re
import secrets
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from adapters.inbound.console.handlers.sign_in import FORM_PERSON, FORM_TOKEN, KEPT_LOCAL, form_token
from adapters.inbound.console.kept_form import LOST, NOTICE, is_secret
from core.model.access.person import IDLE, Role
from core.model.planning.job import Party
from tests.edges.api.test_http_isolation import OWN, furnish
from tests.edges.console.test_console_titles import NO_PAGES, PATHS
from tests.support.browser_scene import PASSWORD, Browser, person
from tests.support.http_scene import JOB, UNMAPPED, Scene, api

HOME = "/t/cardinal"
ANN = "ann@example.com"
PEOPLE = f"{HOME}/people"
TYPED = {"email": "new@example.com", "name": "Zoë <b>", "role": "sender"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running


def parsed(text: str) -> Any:
    return html.fromstring(text)


@dataclass
class Tab:
    """A browser that keeps all cookies and says where a form came from."""

    scene: Scene
    cookies: dict[str, str] = field(default_factory=dict)
    status: int = 0
    text: str = ""
    address: str = ""

    async def go(
        self, method: str, path: str, data: Mapping[str, str] | None = None, *, referer: str = "", **headers: str
    ) -> Tab:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        if referer:
            sent["Referer"] = referer
        url = f"{self.scene.url}{path}"
        async with self.scene.http.request(method, url, data=data, headers=sent, allow_redirects=False) as answer:
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
                if not morsel.value or morsel["max-age"] == "0":
                    del self.cookies[name]
            self.status, self.text, self.address = answer.status, await answer.text(), path
            where = answer.headers.get("Location")
        return await self.go("GET", where) if where and answer.status == 303 else self

    async def sign_in(self, email: str = ANN) -> Tab:
        page = parsed(self.text) if self.address.startswith("/sign-in") else None
        after = page.xpath("//input[@name='next']/@value")[0] if page is not None else ""
        return await self.go("POST", "/sign-in", {"email": email, "password": PASSWORD, "next": after})

    async def send(self, page: str, action: str, typed: Mapping[str, str]) -> Tab:
        """Ann's form on this page."""
        form = {FORM_PERSON: await person_id(self.scene), **typed}
        return await self.go("POST", action, form, referer=f"{self.scene.url}{page}")

    def value(self, name: str) -> str:
        return str(parsed(self.text).xpath(f"//form[@method='post']//*[@name='{name}']/@value")[0])

    @property
    def said(self) -> str:
        return " ".join(parsed(self.text).text_content().split())

    @property
    def token(self) -> str:
        return form_token(self.cookies["jobferry-local"])


async def expired(scene: Scene) -> Tab:
    tab = await Tab(scene).sign_in()
    assert tab.status == 200
    scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
    return tab


async def person_id(scene: Scene, email: str = ANN) -> str:
    tenant = await scene.use_cases.find_tenant("cardinal")
    found = await scene.use_cases.manage_people.find(tenant.id, email)
    assert found is not None
    return found.id


async def people(scene: Scene) -> list[str]:
    tenant = await scene.use_cases.find_tenant("cardinal")
    return [one.email for one in (await scene.use_cases.manage_people.page(tenant.id)).people]


async def test_after_signing_in_again_the_form_is_back_as_typed_and_unsent(scene: Scene) -> None:
    tab = await expired(scene)
    await tab.send(PEOPLE, PEOPLE, {**TYPED, FORM_TOKEN: tab.token})
    assert tab.address.startswith("/sign-in?next=")
    assert "what you typed is back in its page" in tab.said
    assert await people(scene) == [ANN]
    await tab.sign_in()
    assert tab.address == PEOPLE
    assert NOTICE in tab.said
    assert (tab.value("email"), tab.value("name")) == ("new@example.com", "Zoë <b>")
    chosen = parsed(tab.text).xpath("//select[@id='role']/option[@selected]/@value")
    assert chosen == ["sender"]
    assert await people(scene) == [ANN], "nothing is posted by itself"
    form = {**TYPED, FORM_TOKEN: tab.value(FORM_TOKEN)}
    await tab.send(PEOPLE, PEOPLE, form)
    assert "Added." in tab.said
    assert await people(scene) == [ANN, "new@example.com"]
    assert NOTICE not in (await tab.go("GET", PEOPLE)).said, "once"


async def test_every_form_says_whose_page_it_is_of(scene: Scene) -> None:
    tab = await (await Tab(scene).sign_in()).go("GET", PEOPLE)
    assert tab.value(FORM_PERSON) == await person_id(scene)


async def test_who_signs_in_next_in_the_same_browser_does_not_see_what_somebody_else_typed(scene: Scene) -> None:
    await person(scene, "bob@example.com", Role.ADMINISTRATOR)
    tab = await expired(scene)
    await tab.send(PEOPLE, PEOPLE, {**TYPED, FORM_TOKEN: tab.token})
    await tab.sign_in("bob@example.com")
    assert (tab.address, tab.value("email")) == (PEOPLE, "")
    assert NOTICE not in tab.said
    assert KEPT_LOCAL not in tab.cookies, "nor does anybody after them"


async def test_a_form_of_the_person_before_is_not_given_to_who_is_signed_in_now(scene: Scene) -> None:
    await person(scene, "bob@example.com", Role.ADMINISTRATOR)
    tab = await Tab(scene).sign_in()
    old = tab.token
    await tab.sign_in("bob@example.com")  # in another tab
    await tab.send(PEOPLE, PEOPLE, {**TYPED, FORM_TOKEN: old})
    assert (tab.status, KEPT_LOCAL in tab.cookies) == (403, False)
    assert "This form is no longer valid." in tab.said
    assert "bob@example.com" in await people(scene)
    assert "new@example.com" not in await people(scene)


async def test_a_form_of_an_earlier_session_is_back_for_whoever_signed_in_again_elsewhere(scene: Scene) -> None:
    tab = await Tab(scene).sign_in()
    old = tab.token
    await tab.sign_in()  # in another tab
    await tab.send(PEOPLE, PEOPLE, {**TYPED, FORM_TOKEN: old})
    assert (tab.address, tab.value("email")) == (PEOPLE, "new@example.com")
    assert await people(scene) == [ANN]


async def test_no_secret_is_kept_nor_shown(scene: Scene) -> None:
    tab = await expired(scene)
    page = f"{HOME}/new-connection"
    typed = {"slug": "west", "name": "West", "authorization_id": "AUTH-SECRET", "enhanced_auth.client_secret": "cs-1"}
    await tab.send(page, page, {**typed, FORM_TOKEN: tab.token})
    kept = json.loads(zlib.decompress(base64.urlsafe_b64decode(tab.cookies[KEPT_LOCAL])))
    assert kept["fields"] == {"slug": "west", "name": "West"}
    await tab.sign_in()
    assert (tab.address, tab.value("slug"), tab.value("authorization_id")) == (page, "west", "")
    assert "AUTH-SECRET" not in tab.text


async def test_the_secret_address_of_a_channel_is_not_kept(scene: Scene) -> None:
    page = f"{HOME}/notifications"
    for address, expected in (("https://hooks.example.com/services/SECRET", {}), ("o@x.com", {"address": "o@x.com"})):
        tab = await expired(scene)
        await tab.send(page, page, {"channel": "teams", "address": address, FORM_TOKEN: tab.token})
        kept = json.loads(zlib.decompress(base64.urlsafe_b64decode(tab.cookies[KEPT_LOCAL])))
        assert kept["fields"] == {"channel": "teams", **expected}


async def test_a_change_that_somebody_made_meanwhile_is_not_overwritten(scene: Scene) -> None:
    tab = await Tab(scene).sign_in()
    page = f"{HOME}/connections/main/settings"
    await tab.go("GET", page)
    form = parsed(tab.text).xpath(f"//form[@action='{page}']")[0]
    typed = {name: str(value) for name, value in form.form_values()} | {"name": "Mine"}
    scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
    await tab.send(page, page, typed)
    await scene.call("PATCH", "/v1/tenants/cardinal/connections/main", {"name": "Theirs"}, headers={"If-Match": "*"})
    await tab.sign_in()
    assert (tab.address, tab.value("name")) == (page, "Mine")
    again = parsed(tab.text).xpath(f"//form[@action='{page}']")[0]
    await tab.send(page, page, {name: str(value) for name, value in again.form_values()})
    assert tab.status in (409, 412)
    assert (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["name"] == "Theirs"


async def test_only_a_form_of_our_own_page_is_kept(scene: Scene) -> None:
    tab = await expired(scene)
    form = {**TYPED, FORM_TOKEN: tab.token, FORM_PERSON: await person_id(scene)}
    await tab.go("POST", PEOPLE, form, referer="https://evil.example/t/cardinal/people")
    assert (tab.status, KEPT_LOCAL in tab.cookies) == (403, False)
    await tab.go("POST", PEOPLE, form, referer=f"{scene.url}{PEOPLE}", **{"Sec-Fetch-Site": "cross-site"})
    assert (tab.status, KEPT_LOCAL in tab.cookies) == (403, False)
    for referer in (
        "",
        "http://[::1",
        f"{scene.url}/sign-in",
        f"{scene.url}/no/such/page",
        f"{scene.url}{HOME}/time-zone",
    ):
        await tab.go("POST", PEOPLE, form, referer=referer)
        assert (tab.status, KEPT_LOCAL in tab.cookies) == (403, False), referer


async def test_what_is_too_long_or_damaged_is_not_kept_and_breaks_nothing(scene: Scene) -> None:
    tab = await expired(scene)
    await tab.send(PEOPLE, PEOPLE, {"name": secrets.token_hex(4000), FORM_TOKEN: tab.token})
    assert KEPT_LOCAL not in tab.cookies
    await tab.sign_in()
    bomb = base64.urlsafe_b64encode(zlib.compress(b"0" * 5_000_000)).decode()
    nested = base64.urlsafe_b64encode(zlib.compress(b"[" * 50_000)).decode()
    for damaged in ("x", "====", bomb[:3900], nested, base64.urlsafe_b64encode(zlib.compress(b'{"page": 1}')).decode()):
        tab.cookies[KEPT_LOCAL] = damaged
        assert (await tab.go("GET", PEOPLE)).status == 200
        assert NOTICE not in tab.said


async def test_every_input_for_a_secret_is_known_as_one(scene: Scene) -> None:
    variables = {**await furnish(scene, "bluefin"), "code": "x", "kind": "customer", "record": "1", "slug": OWN}
    await person(scene, "ops@example.com", Role.OPERATOR)
    operator = await Browser(scene).sign_in("ops@example.com")
    names = set()
    for path in PATHS:
        if path.endswith(NO_PAGES):
            continue
        known = {name: variables.get(name, "x_0") for name in re.findall(r"{(\w+)}", path)}
        await operator.open(path.format(**known))
        if "<html" in operator.text:
            names |= set(operator.page.xpath("//input[@type='password']/@name"))
    assert {"authorization_id", "servicetrade.password", "present"} <= names
    assert {name for name in names if not is_secret(name)} == set()


def form_of(tab: Tab, action: str, **about: str) -> dict[str, str]:
    """What a browser would send of this form, with what stands elsewhere on the page and names it."""
    forms = [
        {
            one.get("name"): one.get("value", "")
            for one in parsed(tab.text).xpath(f"//*[@form='{form.get('id')}'][@name]")
        }
        | {name: str(value) for name, value in form.form_values()}
        for form in parsed(tab.text).xpath(f"//form[@action='{action}']")
    ]
    return next(one for one in forms if about.items() <= one.items())


async def test_a_kept_form_of_a_job_sends_nothing_but_what_its_page_shows(scene: Scene) -> None:
    """The choice was made by a script, so the page's address may not know of it."""
    await scene.add_job(JOB)
    page, action = f"{HOME}/jobs/{JOB.id}", f"{HOME}/jobs/{JOB.id}/send"
    tab = await Tab(scene).sign_in()
    await tab.go("GET", f"{page}?connection=main&complete=1")
    chosen = form_of(tab, action)
    scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
    await tab.send(f"{page}?connection=main", action, chosen)
    await tab.sign_in()
    assert NOTICE in tab.said
    await tab.send(tab.address, action, form_of(tab, action))
    assert "Nothing was sent:" in tab.said, "the page showed a send that does not complete the job"
    assert not scene.transactions.rows.sends
    await tab.send(tab.address, action, form_of(tab, action))
    assert [one.completes for one in scene.transactions.rows.sends.values()] == [True]


async def test_a_kept_form_is_never_put_into_one_about_another_record(scene: Scene) -> None:
    page = f"{HOME}/connections/main/codes/site/7"
    tab = await Tab(scene).sign_in()
    for code in ("FIRST", "SECOND", "THIRD"):
        await tab.go("GET", page)
        [known] = parsed(tab.text).xpath("//input[@name='known'][1]/@value")[:1]
        await tab.send(page, page, {FORM_TOKEN: tab.token, "known": known, "code": code, "do": "alias"})
    await tab.go("GET", page)
    undo = form_of(tab, page, undo="1", code="FIRST")
    scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
    await tab.send(page, page, undo | {"do": "alias"})
    before = sorted(parsed(tab.text).xpath("//input[@name='undo']/../input[@name='code']/@value"))
    await tab.sign_in()
    assert before == []
    codes = parsed(tab.text).xpath("//input[@name='undo']/../input[@name='code']/@value")
    assert sorted(codes) == ["FIRST", "SECOND"], "each button undoes to the code beside it"


async def test_a_form_that_is_not_there_any_more_is_said_to_be_lost(scene: Scene) -> None:
    """Another connection is chosen for the job meanwhile."""
    await scene.add_job(JOB)
    tab = await expired(scene)
    page = f"{HOME}/jobs/{JOB.id}"
    await tab.send(page, f"{page}/send", {FORM_TOKEN: tab.token, "connection": "west", "items": "again"})
    await tab.sign_in()
    assert (tab.address, LOST in tab.said) == (page, True)
    assert form_of(tab, f"{page}/send")["connection"] == "main"


async def test_a_code_typed_on_a_page_that_is_sent_in_pieces_is_back_beside_its_record(scene: Scene) -> None:
    annex = replace(UNMAPPED, id="2412087334600799", number="104499", location=Party(id="9", name="Annex"))
    tenant = await scene.use_cases.find_tenant("cardinal")
    for job in (UNMAPPED, annex):
        await scene.add_job(job)
        scene.service_trade.jobs[tenant.id, job.id].scheduled = scene.clock.now() + timedelta(days=1)
    page, action = f"{HOME}/mappings", f"{HOME}/connections/main/codes"
    tab = await Tab(scene).sign_in()
    for site, other in (("3", "9"), ("9", "3")):
        await tab.go("GET", page)
        typed = form_of(tab, action, servicetrade_id=site) | {"code": "TYPED"}
        scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
        await tab.send(page, action, typed)
        await tab.sign_in()
        assert NOTICE in tab.said
        assert form_of(tab, action, servicetrade_id=site)["code"] == "TYPED"
        assert form_of(tab, action, servicetrade_id=other).get("code", "") == ""
        assert LOST not in tab.said
