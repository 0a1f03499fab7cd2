"""Wraps every page: finds the person, checks access and the form's token, and shows errors as pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.inbound.console.forms import read_form
from adapters.inbound.console.handlers.sign_in import (
    SESSION,
    form_token,
    is_ours,
    is_same_origin,
    keep_session,
    origin_of,
    signed_in_person,
)
from adapters.inbound.console.kept_form import KEPT, filled_in, keep, kept_form, kept_in
from adapters.inbound.console.page_request import (
    ASK_AN_ADMINISTRATOR,
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
from adapters.inbound.console.rendering import download, go_to, live_page, page, render, stopped, streamed_download
from adapters.inbound.console.words import ROLE_CANNOT
from adapters.inbound.server.event_stream import Admission, EventStream, Streams
from adapters.inbound.server.problem import status_of, unexpected_problem
from core.model.access.person import Person
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import BadInput, Forbidden, JobferryError, Unauthorized
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases
from ports.change_feed import person_topic

_log = structlog.get_logger()
_OFFICE_WORDS = {
    "IDEMPOTENCY_KEY_REUSED": (
        "This form was sent already, with another choice.",
        "Load the page again, then choose again.",
    ),
}
"""Texts for people, for codes whose own texts are for programs."""


def serve(one: Page[TenantRequest] | InstancePage, use_cases: UseCases, streams: Streams) -> Handler:
    async def served(request: web.Request) -> web.StreamResponse:
        try:
            return await answered(request)
        except web.HTTPException:
            raise
        except Exception:
            _, error_id = unexpected_problem()
            _log.exception("request.failed", error_id=error_id, method=request.method, route=served.__name__)
            fix = f"Try again. If it fails again, tell the operator of Jobferry this id: {error_id}"
            return stopped("Jobferry itself failed.", fix, HTTPStatus.INTERNAL_SERVER_ERROR)

    async def answered(request: web.Request) -> web.StreamResponse:
        person = await signed_in_person(use_cases, request)
        if person is None:
            return await _nobody(request)
        if isinstance(one, InstancePage) and not one.is_for(person):
            raise web.HTTPNotFound  # as if there were no such page
        try:
            form = await read_form(request, one.longest_form) if one.method == "POST" else {}
            _require_text(request)
        except web.HTTPRequestEntityTooLarge:
            message = f"A form and its file may have {one.longest_form:,} bytes. Nothing was read."
            fix = "Divide the file into smaller ones."
            return stopped("This form is too large.", fix, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
        except JobferryError as error:
            return stopped(error.message, error.fix or "", HTTPStatus.BAD_REQUEST)
        if one.method == "POST" and not is_ours(request, form):
            return await _back_to_the_form(request, form)
        page_request: PageRequest | None = None
        try:
            found = PageRequest(
                use_cases=use_cases,
                person=person,
                path=request.match_info,
                query=request.query,
                form=form,
                form_token=form_token(SESSION.of(request)),
                session=SESSION.of(request),
                address=request.path_qs,
                origin=origin_of(request),
                now=use_cases.clock.now(),
                last_event=request.headers.get("Last-Event-ID", ""),
                tenants=await _to_switch(use_cases, person, request),
            )
            if isinstance(one, InstancePage):
                page_request = found
                answer = await one.handler(found)
            else:
                page_request = tenant_request = await _tenant_request(found)
                one.access.require(tenant_request.caller)
                answer = await one.handler(tenant_request)
        except Forbidden:
            refused = ROLE_CANNOT[person.role]
            return stopped(refused, ASK_AN_ADMINISTRATOR, HTTPStatus.FORBIDDEN, request=page_request)
        except JobferryError as error:
            door = page_request.door if page_request else Door.OFFICE
            message, fix = _OFFICE_WORDS.get(error.code, (error.message, fix_of(error, door)))
            return stopped(message, fix, status_of(error), request=page_request)
        return await rendered(request, person, page_request, answer)

    async def rendered(
        request: web.Request,
        person: Person,
        page_request: PageRequest,
        answer: Rendered | Redirect | File | StreamedFile | EventStream,
    ) -> web.StreamResponse:
        if isinstance(answer, Redirect):
            gone = go_to(answer.address)
            return keep_session(request, gone, answer.signed) if answer.signed else gone
        if isinstance(answer, EventStream):
            owner = person_topic(person.id)
            return await streams.follow(
                request, answer, Admission(owner, (owner,), partial(_still_there, use_cases, request))
            )
        if isinstance(answer, File):
            return download(answer.name, answer.text)
        if isinstance(answer, StreamedFile):
            return await streamed_download(request, answer.name, answer.pieces)
        if answer.live:
            shown = {"request": page_request, **answer.content}
            return await live_page(request, answer.template, answer.status, shown)
        html = render(answer.template, **{"request": page_request, "error": answer.error, **answer.content})
        return _with_kept_form(request, html, status_of(answer.error) if answer.error else answer.status)

    served.__name__ = one.handler.__name__  # the name in the log
    return served


def _with_kept_form(request: web.Request, html: str, status: int) -> web.Response:
    """The page; with what was typed before the session ended, if that is in the browser and belongs to this page."""
    if request.method == "GET" and (kept := kept_in(request)) and kept.page == request.path_qs:
        return KEPT.remove(request, page(filled_in(html, kept) or html, status))
    return page(html, status)


async def _nobody(request: web.Request) -> web.Response:
    if "HX-Request" in request.headers:  # a part of a page: the whole page asks to sign in
        return web.Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    if request.method in ("GET", "HEAD"):
        return go_to(f"/sign-in?next={quote(request.path_qs, safe='')}")
    try:
        form = await read_form(request)
    except (JobferryError, web.HTTPRequestEntityTooLarge):
        form = {}
    return await _back_to_the_form(request, form)


async def _back_to_the_form(request: web.Request, form: Mapping[str, str]) -> web.Response:
    """A form of another session, or of none: nothing is done. Its page comes again with what was typed, after a sign-in
    if nobody is signed in."""
    if is_same_origin(request) and (kept := await kept_form(request, form)):
        return keep(request, go_to(kept.page), kept)
    fix = "Go back, load the page again (sign in, if it asks), and send the form again."
    return stopped("This form is no longer valid.", fix, HTTPStatus.FORBIDDEN)


def _require_text(request: web.Request) -> None:
    if any("\0" in text for pair in request.query.items() for text in pair):
        raise BadInput("This address cannot be read.", fix="Remove everything after the question mark.")


async def _to_switch(use_cases: UseCases, person: Person, request: web.Request) -> Sequence[Tenant]:
    """For the head of an operator's page; a part of a page has none."""
    if person.tenant_id is not None or request.method != "GET" or "HX-Request" in request.headers:
        return ()
    return (await use_cases.find_tenant.page(limit=MOST_TO_SWITCH)).tenants


async def _tenant_request(found: PageRequest) -> TenantRequest:
    """The request with its tenant. Raises NotFound (TENANT_NOT_FOUND)."""
    tenant = await found.use_cases.find_tenant(found.path["tenant"], found.caller)
    return TenantRequest(**{one.name: getattr(found, one.name) for one in fields(PageRequest)}, tenant=tenant)


async def _still_there(use_cases: UseCases, request: web.Request) -> None:
    if await signed_in_person(use_cases, request, by_itself=True) is None:
        raise Unauthorized("The session has ended.", fix="Sign in again.")
