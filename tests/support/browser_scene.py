"""A browser without script for tests: it keeps the cookie, reads forms from the page and sends them as people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
from lxml import html
from yarl import URL

from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.services.wiring import UseCases
from tests.support.http_scene import Scene

PASSWORD = "four words are quite enough"


class Installation(Protocol):
    """What the helpers of the console's tests need: a `Scene` in memory or a running installation."""

    url: str
    use_cases: UseCases
    broken: list[Exception]


@dataclass
class Browser:
    """One person at the console of a scene. `address`, `status` and `text` are of the page that is open."""

    scene: Scene
    cookie: str = ""
    address: str = ""
    status: int = 0
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    async def open(self, address: str) -> Browser:
        return await self._go("GET", address)

    async def press(self, button: str, **filled: str) -> Browser:
        """Fill in the form that this button belongs to, and press it."""
        [pressed] = [one for one in self.page.iter("button") if one.text_content().strip() == button]
        assert "disabled" not in pressed.attrib, f"{button} cannot be pressed"
        if named := pressed.get("form"):
            form = self.page.get_element_by_id(named)
        else:
            form = next(one for one in pressed.iterancestors("form"))
        apart = [one for one in self.page.iter("input") if named and one.get("form") == named]
        values = {name: str(value) for name, value in form.form_values()}
        values |= {one.get("name"): one.get("value", "") for one in apart} | filled
        if pressed.get("name"):
            values[pressed.get("name")] = pressed.get("value", "")
        unknown = filled.keys() - {one.get("name") for one in (*form.iter("input", "select", "textarea"), *apart)}
        assert not unknown, f"the form has no {unknown}"
        method, action = form.get("method", "get").upper(), pressed.get("formaction") or form.get("action")
        return await self._go(method, action, values, multipart=form.get("enctype") == "multipart/form-data")

    async def upload(self, button: str, content: bytes) -> Browser:
        """Choose a file in the form of this button, and press it."""
        [pressed] = [one for one in self.page.iter("button") if one.text_content().strip() == button]
        form = next(one for one in pressed.iterancestors("form"))
        assert form.get("enctype") == "multipart/form-data", "without it a browser sends the file's name only"
        [chosen] = [one.get("name") for one in form.iter("input") if one.get("type") == "file"]
        values = {name: str(value) for name, value in form.form_values() if name != chosen}
        return await self._go("POST", form.get("action"), values, file=(chosen, content), multipart=True)

    async def sign_in(self, email: str, password: str = PASSWORD) -> Browser:
        await self.open("/sign-in")
        return await self.press("Sign in", email=email, password=password)

    @property
    def page(self) -> Any:
        return html.fromstring(self.text)

    @property
    def said(self) -> str:
        """What a person reads."""
        return " ".join(self.page.text_content().split())

    def link(self, words: str) -> str:
        [found] = [one.get("href") for one in self.page.iter("a") if " ".join(one.text_content().split()) == words]
        return str(found)

    async def _go(
        self,
        method: str,
        address: str,
        values: Mapping[str, str] | None = None,
        *,
        file: tuple[str, bytes] | None = None,
        multipart: bool = False,
    ) -> Browser:
        url = URL(self.scene.url).join(URL(address))
        if method == "GET" and values:
            url = url.with_query(dict(values))
        headers = {"Cookie": f"{LOCAL_COOKIE}={self.cookie}"} if self.cookie else {}
        data = None
        if method == "POST":
            data = aiohttp.FormData(dict(values or {}), default_to_multipart=multipart)
        if data and file:
            data.add_field(file[0], file[1], filename="aliases.csv", content_type="text/csv")
        async with self.scene.http.request(method, url, data=data, headers=headers, allow_redirects=False) as answer:
            if LOCAL_COOKIE in answer.cookies:
                self.cookie = answer.cookies[LOCAL_COOKIE].value
            self.status, self.text, self.headers = answer.status, await answer.text(), answer.headers.copy()
            where = answer.headers.get("Location")
        self.address = url.path_qs
        if where and answer.status == 303:
            assert not urlsplit(where).netloc, "a page leads to our own pages only"
            return await self._go("GET", where)
        return self


async def person(
    scene: Installation, email: str, role: Role, tenant: str = "cardinal", password: str = PASSWORD
) -> None:
    tenant_id = None if role is Role.OPERATOR else (await scene.use_cases.find_tenant(tenant)).id
    people = scene.use_cases.manage_people
    await people.add(tenant_id, email, email.partition("@")[0].capitalize(), role, by=Caller(who="test"))
    await people.set_password(tenant_id, email, password, by=Caller(who="test"))


async def somebody(scene: Scene, role: Role = Role.SENDER, email: str = "ann@example.com") -> Browser:
    """Signed in."""
    await person(scene, email, role)
    browser = await Browser(scene).sign_in(email)
    assert browser.status == 200, browser.said
    return browser
