"""What a call answers: its success, its headers, and every error with the codes that it may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from adapters.inbound.api.document.error_codes import codes_of
from adapters.inbound.api.document.examples import MISSING
from adapters.inbound.api.document.schemas import Models, Part
from adapters.inbound.api.routes import Mark, Route
from adapters.inbound.api.serving import CSV, JSON
from adapters.inbound.schema.reconciliations import COLUMNS as RECONCILED_COLUMNS
from adapters.inbound.schema.schema_base import Csv, Lines, Nothing
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import MEDIA_TYPE as EVENT_STREAM
from adapters.inbound.server.event_stream import EventStream
from adapters.inbound.server.problem import MEDIA_TYPE
from adapters.inbound.server.problem_types import PATH, problem_type
from adapters.inbound.server.request_id import HEADER as REQUEST_ID

_TEXT: Part = {"type": "string"}
_SHARED = (400, 401, 403, 408, 412, 413, 415, 417, 428, 429, 431, 500)
"""Statuses whose codes are the same for nearly all calls."""
_TRY_AGAIN = (408, 429, 503)
_WORDS: Mapping[int, str] = {
    200: "Done.",
    201: "Made.",
    202: "Stored. Jobferry does it from now on.",
    204: "Done. The answer has no body.",
}
HEADERS: Mapping[str, tuple[str, object, Part]] = {
    "ETag": ("The version of the record, for If-Match.", '"3"', _TEXT),
    "Idempotent-Replayed": (
        "`true` for the answer to a repeated request, which did nothing. Left out: it was done now.",
        "true",
        _TEXT,
    ),
    "Location": (
        "The address of the new record, without the server's name.",
        "/v1/tenants/cardinal/sends/snd_01KJPV4V00EXAMPLE0000000S1",
        _TEXT | {"format": "uri-reference"},
    ),
    "Preference-Applied": ("How long the answer waited at most. Left out: it did not wait.", "wait=10", _TEXT),
    "RateLimit-Policy": (
        "The policy, its quota of requests (q) and the length of its window in seconds (w).",
        '"tenant";q=600;w=60',
        _TEXT,
    ),
    "RateLimit": (
        "How many requests are left (r), and in how many seconds the quota is whole again (t).",
        '"tenant";r=598;t=1',
        _TEXT,
    ),
    "Retry-After": ("After how many seconds the same request may succeed.", 5, {"type": "integer"}),
    REQUEST_ID: (
        "The id of the request, which finds it in Jobferry's log: the caller's own from this header if it is short and"
        " plain, else a new one.",
        "5f1c0d2a9b3e4c71",
        _TEXT,
    ),
    "WWW-Authenticate": ("How to authenticate: with a key as bearer token.", 'Bearer realm="jobferry"', _TEXT),
}
_OF_MARKS = {
    Mark.ETAG: "ETag",
    Mark.LOCATION: "Location",
    Mark.WAITS: "Preference-Applied",
    Mark.IDEMPOTENT: "Idempotent-Replayed",
    Mark.KEPT: "Idempotent-Replayed",
}
_ALIASES = "kind,servicetrade_id,name,code\r\ncustomer,40718,Harborview Foods,HARVIEW\r\n"
_RECONCILED = (
    f"{','.join(RECONCILED_COLUMNS)}\r\n"
    "2412087334600705,104482,Harborview Foods,2026-03-02T09:00:00Z,main,T104482,missing,Nothing was sent.,"
    "Send the job.,0,0,3,124.50,0,2026-03-03T06:00:00Z\r\n"
)
_EXPORTED = (
    '{"format": "jobferry.tenant-export", "version": 1, "tenant": "cardinal", "exported_at": "2026-03-02T09:00:00Z"}\n'
    '{"kind": "tenants", "row": {"id": "ten_01KJPV4V00EXAMPLE0000000T1", "slug": "cardinal"}}\n'
    '{"end": true, "rows": {"tenants": 1}}\n'
)
_LISTED = "code,name,city,customer_code\r\nHV-1,Harborview North,Oakland,HARVIEW\r\n"
_CSV_EXAMPLES = {
    "list_aliases": _ALIASES,
    "set_aliases": _ALIASES,
    "list_reconciled_jobs": _RECONCILED,
    "import_codes": _LISTED,
}
"""By call: its file, with the heading."""


def headers() -> Part:
    """Every header that answers have, for the components of the document."""
    return {name: {"description": words, "example": one, "schema": of} for name, (words, one, of) in HEADERS.items()}


def responses_of(route: Route, models: Models) -> Part:
    """The answers of a call by status, the successes first."""
    responses = {str(route.status): _success(route, models)}
    if Mark.WAITS in route.marks:
        responses["200"] = responses[str(route.status)] | {"description": "Done: it waited, and the send has ended."}
    if route.gives is EventStream:
        responses["204"] = {"description": "You have seen the last event: do not reconnect."}
    return responses | {
        str(status): _named(status, codes) if _is_shared(route, status) else _refusal(route, status, codes)
        for status, codes in codes_of(route).items()
    }


def shared_responses(routes: Iterable[Route]) -> Part:
    """The refusals that many calls have in common, for the components of the document."""
    return {
        _name(status, codes): _refusal(route, status, codes)
        for route in routes
        for status, codes in codes_of(route).items()
        if _is_shared(route, status)
    }


def csv_body(route: Route) -> Part:
    """The form of a call's file."""
    return {"schema": {"type": "string"}, "example": _CSV_EXAMPLES.get(route.name, MISSING)}


def _success(route: Route, models: Models) -> Part:
    names = [name for mark, name in _OF_MARKS.items() if mark in route.marks]
    answer: Part = {"description": _WORDS[route.status]} | _with_headers(route, *names)
    if route.gives is EventStream:
        sent = "id: 7c1f\nevent: send\ndata: {...}\n\n"
        answer["content"] = {EVENT_STREAM: {"schema": {"type": "string"}, "example": sent}}
    elif route.gives is Lines:
        answer["content"] = {Lines.media_type: {"schema": _TEXT, "example": _EXPORTED}}
    elif route.gives is not Nothing:
        schema = models.ref(route.gives, "serialization")
        content: Part = {"schema": schema, "example": models.example(schema)}
        if route.csv and route.csv.gives is not Csv:
            content["schema"] = {"anyOf": [schema, models.ref(route.csv.gives, "serialization")]}
        answer["content"] = {JSON: content}
        if route.csv and route.csv.gives is Csv:
            answer["content"][CSV] = csv_body(route)
    return answer


def problem_examples(routes: Iterable[Route]) -> Part:
    """An example of every error of these calls by its code, for the components of the document."""
    statuses = {code: status for route in routes for status, codes in codes_of(route).items() for code in codes}
    return {code: _example(code, status) for code, status in sorted(statuses.items())}


def _is_shared(route: Route, status: int) -> bool:
    return status in _SHARED and route.access is not Access.PUBLIC


def _named(status: int, codes: Sequence[str]) -> Part:
    return {"$ref": f"#/components/responses/{_name(status, codes)}"}


def _name(status: int, codes: Sequence[str]) -> str:
    return "-".join([str(status), *codes])


def _refusal(route: Route, status: int, codes: Sequence[str]) -> Part:
    """The answers with one status: every code that it may have, and what each means."""
    phrase = HTTPStatus(status).phrase
    told = " ".join(f"`{code}`: {_title(code, status)}." for code in codes)
    names = [*(["Retry-After"] if status in _TRY_AGAIN else []), *(["WWW-Authenticate"] if status == 401 else [])]
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    answer = {"description": f"{phrase}. {told}", "content": content, "x-problem-codes": list(codes)}
    return answer | _with_headers(route, *names)


def _with_headers(route: Route, *names: str) -> Part:
    limited = ("RateLimit-Policy", "RateLimit") if route.access is not Access.PUBLIC else ()
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, *limited, REQUEST_ID)}}


def _title(code: str, status: int) -> str:
    kind = problem_type(code)
    return kind.title if kind else HTTPStatus(status).phrase


def _example(code: str, status: int) -> Part:
    kind = problem_type(code)
    title = _title(code, status)
    errors = [{"pointer": "/connection", "detail": "is required"}] if code == "BAD_INPUT" else []
    value = {
        "type": PATH + code,
        "title": title,
        "status": status,
        "detail": kind.meaning if kind else title,
        "code": code,
        "errors": errors,
        "fix": " ".join(kind.fix) if kind else "",
        "retryable": status in _TRY_AGAIN,
        "request_id": "5f1c0d2a9b3e4c71",
    }
    return {"summary": title, "value": value}
