"""Classifies the answer to a write: accepted, refused, or unknown. An unclear answer is unknown, never a guess.

Source: answer shape and codes as documented by Spectrum. The success answer of a write is not documented, so success
means a complete answer without any error row; warnings may be in it. Only two answers prove that nothing was written:
rows that refuse, with nothing but warnings beside them, and the SOAP fault that reports the service as missing. A
status alone proves nothing: a gateway before Spectrum may answer 401, 403 or 404 to a call that Spectrum has executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from lxml import etree

from adapters.outbound.spectrum.answer_text import text_of, words_of
from adapters.outbound.spectrum.envelope import NotXml, TooRich, parse
from adapters.outbound.spectrum.services import SPELLINGS, Service
from adapters.outbound.spectrum.transport import HttpAnswer
from core.model.sending.answer import Accepted, AnswerRow, RefusalReason, Refused, Unknown, UnknownReason

_SOAP = ("{http://schemas.xmlsoap.org/soap/envelope/}", "{http://www.w3.org/2003/05/soap-envelope}")
"""SOAP 1.1 and 1.2."""
_FAULT_CODES = {"sender": "Client", "receiver": "Server"}
"""The names of SOAP 1.2 and those of 1.1."""
_REFUSING = frozenset("AIME")
_RETURNING = frozenset("G")
_WARNING = frozenset("W")
_SUCCESS = frozenset("S")
_CELLS = ("error_code", "desc", "column")
_LEVELS = ("returnarray", "returndata", "response")
_ELSEWHERE = frozenset({"href", "ref"})
"""Attributes of an element whose content SOAP's encoding puts elsewhere. Without it the element looks empty."""
_FAULT_STATUSES = (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
"""Under these a SOAP service itself reports what is wrong: as a fault, and some in their usual rows."""
_MISSING_STATUSES = (*_FAULT_STATUSES, HTTPStatus.NOT_FOUND)


class Unclean(Exception):
    """The answer is complete but not a valid answer to a write. The message says how."""


def judge(answer: HttpAnswer, service: Service, *, reads: bool = False) -> Accepted | Refused | Unknown:
    """Classify `answer` to a write through `service`; with `reads`, to a call of one that changes nothing (see
    `_read_rows`). The body is read first, as a 404 may hold the one fault that proves something. Otherwise the status
    takes precedence over the body, except that 400 and 500 agree with rows that refuse."""
    content = _whole_content(answer)
    if not isinstance(content, Unknown) and answer.status in _MISSING_STATUSES and _names_missing(content, service):
        return Refused((), RefusalReason.SERVICE_MISSING, f"Spectrum does not know the service {service.name}.")
    if by_status := _judge_status(answer, service):
        return by_status
    if isinstance(content, Unknown):
        return content
    if _is_fault(content):
        return _judge_fault(content, answer)
    try:
        rows = tuple((_read_rows if reads else _rows)(content, service))
    except Unclean as error:
        unclean = Unknown(UnknownReason.MIXED_ANSWER, _quoted(str(error), answer), answer.status)
        return _http_error(answer) or unclean
    outcome = _judge_rows(rows, answer.status)
    agrees = isinstance(outcome, Refused) and answer.status in _FAULT_STATUSES
    return outcome if agrees else _http_error(answer) or outcome


def speaks_html(answer: HttpAnswer) -> bool:
    """Whether the answer is a web page instead of XML."""
    start = answer.body[:512].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    ours = b"envelope" in start or b"definitions" in start  # some servers call every answer a web page
    return ("html" in answer.content_type.lower() and not ours) or start.startswith((b"<!doctype html", b"<html"))


def _whole_content(answer: HttpAnswer) -> etree._Element | Unknown:
    """Return the one element inside the SOAP body of a complete answer, or Unknown with the reason."""
    if answer.cut:
        return Unknown(answer.cut, _quoted(answer.cut_detail, answer), answer.status)
    try:
        return _content(parse(answer.body, answer.content_type))
    except TooRich as error:
        return Unknown(UnknownReason.TOO_LARGE, str(error), answer.status)
    except NotXml as error:
        return _not_xml(answer, error)
    except Unclean as error:
        detail = _quoted(str(error), answer)
        return _http_error(answer) or Unknown(UnknownReason.NOT_SOAP, detail, answer.status)


def _judge_status(answer: HttpAnswer, service: Service) -> Unknown | None:
    """Return the outcome of a status that has a specific meaning."""
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        detail = f"The server asks for a sign-in (HTTP {answer.status})."
        return Unknown(UnknownReason.UNAUTHENTICATED, detail, answer.status)
    if answer.status == HTTPStatus.NOT_FOUND:
        detail = f"There is no service {service.name} there (HTTP 404)."
        return Unknown(UnknownReason.SERVICE_NOT_THERE, detail, answer.status)
    if 300 <= answer.status < 400:
        target = f" to {answer.redirect_to}" if answer.redirect_to else ""
        return Unknown(
            UnknownReason.REDIRECT, f"The server redirects{target}; redirects are not followed.", answer.status
        )
    return None


def _http_error(answer: HttpAnswer) -> Unknown | None:
    if answer.status == HTTPStatus.OK:
        return None
    detail = _quoted(f"The server answered HTTP {answer.status}.", answer)
    return Unknown(UnknownReason.HTTP_ERROR, detail, answer.status)


def _not_xml(answer: HttpAnswer, error: NotXml) -> Unknown:
    if by_status := _http_error(answer):
        return by_status
    if not answer.body.strip():
        return Unknown(UnknownReason.TRUNCATED, "The answer was empty.", answer.status)
    if speaks_html(answer):
        return Unknown(UnknownReason.NOT_SOAP, "The server answered with a web page, not with SOAP.", answer.status)
    if error.cut is not None:
        reason, detail = UnknownReason.TRUNCATED if error.cut else UnknownReason.NOT_SOAP, str(error)
    elif text_of(answer.body, answer.content_type).lstrip("\ufeff \t\r\n").startswith("<"):
        reason, detail = UnknownReason.TRUNCATED, "The answer is cut off or not well-formed XML."
    else:
        reason, detail = UnknownReason.NOT_SOAP, "The server answered with something that is not XML."
    return Unknown(reason, _quoted(detail, answer), answer.status)


def _quoted(detail: str, answer: HttpAnswer) -> str:
    """Return `detail` with what the answer says, however much that is: it is cut after the secrets are masked."""
    words = "" if speaks_html(answer) else words_of(answer.body, answer.content_type)
    return f"{detail} It says: {words}" if words else detail


def _content(root: etree._Element) -> etree._Element:
    """Return the one element inside the SOAP body. Raises Unclean, also for anything beside it that may contradict."""
    if _name(root) != "envelope" or not str(root.tag).startswith(_SOAP):
        page = "a web page" if _name(root) == "html" else "XML"
        raise Unclean(f"The server answered with {page}, not with SOAP.")
    parts = _without_text(root)
    bodies = [part for part in parts if _name(part) == "body"]
    if any(_name(part) not in ("header", "body") for part in parts):
        raise Unclean("There is something beside header and body in the SOAP envelope.")
    contents = _without_text(bodies[0]) if len(bodies) == 1 else []
    if len(contents) != 1:
        raise Unclean("The SOAP envelope does not hold exactly one answer.")
    return contents[0]


def _is_fault(content: etree._Element) -> bool:
    return _name(content) == "fault"


def _names_missing(content: etree._Element, service: Service) -> bool:
    """Whether this is Spectrum's fault for a service that it does not have (seen in real answers)."""
    if not _is_fault(content):
        return False
    code, text = (part.lower() for part in _fault_parts(content))
    names = SPELLINGS.get(service.name, (service.name,))
    named = any(re.search(rf"\b{re.escape(name.lower())}\b", text) for name in names)
    return code.startswith("client") and "could not find webservice" in text and named


def _judge_fault(fault: etree._Element, answer: HttpAnswer) -> Unknown:
    if answer.status not in _FAULT_STATUSES and (error := _http_error(answer)):
        return error
    code, text = _fault_parts(fault)
    return Unknown(UnknownReason.SERVER_FAULT, f"SOAP fault {code}: {text}", answer.status)


def _fault_parts(fault: etree._Element) -> tuple[str, str]:
    """Return the code without prefix, in the words of SOAP 1.1, and the text of a SOAP fault."""
    parts = {_name(child): child for child in _elements(fault)}
    texts = {name: _text(part) for name, part in parts.items()}
    values = [_text(one) for one in _elements(parts["code"]) if _name(one) == "value"] if "code" in parts else []
    code = texts.get("faultcode", "".join(values)).rpartition(":")[2]
    return _FAULT_CODES.get(code.lower(), code), texts.get("faultstring", texts.get("reason", ""))


def _rows(content: etree._Element, service: Service) -> Iterator[AnswerRow]:
    """Yield all `response` entries. Raises Unclean for anything outside the documented shape."""
    if _name(content) != service.answer.lower():
        raise Unclean(f"The answer is not a {service.answer}.")
    for array in _only(content, "returnarray"):
        for data in _only(array, "returndata"):
            for row in _only(data, "response"):
                yield _row(row)


def _read_rows(content: etree._Element, service: Service) -> Iterator[AnswerRow]:
    """Yield what a service that changes nothing says of itself. Its rows of data have no error code, and S, the success
    of the connection test, counts as a row that returns something. Raises Unclean for another service's answer."""
    if _name(content) != service.answer.lower():
        raise Unclean(f"The answer is not a {service.answer}.")
    for row in content.iterdescendants(etree.Element):
        cells = {_name(cell): _text(cell) for cell in _elements(row)} if _name(row) == "response" else {}
        if code := cells.get("error_code", "").upper():
            text = cells.get("desc") or cells.get("error_description", "")
            column = cells.get("column") or cells.get("error_column", "")
            yield AnswerRow("G" if code in _SUCCESS else code, text, column)


def _row(row: etree._Element) -> AnswerRow:
    """Return one entry. An element that is not documented says nothing to us, as long as nothing is inside it."""
    children = _without_text(row)
    for child in children:
        if _name(child) in _LEVELS or (_name(child) not in _CELLS and _elements(child)):
            raise Unclean(f"There is an unexpected element {_name(child)} inside {_name(row)}.")
        if hidden := {_name(one) for one in child.iterdescendants(etree.Element)} & {*_LEVELS, *_CELLS}:
            raise Unclean(f"There is an unexpected element {min(hidden)} inside {_name(child)}.")
    cells = [(_name(child), _text(child)) for child in children if _name(child) in _CELLS]
    values = dict(cells)
    if len(values) != len(cells):
        raise Unclean("An entry of the answer has an element twice.")
    return AnswerRow(values.get("error_code", "").upper(), values.get("desc", ""), values.get("column", ""))


def _judge_rows(rows: tuple[AnswerRow, ...], status: int) -> Accepted | Refused | Unknown:
    codes = {row.code for row in rows}
    if codes <= _RETURNING | _WARNING:
        warnings = tuple(row for row in rows if row.code in _WARNING)
        return Accepted(tuple(row for row in rows if row.code in _RETURNING), warnings)
    if codes <= _REFUSING | _WARNING:
        return Refused(rows)
    seen = ", ".join(f"{row.code or '(none)'} {row.column} {row.text}".strip() for row in rows)
    return Unknown(UnknownReason.MIXED_ANSWER, f"The answer neither accepts nor refuses: {seen}", status)


def _only(parent: etree._Element, name: str) -> Sequence[etree._Element]:
    """Return the children. Raises Unclean if one has another name, and for text between them."""
    children = _without_text(parent)
    for child in children:
        if _name(child) != name:
            raise Unclean(f"There is an unexpected element {_name(child)} inside {_name(parent)}.")
    return children


def _without_text(parent: etree._Element) -> Sequence[etree._Element]:
    """Return the children. Raises Unclean for text between them, and if the children are somewhere else."""
    if _ELSEWHERE & {str(name).rpartition("}")[2] for name in parent.attrib}:
        raise Unclean(f"The content of {_name(parent)} is not in its place.")
    for text in (parent.text, *[child.tail for child in parent]):
        if text and text.strip():
            raise Unclean(f"There is unexpected text inside {_name(parent)}.")
    return _elements(parent)


def _elements(parent: etree._Element) -> Sequence[etree._Element]:
    return [child for child in parent if isinstance(child.tag, str)]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext()).strip()
