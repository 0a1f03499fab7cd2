"""The pages' routes: the overview at `/`, and what it is drawn with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from yarl import URL

from adapters.inbound.console.overview import read_overview
from adapters.inbound.console.reference import reference_routes
from adapters.inbound.console.words import machine_time, moment
from adapters.inbound.use_cases import UseCases

_HERE = Path(__file__).parent
_STYLE = (_HERE / "assets" / "console.css").read_text(encoding="utf-8")
_MARK = (_HERE / "templates" / "mark.html").read_text(encoding="utf-8")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def _versioned(name: str, suffix: str, content: str) -> str:
    """A path that changes with its content, so that browsers may keep it forever."""
    return f"/assets/{name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.{suffix}"


STYLE_PATH = _versioned("console", "css", _STYLE)
MARK_PATH = _versioned("mark", "svg", _MARK)


def console_routes(use_cases: UseCases, *, public: bool) -> Sequence[web.RouteDef]:
    """`public`: the overview may be shown without a key, to somebody who sits at this machine."""
    templates = _templates()

    async def overview(request: web.Request) -> web.Response:
        if not (public and _comes_straight(request)):
            return _page(templates.get_template("closed.html").render())
        view = await read_overview(use_cases)
        return _page(templates.get_template("overview.html").render(view=view))

    async def style(_: web.Request) -> web.Response:
        return web.Response(text=_STYLE, content_type="text/css", charset="utf-8", headers=_FOREVER)

    async def mark(_: web.Request) -> web.Response:
        return web.Response(text=_MARK, content_type="image/svg+xml", headers=_FOREVER)

    pages = [web.get("/", overview), web.get(STYLE_PATH, style), web.get(MARK_PATH, mark)]
    return [*pages, *reference_routes(templates, _page)]


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"style_path": STYLE_PATH, "mark_path": MARK_PATH}
    templates.filters |= {"moment": moment, "machine_time": machine_time}
    return templates


def _page(html: str) -> web.Response:
    headers = {"Content-Security-Policy": _POLICY, "X-Frame-Options": "DENY"}
    return web.Response(text=html, content_type="text/html", charset="utf-8", headers=headers)


def _comes_straight(request: web.Request) -> bool:
    """Not through a proxy, and not under a foreign name: a web page elsewhere can make its own name point to this
    machine and would then read what the browser is shown."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        host = URL(f"http://{request.host}").host or ""
    except ValueError:
        return False
    return host == "localhost" or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
