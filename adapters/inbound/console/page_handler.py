"""Wraps every page: finds the person, checks access and the form's token, and shows errors as pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.inbound.console.error_pages import ErrorPages, ErrorWords, MalformedForm
from adapters.inbound.console.forms import read_form
from adapters.inbound.console.handlers.sign_in import is_ours, is_same_origin, keep_session, signed_in_person
from adapters.inbound.console.kept_form import KEPT, KeptForm, filled_in, keep, kept_form, kept_in
from adapters.inbound.console.page_request import (
    MOST_TO_SWITCH,
    File,
    InstancePage,
    Page,
    PageRequest,
    Redirect,
    Rendered,
    StreamedFile,
    TenantRequest,
)
from adapters.inbound.console.rendering import download, go_to, live_page, page, render, render_live
from adapters.inbound.console.signed_in_request import of_tenant, page_request_of
from adapters.inbound.server.download import streamed_download
from adapters.inbound.server.event_stream import Admission, EventStream, Streams
from adapters.inbound.server.problem import status_of
from core.model.access.person import Person
from core.model.shared.errors import BadInput, JobferryError, Unauthorized
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases
from ports.change_feed import person_topic

_log = structlog.get_logger()
_STALE = ErrorWords(
    "This form is no longer valid.",
    "Go back, load the page again (sign in, if it asks), and send the form again.",
    HTTPStatus.FORBIDDEN,
)


def serve(
    one: Page[TenantRequest] | InstancePage, use_cases: UseCases, streams: Streams, errors: ErrorPages
) -> Handler:
    async def served(request: web.Request) -> web.StreamResponse:
        try:
            return await answered(request)
        except web.HTTPException:
            raise
        except JobferryError as error:
            return await errors(request, error)
        except Exception as error:
            _log.exception("request.failed", method=request.method, route=served.__name__)
            return await errors(request, error)

    async def answered(request: web.Request) -> web.StreamResponse:
        person = await signed_in_person(use_cases, request)
        if person is None:
            return await _nobody(request, errors)
        structlog.contextvars.bind_contextvars(person_id=person.id)
        if isinstance(one, InstancePage) and not one.is_for(person):
            raise web.HTTPNotFound  # as if there were no such page
        reader = page_request_of(use_cases, request, person)
        try:
            form = await _read(request, one)
            if one.method == "POST" and not is_ours(request, form):
                return await _back_to_the_form(request, form, errors, person)
            reader = replace(reader, form=form, tenants=await _to_switch(use_cases, person, request))
            if isinstance(one, InstancePage):
                answer = await one.handler(reader)
            else:
                tenant = await use_cases.find_tenant(reader.path["tenant"], reader.caller)
                reader = tenant_request = of_tenant(reader, tenant)
                one.access.require(tenant_request.caller)
                answer = await one.handler(tenant_request)
        except web.HTTPRequestEntityTooLarge as error:
            message = f"A form and its file may have {one.longest_form:,} bytes."
            return await errors(request, error, reader=reader, message=message)
        except JobferryError as error:
            return await errors(request, error, reader=reader)
        return await rendered(request, person, reader, answer)

    async def rendered(
        request: web.Request,
        person: Person,
        page_request: PageRequest,
        answer: Rendered | Redirect | File | StreamedFile | EventStream,
    ) -> web.StreamResponse:
        if isinstance(answer, Redirect):
            gone = go_to(answer.address)
            return keep_session(request, gone, answer.signed) if answer.signed else gone
        topic = person_topic(person.id)
        owner = f"tenant:{person.tenant_id}" if person.tenant_id else topic
        if isinstance(answer, EventStream):
            return await streams.follow(
                request, answer, Admission(owner, person.id, (topic,), partial(_still_there, use_cases, request))
            )
        if isinstance(answer, File):
            return download(answer.name, answer.content)
        if isinstance(answer, StreamedFile):
            name, pieces, media_type = answer.name, answer.pieces, answer.media_type
            return await streamed_download(request, streams, owner, name, pieces, media_type, person=person.id)
        if answer.live:
            shown = {"request": page_request, **answer.content}
            if kept := _kept_here(request):
                html = await render_live(answer.template, shown)
                return _with_kept_form(request, person, kept, page(html, answer.status))
            return await live_page(request, answer.template, answer.status, shown)
        html = render(answer.template, **{"request": page_request, "error": answer.error, **answer.content})
        shown_page = page(html, status_of(answer.error) if answer.error else answer.status)
        kept = _kept_here(request)
        return _with_kept_form(request, person, kept, shown_page) if kept else shown_page

    served.__name__ = one.handler.__name__  # the name in the log
    return served


def _kept_here(request: web.Request) -> KeptForm | None:
    """What was typed before the session ended, if that is in the browser and belongs to this page."""
    kept = kept_in(request) if request.method == "GET" else None
    return kept if kept and kept.page == request.path_qs else None


def _with_kept_form(request: web.Request, person: Person, kept: KeptForm, shown: web.Response) -> web.Response:
    """The page with what this person typed. It is given back or forgotten at once: others may use the browser, too."""
    theirs = filled_in(shown.text or "", kept) if kept.person_id == person.id else None
    return KEPT.remove(request, page(theirs, shown.status) if theirs else shown)


async def _nobody(request: web.Request, errors: ErrorPages) -> web.Response:
    if "HX-Request" in request.headers:  # a part of a page: the whole page asks to sign in
        return web.Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    if request.method in ("GET", "HEAD"):
        return go_to(f"/sign-in?next={quote(request.path_qs, safe='')}")
    try:
        form = await read_form(request)
    except (JobferryError, web.HTTPRequestEntityTooLarge):
        form = {}
    return await _back_to_the_form(request, form, errors)


async def _back_to_the_form(
    request: web.Request, form: Mapping[str, str], errors: ErrorPages, person: Person | None = None
) -> web.Response:
    """A form of another session, or of none: nothing is done. Its page comes again with what was typed, after a
    sign-in if nobody is signed in. `person` is who is signed in: they do not get the form of somebody else."""
    kept = await kept_form(request, form) if is_same_origin(request) else None
    if kept and (person is None or kept.person_id == person.id):
        return keep(request, go_to(kept.page), kept)
    return await errors.page(request, _STALE)


async def _to_switch(use_cases: UseCases, person: Person, request: web.Request) -> Sequence[Tenant]:
    """For the head of an operator's page; a part of a page has none."""
    if person.tenant_id is not None or request.method != "GET" or "HX-Request" in request.headers:
        return ()
    return (await use_cases.find_tenant.page(limit=MOST_TO_SWITCH)).tenants


async def _read(request: web.Request, one: Page[Any]) -> dict[str, str]:
    """The form, empty for a GET. Raises MalformedForm, and what reading a body raises."""
    try:
        form = await read_form(request, one.longest_form) if one.method == "POST" else {}
    except BadInput as error:
        raise MalformedForm(error.message, fix=error.fix) from error
    if any("\0" in text for pair in request.query.items() for text in pair):
        raise MalformedForm("This address cannot be read.", fix="Remove everything after the question mark.")
    return form


async def _still_there(use_cases: UseCases, request: web.Request) -> None:
    if await signed_in_person(use_cases, request, by_itself=True) is None:
        raise Unauthorized("The session has ended.", fix="Sign in again.")
