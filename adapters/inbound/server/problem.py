"""Turns every error into a problem document. Who can fix it decides the status."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from adapters.inbound.schema.problems import FieldErrorOut, Problem
from adapters.inbound.schema.sending.plans import PlanOut
from adapters.inbound.server.limits import LONGEST_LINE, MOST_HEADERS
from adapters.inbound.server.problem_types import PATH, problem_type
from adapters.inbound.server.reading import MalformedJson
from adapters.inbound.server.request_id import HEADER, new_request_id
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import (
    BadInput,
    CallerMends,
    Conflict,
    Forbidden,
    JobferryError,
    NotFound,
    OperatorMends,
    OutOfDate,
    SendChanged,
    TenantMends,
    TimeMends,
    Unauthorized,
)
from core.services.sending.request_send import PlanBlocked, PlanChanged

MEDIA_TYPE = "application/problem+json"
SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "jobferry",
}
"""The headers of every answer whose handler does not set them. `Server` replaces the versions of Python and aiohttp."""
_RETRY_AFTER = 5


class PreconditionRequired(BadInput):
    """A change that does not name the version it is based on."""

    default_code = "PRECONDITION_REQUIRED"


_STATUS: Mapping[type[JobferryError], int] = {
    MalformedJson: 400,
    OutOfDate: 412,
    PreconditionRequired: 428,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    CallerMends: 422,
    TenantMends: 422,
    OperatorMends: 503,
    TimeMends: 503,
}
"""The first class of an error's method resolution order that is in this table decides."""
_STATUS_OF_CODE: Mapping[str, int] = {
    "BODY_TOO_SLOW": 408,
    "CONTENT_ENCODING_NOT_SUPPORTED": 415,
    "IDEMPOTENCY_KEY_IN_USE": 409,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "QUEUE_FULL": 429,
    "RATE_LIMITED": 429,
    "TOO_MANY_STREAMS": 429,
}

_TRANSPORT: Mapping[int, tuple[str, str, str]] = {
    404: ("ROUTE_NOT_FOUND", "There is nothing at this address.", "Check the path; the API is under /v1."),
    405: ("METHOD_NOT_ALLOWED", "This address does not support this method.", "Use one that the Allow header names."),
    413: ("BODY_TOO_LARGE", "The body is larger than 1 MB.", "Send less at once."),
    415: ("MEDIA_TYPE_NOT_SUPPORTED", "The body is not marked as JSON.", "Send Content-Type: application/json."),
    417: ("EXPECTATION_FAILED", "The Expect header asks for something unknown.", "Send Expect: 100-continue or none."),
}


def status_of(error: JobferryError) -> int:
    """The HTTP status of a JobferryError."""
    by_class = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    return _STATUS_OF_CODE.get(error.code, by_class)


def retry_after(error: TimeMends) -> str:
    """The header's value, in seconds."""
    return str(math.ceil(error.retry_after or _RETRY_AFTER))


def problem_of(error: JobferryError, request_id: str) -> web.Response:
    """The answer for an error that Jobferry raised."""
    status = status_of(error)
    headers = {}
    if isinstance(error, TimeMends):
        headers["Retry-After"] = retry_after(error)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="jobferry"'
    known = problem_type(error.code)
    problem = _problem(
        status,
        error.code,
        error.message,
        fix=fix_of(error, Door.API) or (" ".join(known.fix) if known else ""),
        errors=[FieldErrorOut.of(one) for one in error.errors],
        retryable=isinstance(error, TimeMends | SendChanged),
        request_id=request_id,
        plan=PlanOut.of(error.plan) if isinstance(error, PlanChanged | PlanBlocked) else None,
    )
    return _response(problem, headers)


def problem_of_transport(refused: web.HTTPException, request_id: str) -> web.Response:
    """The answer for what aiohttp refuses: unknown address, wrong method, body too large, not JSON."""
    phrase = HTTPStatus(refused.status).phrase
    code, detail, fix = _TRANSPORT.get(refused.status, (phrase.upper().replace(" ", "_"), f"{phrase}.", ""))
    headers = {name: refused.headers[name] for name in ("Allow",) if name in refused.headers}
    return _response(_problem(refused.status, code, detail, fix=fix, request_id=request_id), headers)


def malformed_problem(request_id: str, *, too_large: bool) -> web.Response:
    """The answer for data that is not HTTP, or for a head that is too large."""
    if too_large:
        detail = f"The request line or a header is longer than {LONGEST_LINE} bytes, or there are over {MOST_HEADERS}."
        said = 431, "HEAD_TOO_LARGE", detail, "Send a shorter address and fewer headers."
    else:
        said = 400, "MALFORMED_REQUEST", "This is not valid HTTP/1.1.", "Correct the client."
    status, code, detail, fix = said
    return _response(_problem(status, code, detail, fix=fix, request_id=request_id), {})


def busy_answer() -> bytes:
    """The raw HTTP answer for a refused connection."""
    message, request_id = "Too many connections are open.", new_request_id()
    problem = _problem(
        503, "TOO_MANY_CONNECTIONS", message, fix="Close some of them.", retryable=True, request_id=request_id
    )
    body = problem.model_dump_json(exclude={"instance", "plan"}).encode()
    headers: dict[str, object] = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": len(body),
        "Connection": "close",
        "Retry-After": _RETRY_AFTER,
        HEADER: request_id,
        **SAFE_HEADERS,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 503 Service Unavailable\r\n{head}\r\n".encode() + body


def unexpected_problem(request_id: str) -> web.Response:
    """The answer for an unexpected failure, which is in the log under this id. It shows no internal data."""
    problem = _problem(
        500,
        "INTERNAL_ERROR",
        f"Jobferry itself failed; its log has the details under {request_id}.",
        fix=f"Try again. If it fails again, give the operator of Jobferry the id {request_id}.",
        request_id=request_id,
        instance=f"urn:jobferry:failure:{request_id}",
    )
    return _response(problem, {})


def _problem(status: int, code: str, detail: str, **more: Any) -> Problem:
    known = problem_type(code)
    title = known.title if known else HTTPStatus(status).phrase
    return Problem(type=PATH + code, title=title, status=status, detail=detail, code=code, **more)


def _response(problem: Problem, headers: Mapping[str, str]) -> web.Response:
    left_out = {name for name in ("instance", "plan") if getattr(problem, name) is None}
    text = problem.model_dump_json(exclude=left_out)
    return web.Response(text=text, status=problem.status, content_type=MEDIA_TYPE, headers=headers)
