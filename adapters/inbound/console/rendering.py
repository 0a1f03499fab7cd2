"""Rendering of pages: their templates and their security headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.inbound.console.advice import advice, fix
from adapters.inbound.console.assets import MARK, SCRIPTS, STYLE
from adapters.inbound.console.days_chart import day_words
from adapters.inbound.console.moments import soon, timed, when
from adapters.inbound.console.page_request import PageRequest
from adapters.inbound.console.words import (
    ANNOTATION_STATES,
    LINE_STATES,
    SEND_STEPS,
    action_words,
    attempt_words,
    detail_words,
    step_words,
    title,
    without_reason,
)
from adapters.inbound.schema.wording import origin_words
from adapters.inbound.server.download import attached
from adapters.inbound.server.limits import LONGEST_LINE
from core.model.mappings.alias import LONGEST_CODE, AliasKind
from core.model.sending.failure_comment import OWNER_WORDS
from core.model.sending.moment import (
    outcome_in_preview,
    outcome_of,
    outcome_of_hold,
    outcome_of_notice,
    waits_for_a_person,
)
from core.model.shared.figures import money, plain
from core.model.work_orders.column_words import in_words, opening
from core.model.work_orders.line_words import line_words
from core.services.sending.batches import LARGEST_BATCH

USUAL_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "America/Toronto",
)
"""Offered to browsers that do not tell theirs."""
_LONGEST_ADDRESS = LONGEST_LINE - len("GET  HTTP/1.1")
_log = structlog.get_logger()
Content = Mapping[str, object]
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
_BROKE_OFF = b'<p class="said blocker" role="alert">Jobferry itself failed here. Load the page again.</p>'
_PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    # Without a referrer a browser sends no origin either, and our own forms would look like another site's.
    "Referrer-Policy": "same-origin",
}


@cache
def _templates() -> Environment:
    """The same environment for every page, so that a process compiles each template once."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "style_path": STYLE.path,
        "mark_path": MARK.path,
        "scripts": [(one.path, one.integrity) for one in SCRIPTS],
        "request": None,
        "searched": "",
        "when": when,
        "soon": soon,
        "owners": OWNER_WORDS,
        "usual_zones": USUAL_ZONES,
        "most_at_once": LARGEST_BATCH,
        "outcome_in_preview": outcome_in_preview,
        "outcome_of": outcome_of,
        "outcome_of_hold": outcome_of_hold,
        "outcome_of_notice": outcome_of_notice,
        "waits_for_a_person": waits_for_a_person,
    }
    templates.filters |= {
        "timed": timed,
        "column": lambda name: opening(name) if in_words(name) != f"the field {name}" else name.replace("_", " "),
        "longest_code": lambda kind: LONGEST_CODE[AliasKind(kind)],
        "day": day_words,
        "field": opening,
        "origin": origin_words,
        "line": line_words,
        "step": step_words,
        "code_words": code_words,
        "line_state": LINE_STATES.__getitem__,
        "annotation_state": ANNOTATION_STATES.__getitem__,
        "send_step": SEND_STEPS.__getitem__,
        "action": action_words,
        "detail_words": detail_words,
        "title": title,
        "attempt": attempt_words,
        "without_reason": without_reason,
        "advice": advice,
        "fix": fix,
        "figure": plain,
        "money": lambda amount: money(plain(amount)),
        "json": lambda value: json.dumps(value, indent=1, ensure_ascii=False),
    }
    return templates


def code_words(text: str) -> Markup:
    """`text` with what stands between two backticks as code. A last backtick without a partner stays one."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if at % 2 else part for at, part in enumerate(parts))


@cache
def _live_templates() -> Environment:
    """The same templates, for pages that are sent piece by piece."""
    return _templates().overlay(enable_async=True)


def render(template: str, **content: object) -> str:
    return _templates().get_template(template).render(**content)


def page(html: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=_PAGE_HEADERS)


def stopped(title: str, fix: str, status: int, message: str = "", request: PageRequest | None = None) -> web.Response:
    """The page that says why it does not go on, and what to do. `request` gives it a menu."""
    return page(
        render(
            "stopped.html",
            title=title,
            message=message,
            fix=fix,
            request=request,
            again="",
            signed_out=request is None,
            request_id=request.request_id if request else "",
        ),
        status,
    )


async def render_live(template: str, content: Content) -> str:
    """A page that is else sent piece by piece, once all of it is ready."""
    return await _live_templates().get_template(template).render_async(**content)


async def live_page(request: web.Request, template: str, status: int, content: Content) -> web.StreamResponse:
    """A page that is sent piece by piece, each as soon as it is ready."""
    pieces = _live_templates().get_template(template).generate_async(**content)
    response = web.StreamResponse(status=status, headers=_PAGE_HEADERS)
    response.content_type, response.charset = "text/html", "utf-8"
    await response.prepare(request)
    try:
        async for piece in pieces:
            await response.write(piece.encode())
    except ConnectionError:
        return response  # the client has disconnected
    except Exception:  # the status is sent already, so the error is written into the page
        _log.exception("page.broke_off", path=request.path)
        await response.write(_BROKE_OFF)
    await response.write_eof()
    return response


def download(name: str, content: str | bytes) -> web.Response:
    if isinstance(content, bytes):
        return web.Response(body=content, content_type="application/zip", headers=attached(name))
    return web.Response(text=content, content_type="text/csv", charset="utf-8", headers=attached(name))


def go_to(address: str) -> web.Response:
    """Redirect after a form, so that loading the page again does not send the form again. Of our own pages, an address
    that is longer than we read ourselves loses its query."""
    if address.startswith("/") and len(address) > _LONGEST_ADDRESS:
        address = address.partition("?")[0]
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})
