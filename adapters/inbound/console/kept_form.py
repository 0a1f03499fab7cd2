"""A form that was sent after its session had ended: kept in the browser, and back in its page after signing in.

Nothing is stored here and nothing is sent by itself. Secrets are not kept, and nobody but the same person sees the form
again.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from lxml import html
from yarl import URL

from adapters.inbound.console.forms import FILE
from adapters.inbound.console.handlers.sign_in import (
    FORM_PERSON,
    FORM_TOKEN,
    KEPT_LOCAL,
    KEPT_NAME,
    Cookie,
    next_page_of,
)

KEPT = Cookie(KEPT_NAME, KEPT_LOCAL, max_age=600)
_SECRET = re.compile(r"(password|secret|authorization|token|present|again|key)(\.|$|_)", re.ASCII)
_NOT_KEPT = (FORM_TOKEN, FORM_PERSON, FILE, "username", "plan_hash")
"""The plan is the one on the page that comes again: a send is never another one than the page shows."""
_SEEN = re.compile(r"(version|once|known|known_id|(known|shown|name)\..*)", re.ASCII)
"""Hidden inputs that say what the person saw, which may have changed since. All others say what the form is about."""
_ADDRESS = "address"
"""A mail address is no secret, but the web address of a channel is one."""
_MOST_BYTES = 3500
"""Browsers keep 4,096 bytes of a cookie, with its name and attributes."""
_MOST_TEXT = 60_000
NOTICE = (
    "Your session had ended, so nothing was sent. What you typed is here again, without passwords and other secrets."
    " Check it, then send it."
)
LOST = (
    "Your session had ended, so nothing was sent. This page has changed since, so what you typed could not be put back."
)


@dataclass(frozen=True, slots=True)
class KeptForm:
    """`person_id` is who loaded the page with the form, `page` its address, `action` where the form goes."""

    person_id: str
    page: str
    action: str
    fields: Mapping[str, str]


def is_secret(name: str, text: str = "") -> bool:
    """Whether an input with this name and text holds a secret."""
    return bool(_SECRET.search(name.rpartition(".")[2])) or (name == _ADDRESS and "/" in text)


async def kept_form(request: web.Request, form: Mapping[str, str]) -> KeptForm | None:
    """The form of a request, if it came from one of our own pages that can be opened again. The browser says which one:
    another site's page cannot name one of ours."""
    try:
        came_from = URL(request.headers.get("Referer", ""))
        ours = came_from.is_absolute() and came_from.authority == request.host
    except (ValueError, IndexError):
        return None
    page, person_id = next_page_of(came_from.raw_path_qs) if ours else "", form.get(FORM_PERSON, "")
    if not page or not person_id:
        return None
    again = await request.app.router.resolve(request.clone(method="GET", rel_url=page))
    if again.http_exception is not None:
        return None
    fields = {name: text for name, text in form.items() if name not in _NOT_KEPT and not is_secret(name, text)}
    return KeptForm(person_id, page, request.path, fields)


def keep(request: web.Request, answer: web.Response, kept: KeptForm) -> web.Response:
    """The answer, which lets the browser keep the form. A form that is too long for this is not kept."""
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(asdict(kept)).encode(), 9)).decode()
    return KEPT.keep(request, answer, packed) if len(packed) <= _MOST_BYTES else answer


def kept_in(request: web.Request) -> KeptForm | None:
    """What the browser keeps; None for nothing, and for what is not of ours."""
    try:
        unpacked = zlib.decompressobj().decompress(base64.urlsafe_b64decode(KEPT.of(request)), _MOST_TEXT)
        found = json.loads(unpacked)
        fields = {str(name): str(text) for name, text in found["fields"].items()}
        return KeptForm(str(found["person_id"]), str(found["page"]), str(found["action"]), fields)
    except (ValueError, zlib.error, LookupError, TypeError, AttributeError, RecursionError):
        return None


def filled_in(page: str, kept: KeptForm) -> str | None:
    """The page with the form filled in, or with a word that it has no such form any more; None for a page of another
    kind."""
    document: Any = html.document_fromstring(page)
    forms = [form for form in document.forms if form.method == "POST" and form.action == kept.action]
    forms = [form for form in forms if _about(form).items() <= kept.fields.items()]
    form = max(forms, key=lambda one: len(kept.fields.keys() & set(one.fields.keys())), default=None)
    for one in _inputs(form) if form is not None else ():
        _fill(one, kept.fields)
    place = document.find(".//main") if form is None else form
    if place is None:
        return None
    notice = html.Element("p", {"class": "said warning", "role": "status"})
    notice.text = LOST if form is None else NOTICE
    place.insert(0, notice)
    return str(html.tostring(document, doctype="<!doctype html>", encoding="unicode"))


def _inputs(form: Any) -> Sequence[Any]:
    """The form's inputs, also those that stand elsewhere on the page and name it."""
    named = ".//input[@name] | .//select[@name] | .//textarea[@name]"
    elsewhere = f"//*[@form='{form.get('id')}'][@name]" if form.get("id") else ""
    return list(form.xpath(f"{named} | {elsewhere}" if elsewhere else named))


def _about(form: Any) -> Mapping[str, str]:
    """What the form is about: of several forms with the same address each is about another record."""
    hidden = {one.get("name"): one.get("value", "") for one in _inputs(form) if one.get("type") == "hidden"}
    told = {name for name in hidden if name in _NOT_KEPT or is_secret(name) or _SEEN.fullmatch(name)}
    return {name: text for name, text in hidden.items() if name not in told}


def _fill(one: Any, typed: Mapping[str, str]) -> None:
    name, kind = one.get("name", ""), one.get("type", "text")
    if name in _NOT_KEPT or kind in ("password", "file", "submit"):
        return
    if kind in ("checkbox", "radio"):
        one.checked = name in typed and typed[name] == one.get("value", "on")
    elif name in typed and one.tag == "select":
        for option in one.iter("option"):
            option.attrib.pop("selected", None)
            if option.get("value", option.text or "") == typed[name]:
                option.set("selected", "")
    elif name in typed and one.tag == "textarea":
        one.text = typed[name]
    elif name in typed:
        one.set("value", typed[name])
