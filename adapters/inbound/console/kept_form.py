"""A form that was sent after its session had ended: kept in the browser, and back in its page after signing in.

Nothing is stored here and nothing is sent by itself. Secrets are not kept.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from lxml import html
from yarl import URL

from adapters.inbound.console.forms import FILE
from adapters.inbound.console.handlers.sign_in import FORM_TOKEN, KEPT_LOCAL, KEPT_NAME, Cookie, next_page_of

KEPT = Cookie(KEPT_NAME, KEPT_LOCAL, max_age=600)
_SECRET = re.compile(r"(password|secret|authorization|token|present|again|key)(\.|$|_)", re.ASCII)
_NOT_KEPT = (FORM_TOKEN, FILE, "username")
_MOST_BYTES = 3500
"""Browsers keep 4,096 bytes of a cookie, with its name and attributes."""
_MOST_TEXT = 60_000
NOTICE = (
    "Your session had ended, so nothing was sent. What you typed is here again, without passwords and other secrets."
    " Check it, then send it."
)


@dataclass(frozen=True, slots=True)
class KeptForm:
    """`page` is the address of the page with the form, `action` where the form goes."""

    page: str
    action: str
    fields: Mapping[str, str]


def is_secret(name: str) -> bool:
    """Whether an input with this name holds a secret."""
    return bool(_SECRET.search(name.rpartition(".")[2]))


async def kept_form(request: web.Request, form: Mapping[str, str]) -> KeptForm | None:
    """The form of a request, if it came from one of our own pages that can be opened again. The browser says which one:
    another site's page cannot name one of ours."""
    try:
        came_from = URL(request.headers.get("Referer", ""))
        ours = came_from.is_absolute() and came_from.authority == request.host
    except (ValueError, IndexError):
        return None
    page = next_page_of(came_from.raw_path_qs) if ours else ""
    if not page:
        return None
    again = await request.app.router.resolve(request.clone(method="GET", rel_url=page))
    if again.http_exception is not None:
        return None
    fields = {name: text for name, text in form.items() if name not in _NOT_KEPT and not is_secret(name)}
    return KeptForm(page, request.path, fields)


def keep(request: web.Request, answer: web.Response, kept: KeptForm) -> web.Response:
    """The answer, which lets the browser keep the form. A form that is too long for this is not kept."""
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(asdict(kept)).encode(), 9)).decode()
    return KEPT.keep(request, answer, packed) if len(packed) <= _MOST_BYTES else answer


def kept_in(request: web.Request) -> KeptForm | None:
    """What the browser keeps; None for nothing, and for what is not of ours."""
    try:
        unpacked = zlib.decompressobj().decompress(base64.urlsafe_b64decode(KEPT.of(request)), _MOST_TEXT)
        found = json.loads(unpacked)
        return KeptForm(str(found["page"]), str(found["action"]), {str(k): str(v) for k, v in found["fields"].items()})
    except (ValueError, zlib.error, LookupError, TypeError, AttributeError, RecursionError):
        return None


def filled_in(page: str, kept: KeptForm) -> str | None:
    """The page with the form filled in; None if it has no such form any more."""
    document: Any = html.document_fromstring(page)
    forms = [form for form in document.forms if form.method == "POST" and form.action == kept.action]
    if not forms:
        return None
    form = max(forms, key=lambda one: len(kept.fields.keys() & set(one.fields.keys())))
    for one in form.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
        _fill(one, kept.fields)
    notice = html.Element("p", {"class": "said warning", "role": "status"})
    notice.text = NOTICE
    form.insert(0, notice)
    return str(html.tostring(document, doctype="<!doctype html>", encoding="unicode"))


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
