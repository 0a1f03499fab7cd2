"""A browser that sends what nobody would: every form and address of the console, found by following the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from yarl import URL

from adapters.inbound.console.handlers.sign_in import FORM_TOKEN, KEPT_LOCAL, LOCAL_COOKIE
from tests.faults.support.mutations import spoiled
from tests.support.browser_scene import Browser
from tests.support.http_scene import Scene

_FILES = re.compile(r"\.(csv|zip|js|css|json)$|/docs|/events|/sign-out|/account/|oidc|javascript:")
"""Not followed: files, streams, what ends the session, and links out."""
_TYPED = (
    "",
    " ",
    "on",
    "0",
    "-1",
    "9" * 30,
    "1e9",
    "2026-11-30",
    "9999-12-31",
    "a = b",
    "{}",
    "[1",
    "ünïcödé",
    "x" * 3000,
)
_ENDS_THE_SESSION = ("/sign-out", "/password")


@dataclass(frozen=True)
class Form:
    method: str
    action: str
    fields: Mapping[str, str]


@dataclass
class Crawl:
    """What was found: the addresses of pages and the forms in them, each kind of form once."""

    pages: set[str] = field(default_factory=set)
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = field(default_factory=dict)

    async def follow(self, browser: Browser, start: str, most: int = 150) -> None:
        waiting = [start]
        while waiting and len(self.pages) < most:
            address = waiting.pop(0)
            if address in self.pages:
                continue
            self.pages.add(address)
            await browser.open(address)
            assert browser.status < 500, (address, browser.said)
            if "<" in browser.text:
                self._read(browser.page)
                waiting += _links(browser.page, browser.scene.url + browser.address)

    def _read(self, page: Any) -> None:
        for form in page.forms:
            fields = {name: str(value) for name, value in form.form_values()}
            fields |= (
                dict.fromkeys(
                    (one.get("name") for one in form.iter("input", "select", "textarea") if one.get("name")), ""
                )
                | fields
            )
            actions = {
                form.get("action") or "",
                *(one.get("formaction") for one in form.iter("button") if one.get("formaction")),
            }
            for action in actions - {""}:
                if not _FILES.search(action) and not action.endswith(_ENDS_THE_SESSION):
                    kind = (form.method, action, tuple(sorted(fields)))
                    self.forms.setdefault(kind, Form(form.method, action, fields))


def _links(page: Any, base: str) -> Iterator[str]:
    for link in page.iter("a"):
        url = URL(base).join(URL(link.get("href", "")))
        if str(url.origin() if url.is_absolute() else "") == str(URL(base).origin()) and not _FILES.search(url.path):
            yield url.path_qs


def _foreign(rng: Random, text: str) -> str:
    """A text that somebody or something puts where another belongs."""
    match rng.randrange(8):
        case 0 | 1:
            return rng.choice(_TYPED)
        case 2:
            found = spoiled(rng, (text or "Harborview").encode()).decode("utf-8", "replace")
            return found.replace("\0", " ")
        case 3:
            return spoiled(rng, (text or "Harborview").encode()).decode("utf-8", "surrogateescape")
        case _:
            return text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _quoted(pairs: Mapping[str, str]) -> bytes:
    def quote(text: str) -> bytes:
        return b"".join(
            bytes([one]) if chr(one).isascii() and chr(one).isalnum() else b"%%%02X" % one for one in _bytes(text)
        )

    return b"&".join(quote(name) + b"=" + quote(text) for name, text in pairs.items())


def form_token(browser: Browser) -> str:
    """The token that forms of this session have."""
    return str(browser.page.xpath(f"string(//input[@name='{FORM_TOKEN}']/@value)"))


async def send_foreign_form(rng: Random, scene: Scene, cookie: str, token: str, form: Form) -> int:
    """Send the form with some of its fields foreign, missing or more. Return the status."""
    fields = {
        (_foreign(rng, name) if rng.randrange(30) == 0 else name): token if name == FORM_TOKEN else _foreign(rng, text)
        for name, text in form.fields.items()
        if rng.randrange(15) or name == FORM_TOKEN
    }
    if rng.randrange(2):
        fields["sure"] = "yes"
    return await _ask(scene, form.method, form.action, _quoted(fields), cookie)


async def ask_foreign_page(rng: Random, scene: Scene, cookie: str, address: str, names: list[str]) -> int:
    """Open the page with foreign parameters. Return the status."""
    path, _, query = address.partition("?")
    given = {one: _foreign(rng, query) for one in rng.sample(names, min(len(names), rng.randrange(1, 4)))}
    kept = _foreign(rng, "eJyrVkrLTM1JUbJSqgUAEPkDLQ==")
    return await _ask(
        scene, "GET", path, _quoted(given), cookie, f"; {KEPT_LOCAL}={_header(kept)}" if rng.randrange(2) else ""
    )


def _header(text: str) -> str:
    return re.sub(r"[^!-~]", "", text)[:3000]


async def _ask(scene: Scene, method: str, path: str, pairs: bytes, cookie: str, more: str = "") -> int:
    headers = {"Cookie": f"{LOCAL_COOKIE}={cookie}{more}", "Content-Type": "application/x-www-form-urlencoded"}
    query = f"?{pairs.decode()}" if method.upper() == "GET" else ""
    url = URL(scene.url + path.partition("?")[0] + query, encoded=True)
    body = pairs if method.upper() == "POST" else None
    async with scene.http.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
        await answer.read()
        return answer.status
