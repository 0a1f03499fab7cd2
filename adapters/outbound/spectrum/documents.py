"""Documents of a work order: the REST service workOrders/images, its request and the judgement of its answer.

Source: Spectrum Data Exchange documentation of Work Order Image: the fields, JSON with `workOrderImages`, and that a
blank Document_ID makes a new document whose id is returned. The shape of the answer is not documented. So only a whole
JSON answer that names exactly one new id, and no problem, is a success, and only a whole JSON answer with Spectrum's
own codes of a refusal (Error_Code A, I, M or E, as in all its services) is a refusal. Whatever else follows a request
is unknown, as for a cost line: a status alone may come from a proxy, after Spectrum has taken the request.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from adapters.net.json_shapes import quoted
from adapters.outbound.spectrum.masking import MASK
from adapters.outbound.spectrum.transport import HttpAnswer, Request
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.work_orders.annotation import DOCUMENT_ID, IMAGES
from core.model.work_orders.column_words import folded
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID

_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_SPEAKS = (
    HTTPStatus.OK,
    HTTPStatus.CREATED,
    HTTPStatus.BAD_REQUEST,
    *_NO_ACCESS,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""With these, a refusal in Spectrum's own words counts."""
_REFUSING = frozenset("AIME")
_UNNAMED = "?"
"""The code of a problem that the answer gives none of Spectrum's: whoever wrote it, it is no refusal."""
_ID, _MOST_ROWS, _LONGEST_ID, _LONGEST_CODE = folded(DOCUMENT_ID), 100, 100, 8
_CODE, _WORDS, _COLUMN = folded("error_code"), ("desc", "errordescription", "message", "error", "errors"), "column"


def document_request(target: SpectrumTarget, fields: Mapping[str, str], content: bytes, guid: str) -> Request:
    """The call, signed with company and Authorization ID; a bearer token takes the place of that."""
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {login_of(target)}"}
    body = _body(target, fields, b64encode(content).decode(), guid, target.secrets.authorization_id.reveal())
    url = f"{target.endpoint.base}/{IMAGES}"
    return Request("POST", target.endpoint, url, headers, body, target.ca_certificate)


def login_of(target: SpectrumTarget) -> str:
    """The Authorization ID as the header of a call has it. Whoever sees it can read the ID."""
    return b64encode(f"{target.company_code}:{target.secrets.authorization_id.reveal()}".encode()).decode()


def document_evidence(target: SpectrumTarget, fields: Mapping[str, str], content: bytes, guid: str) -> bytes:
    """What is kept of the call: everything but the content and the Authorization ID."""
    return _body(target, fields, f"({len(content):,} bytes, SHA-256 {sha256(content).hexdigest()})", guid, MASK)


def judge_document(answer: HttpAnswer) -> WriteOutcome:
    status = answer.status
    if answer.cut:
        return Unknown(answer.cut, answer.cut_detail, status)
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    rows = list(_rows(document))
    problems = tuple(row for one in rows if (row := _problem(one)))
    made = [text for one in rows if (text := _id(one.get(_ID)))]
    if problems and made:
        return Unknown(UnknownReason.MIXED_ANSWER, "The answer names a new document and a problem.", status)
    if problems and status in _SPEAKS and {row.code for row in problems} <= _REFUSING:
        return Refused(problems)
    if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        return _status_alone(status, problems)
    if document is None:
        return Unknown(UnknownReason.TRUNCATED, "The answer is no whole JSON.", status)
    if problems:  # a code that Spectrum documents for no refusal, such as 0, may stand for a success
        return Unknown(UnknownReason.MIXED_ANSWER, "The answer neither names the new document nor refuses it.", status)
    if len(set(made)) != 1:
        return Unknown(UnknownReason.NOT_SOAP, "The answer does not name the new document.", status)
    return Accepted((AnswerRow("G", made[0], DOCUMENT_ID),))


def _status_alone(status: int, problems: tuple[AnswerRow, ...]) -> Unknown:
    said = f": {problems[0].text}" if problems and problems[0].text else "."
    if status == HTTPStatus.NOT_FOUND:
        return Unknown(UnknownReason.SERVICE_NOT_THERE, f"The server knows no {IMAGES} (HTTP 404){said}", status)
    if status in _NO_ACCESS:
        text = f"The server does not let this call to {IMAGES} through (HTTP {status}){said}"
        return Unknown(UnknownReason.UNAUTHENTICATED, text, status)
    return Unknown(UnknownReason.HTTP_ERROR, f"The server answered HTTP {status}{said}", status)


def _body(target: SpectrumTarget, fields: Mapping[str, str], file: str, guid: str, authorization_id: str) -> bytes:
    ours = {
        AUTHORIZATION_ID: authorization_id,
        GUID: guid,
        COMPANY_CODE: target.company_code,
    }
    return json.dumps({"workOrderImages": [{**ours, **fields, "Image_File": file}]}).encode()


def _rows(value: object) -> Iterator[Mapping[str, Any]]:
    """Every object of the answer, with the names of its members folded; at most 100."""
    waiting, seen = [value], 0
    while waiting and seen < _MOST_ROWS:
        one = waiting.pop()
        if isinstance(one, dict):
            seen += 1
            yield {folded(str(name)): member for name, member in one.items()}
            waiting += [member for member in one.values() if isinstance(member, dict | list)]
        elif isinstance(one, list):
            waiting += one[:_MOST_ROWS]


def _problem(row: Mapping[str, Any]) -> AnswerRow | None:
    code = _text(row.get(_CODE)).upper()
    words = next((text for name in _WORDS if (text := _text(row.get(name)))), "")
    if code in ("G", "S"):
        return None
    listed = any(row.get(name) for name in ("error", "errors"))
    if len(code) > _LONGEST_CODE:
        code, words = _UNNAMED, f"{code} {words}".rstrip()  # texts are searched for secrets before they are kept
    return AnswerRow(code or _UNNAMED, words, _text(row.get(_COLUMN))) if code or listed else None


def _id(value: object) -> str:
    """The text if it can be an id. Spectrum has to take it again in later calls, so anything else names no document."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isprintable() and len(text) <= _LONGEST_ID else ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return quoted([value]) if value else ""
