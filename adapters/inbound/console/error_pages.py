"""Errors as pages for people: what happened in office words, what to do, and a way on, under the head of every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web

from adapters.inbound.console.handlers.sign_in import signed_in_person
from adapters.inbound.console.page_request import ASK_AN_ADMINISTRATOR, PageRequest, TenantRequest
from adapters.inbound.console.rendering import page, render
from adapters.inbound.console.signed_in_request import of_tenant, page_request_of
from adapters.inbound.console.words import ROLE_CANNOT
from adapters.inbound.server.problem import retry_after, status_of
from adapters.inbound.server.request_id import request_id_of
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import BadInput, Forbidden, JobferryError, TimeMends
from core.services.wiring import UseCases

_NO_PAGE = "Check the address for typing mistakes, or go on from Home."
_WAIT = "Wait a minute, then load the page again. If you had pressed a button, look first whether it was carried out."
_RELOAD = "Go back, load the page again and repeat what you did."
_TRANSPORT: Mapping[int, tuple[str, str]] = {
    404: ("There is no page at this address.", _NO_PAGE),
    405: ("This address cannot be opened by itself.", "It belongs to a button on another page. Go on from Home."),
    413: ("This form is too large.", "Nothing was read. Divide the file into smaller ones."),
}
_OFFICE: Mapping[str, tuple[str, str]] = {
    "IDEMPOTENCY_KEY_REUSED": (
        "This form was sent already, with another choice.",
        "Load the page again, then choose again.",
    ),
    "DATABASE_UNREACHABLE": ("Jobferry cannot reach its database at the moment.", _WAIT),
    "DATABASE_READ_ONLY": ("Jobferry cannot store anything at the moment.", _WAIT),
    "JOB_NOT_FOUND": (
        "There is no such job in ServiceTrade.",
        "Compare the number with the job's page in ServiceTrade. The job may also be in another ServiceTrade account.",
    ),
    "SEND_NOT_FOUND": (
        "There is no such send.",
        "It may have been deleted after some time. Look at the list of sends.",
    ),
    "TENANT_NOT_FOUND": ("There is no such account.", _NO_PAGE),
    "CONNECTION_NOT_FOUND": ("There is no such connection.", "Somebody may have removed it. Look at all connections."),
    "RECONCILIATION_NOT_FOUND": (
        "There is no such comparison of completed jobs.",
        "It may have been deleted after some time. Open Sends, and compare these days again.",
    ),
    "RECONCILIATIONS_RUNNING": (
        "Other days are being compared. Nothing was started.",
        "Wait until one of these comparisons has ended. Then go back and press Compare again.",
    ),
    "QUEUE_FULL": (
        "Too many sends wait already. Nothing was added.",
        "If a connection is paused or on hold, its sends wait: resume it under Connections. Otherwise wait until some"
        " sends have ended. Then go back and send again.",
    ),
    "BODY_TOO_SLOW": ("The form did not arrive in time.", _RELOAD),
}
"""What people read in place of a text that is for programs or operators."""


class MalformedForm(BadInput):
    """A form or an address that no browser sends by itself."""

    default_code = "BAD_REQUEST"


@dataclass(frozen=True, slots=True)
class ErrorWords:
    title: str
    fix: str
    status: int
    message: str = ""


class ErrorPages:
    def __init__(self, use_cases: UseCases) -> None:
        self._use_cases = use_cases

    async def __call__(
        self,
        request: web.Request,
        error: Exception,
        reader: PageRequest | None = None,
        message: str = "",
    ) -> web.Response:
        """The page about an error. `reader` is the person's request if it is known already."""
        headers = {}
        if isinstance(error, TimeMends):
            headers["Retry-After"] = retry_after(error)
        if isinstance(error, web.HTTPException) and "Allow" in error.headers:
            headers["Allow"] = error.headers["Allow"]
        words = replace(_words_of(error, request_id_of(request), reader), message=message)
        answer = await self.page(request, words, reader)
        answer.headers.update(headers)
        return answer

    async def page(
        self,
        request: web.Request,
        words: ErrorWords,
        reader: PageRequest | None = None,
    ) -> web.Response:
        """While the database is away nobody is looked up, so
        that the page comes at once."""
        passes = words.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        if not isinstance(reader, TenantRequest) and not passes:
            reader = await self._reader(request) or reader
        again = request.path_qs if request.method == "GET" and (passes or words.status >= 500) else ""
        return page(
            render(
                "stopped.html",
                title=words.title,
                message=words.message,
                fix=words.fix,
                request=reader,
                again=again,
                signed_out=reader is None and not passes,
                request_id=request_id_of(request),
            ),
            words.status,
        )

    async def _reader(self, request: web.Request) -> PageRequest | None:
        """Who asks, with the tenant of the address or the person's own; None if that cannot be said."""
        try:
            person = await signed_in_person(self._use_cases, request, by_itself=True)
            if person is None:
                return None
            found = page_request_of(self._use_cases, request, person)
            find, parts = self._use_cases.find_tenant, request.path.split("/")
            try:
                if parts[1] == "t" and len(parts) > 2:
                    return of_tenant(found, await find(parts[2], found.caller))
            except JobferryError:
                pass  # not theirs
            return of_tenant(found, await find.by_id(person.tenant_id)) if person.tenant_id else found
        except Exception:  # an error page must not fail because of its head
            return None


def _words_of(error: Exception, request_id: str, reader: PageRequest | None) -> ErrorWords:
    match error:
        case Forbidden() if reader:
            return ErrorWords(ROLE_CANNOT[reader.person.role], ASK_AN_ADMINISTRATOR, HTTPStatus.FORBIDDEN)
        case JobferryError():
            title, fix = _OFFICE.get(error.code, ("", ""))
            if not title:
                title, fix = error.message, fix_of(error, reader.door if reader else Door.OFFICE)
            status = HTTPStatus.BAD_REQUEST if isinstance(error, MalformedForm) else status_of(error)
            return ErrorWords(title, fix or _RELOAD, status)
        case web.HTTPException():
            title, fix = _TRANSPORT.get(error.status, ("Jobferry does not understand this request.", _RELOAD))
            return ErrorWords(title, fix, error.status)
    fix = f"Try again. If it fails again, tell the operator of Jobferry this id: {request_id}"
    return ErrorWords("Jobferry itself failed.", fix, HTTPStatus.INTERNAL_SERVER_ERROR)
