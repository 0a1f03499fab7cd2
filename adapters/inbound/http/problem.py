"""Turns every error into a problem document; who can mend it decides the status."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from adapters.inbound.http.models.plans import PlanOut
from adapters.inbound.http.models.problems import FieldErrorOut, Problem
from adapters.inbound.http.reading import MalformedJson
from core.model.catalogue import CATALOGUE
from core.model.errors import (
    CallerMends,
    Conflict,
    JobferryError,
    NotFound,
    OperatorMends,
    SendChanged,
    TenantMends,
    TimeMends,
    Unauthorized,
)
from core.services.request_send import PlanBlocked, PlanChanged

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER = 5

_STATUS: Mapping[type[JobferryError], int] = {
    MalformedJson: 400,
    Unauthorized: 401,
    NotFound: 404,
    Conflict: 409,
    CallerMends: 422,
    TenantMends: 422,
    OperatorMends: 503,
    TimeMends: 503,
}
"""The first class of an error's ancestry that stands here decides."""
_STATUS_OF_CODE: Mapping[str, int] = {"IDEMPOTENCY_KEY_REUSED": 422}

_TRANSPORT: Mapping[int, tuple[str, str, str]] = {
    404: ("ROUTE_NOT_FOUND", "There is nothing at this address.", "Check the path; the API stands under /v1."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take this method.", "Use one that the Allow header names."),
    413: ("BODY_TOO_LARGE", "The body is larger than this address takes.", "Send less at once."),
    415: (
        "MEDIA_TYPE_NOT_SUPPORTED",
        "The body is marked as something that this address does not take.",
        "Send Content-Type: application/json; where CSV is taken, text/csv in UTF-8.",
    ),
}


def problem_of(error: JobferryError) -> web.Response:
    """What Jobferry raised on purpose."""
    status = _STATUS_OF_CODE.get(error.code) or next(
        (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500
    )
    headers = {}
    if isinstance(error, TimeMends):
        headers["Retry-After"] = str(math.ceil(error.retry_after or _RETRY_AFTER))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="jobferry"'
    known = CATALOGUE.get(error.code)
    problem = _problem(
        status,
        error.code,
        error.message,
        title=known.title if known else None,
        fix=error.fix or (" ".join(known.fix) if known else ""),
        errors=[FieldErrorOut(pointer=e.pointer, detail=e.detail) for e in error.errors],
        retryable=isinstance(error, TimeMends | SendChanged),
        plan=PlanOut.of(error.plan) if isinstance(error, PlanChanged | PlanBlocked) else None,
    )
    return _response(problem, headers)


def problem_of_transport(refused: web.HTTPException) -> web.Response:
    """What aiohttp itself refuses: no such address, wrong method, too much, not JSON."""
    phrase = HTTPStatus(refused.status).phrase
    code, detail, fix = _TRANSPORT.get(refused.status, (phrase.upper().replace(" ", "_"), f"{phrase}.", ""))
    headers = {name: refused.headers[name] for name in ("Allow",) if name in refused.headers}
    return _response(_problem(refused.status, code, detail, fix=fix), headers)


def unexpected_problem() -> tuple[web.Response, str]:
    """A failure of our own, and the id to log beside it. Nothing of the inside goes out."""
    error_id = secrets.token_hex(8)
    problem = _problem(
        500,
        "INTERNAL_ERROR",
        f"Jobferry itself failed; its log tells more under {error_id}.",
        title=CATALOGUE["INTERNAL_ERROR"].title,
        fix=f"Try again; if it goes on, give whoever runs Jobferry the id {error_id}.",
        instance=f"urn:jobferry:failure:{error_id}",
    )
    return _response(problem, {}), error_id


def _problem(
    status: int,
    code: str,
    detail: str,
    *,
    title: str | None = None,
    fix: str = "",
    errors: list[FieldErrorOut] | None = None,
    retryable: bool = False,
    instance: str | None = None,
    plan: PlanOut | None = None,
) -> Problem:
    return Problem(
        type=f"urn:jobferry:problem:{code}",
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=errors or [],
        fix=fix,
        retryable=retryable,
        instance=instance,
        plan=plan,
    )


def _response(problem: Problem, headers: Mapping[str, str]) -> web.Response:
    left_out = {name for name in ("instance", "plan") if getattr(problem, name) is None}
    text = problem.model_dump_json(exclude=left_out)
    return web.Response(text=text, status=problem.status, content_type=MEDIA_TYPE, headers=headers)
