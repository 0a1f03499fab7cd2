"""Diagnose an answer: turn every problem into a finding of the catalogue, and decide what to do with the send.

Also the state of a cost line after an answer, and the work order number that Spectrum returns with a write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model.catalogue import CATALOGUE, finding
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    RefusalReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.answer_signs import code_of, recognise, says_not_set_up
from core.model.shared.errors import JobferryError
from core.model.shared.finding import Finding, Retry, Severity
from core.model.work_orders.column_words import column_name, folded, in_words
from core.model.work_orders.cost_line import LineState
from core.model.work_orders.work_order import NUMBER

QUOTE_LENGTH = 300
_COLUMN = folded(NUMBER)
SPECTRUM_WARNED = "SPECTRUM_WARNED"
_WAITS = frozenset({"RECORD_LOCKED"})
_UNCLEAR = frozenset({"GUID_EXPIRED"})
_NO_ACCESS = frozenset({"AUTH_NOT_AUTHORIZED"})


class Remedy(StrEnum):
    """What is needed, the strongest first. If an answer names several problems, the strongest remedy decides."""

    HOLD_UNTIL_FIXED = "hold_until_fixed"
    """The whole connection waits until a person confirms that it is fixed."""
    PERSON = "person"
    """This send waits for a person."""
    HOLD_CONNECTION = "hold_connection"
    """The whole connection waits and tries again by itself. That uses up no attempts."""
    REPEAT = "repeat"
    """This send is retried automatically."""
    WAIT_FOR_RECORD = "wait_for_record"
    """This send is retried automatically, once the record is free."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """At least one finding; the first one decided the remedy."""

    findings: tuple[Finding, ...]
    remedy: Remedy


def diagnose(outcome: NotSent | Refused | Unknown) -> Diagnosis:
    """The diagnosis of a failed outcome, with a finding for every row. Never raises."""
    match outcome:
        case NotSent():
            code, message, remedy = _NOT_SENT[outcome.reason]
            return _one(code, _with_detail(message, outcome.detail), remedy)
        case Refused(reason=RefusalReason.SERVICE_MISSING):
            return _service_missing(outcome)
        case Refused(rows=()):
            message = _with_detail("Spectrum refused without naming a reason", outcome.detail)
            return _one("SPECTRUM_REFUSED", message, Remedy.PERSON)
        case Refused():
            return _read_rows(outcome.rows)
        case Unknown():
            return _read_unknown(outcome)


def from_error(error: JobferryError) -> Finding:
    """An error that stopped a send, as a finding. A code that is not in the catalogue becomes its class's code."""
    if error.code in CATALOGUE:
        return finding(error.code, error.message or CATALOGUE[error.code].title)
    known = (kind.default_code for kind in type(error).__mro__ if issubclass(kind, JobferryError))
    code = next((code for code in known if code in CATALOGUE), "INTERNAL_ERROR")
    fix = (error.fix,) if error.fix else None
    return finding(code, error.message or CATALOGUE[code].title, origin=error.code, fix=fix)


_NOT_SENT: Mapping[NotSentReason, tuple[str, str, Remedy]] = {
    NotSentReason.DNS: (
        "ENDPOINT_UNREACHABLE",
        "The name of the Spectrum server could not be found",
        Remedy.HOLD_CONNECTION,
    ),
    NotSentReason.REFUSED: (
        "ENDPOINT_UNREACHABLE",
        "The Spectrum server could not be reached",
        Remedy.HOLD_CONNECTION,
    ),
    NotSentReason.TOKEN_UNREACHABLE: (
        "ENDPOINT_UNREACHABLE",
        "Spectrum's sign-in service could not be reached",
        Remedy.HOLD_CONNECTION,
    ),
    NotSentReason.TOKEN_UNUSABLE: (
        "ENDPOINT_UNREACHABLE",
        "Spectrum's sign-in service gave no token",
        Remedy.HOLD_CONNECTION,
    ),
    NotSentReason.TLS: (
        "CERTIFICATE_INVALID",
        "A secure connection to the Spectrum server could not be made",
        Remedy.HOLD_CONNECTION,
    ),
    NotSentReason.ADDRESS_NOT_ALLOWED: (
        "ADDRESS_NOT_ALLOWED",
        "Jobferry may not call the address of this connection",
        Remedy.HOLD_UNTIL_FIXED,
    ),
    NotSentReason.TOKEN_REFUSED: (
        "AUTH_SECRET_EXPIRED",
        "Spectrum's sign-in refused the client ID and secret",
        Remedy.HOLD_UNTIL_FIXED,
    ),
    NotSentReason.GATE_CLOSED: ("SEND_TOO_LATE", "The call was stopped before anything was sent", Remedy.REPEAT),
}

_NO_SERVICE = "Spectrum does not offer the web service"

_UNKNOWN: Mapping[UnknownReason, str] = {
    UnknownReason.TIMEOUT: "Spectrum did not answer in time",
    UnknownReason.CONNECTION_LOST: "The connection broke before Spectrum's answer arrived",
    UnknownReason.TRUNCATED: "Spectrum's answer was cut off",
    UnknownReason.TOO_LARGE: "The answer was too large to be Spectrum's",
    UnknownReason.NOT_SOAP: "The answer at the address did not come from Spectrum's web service",
    UnknownReason.REDIRECT: "The address redirects to another address",
    UnknownReason.SERVICE_NOT_THERE: _NO_SERVICE,
    UnknownReason.UNAUTHENTICATED: "Spectrum asks for another sign-in",
    UnknownReason.HTTP_ERROR: "The Spectrum server answered with an error",
    UnknownReason.SERVER_FAULT: "Spectrum's web service stopped with an internal error",
    UnknownReason.MIXED_ANSWER: "Spectrum's answer says both that it worked and that it did not",
}


def _read_unknown(outcome: Unknown) -> Diagnosis:
    message = _with_detail(_UNKNOWN[outcome.reason], outcome.detail)
    if outcome.status in (502, 503):
        return _one("ERP_MAINTENANCE", message, Remedy.HOLD_CONNECTION)
    match outcome.reason:
        case UnknownReason.SERVICE_NOT_THERE:
            return _one("WEB_SERVICE_DISABLED", message, Remedy.HOLD_UNTIL_FIXED)
        case UnknownReason.UNAUTHENTICATED:
            return _one("AUTH_ENHANCED_TURNED_ON", message, Remedy.HOLD_UNTIL_FIXED)
        case UnknownReason.NOT_SOAP:
            return _one("ENDPOINT_NOT_SPECTRUM", message, Remedy.REPEAT)
        case UnknownReason.SERVER_FAULT:
            code = "PROCESSING_DATES_UNSET" if says_not_set_up(outcome.detail) else "SOAP_FAULT_UNKNOWN"
            return _one(code, message, Remedy.REPEAT)
    return _one("OUTCOME_UNKNOWN", message, Remedy.REPEAT)


def _read_rows(rows: tuple[AnswerRow, ...]) -> Diagnosis:
    """The diagnosis of all rows, deciding ones first. With any other refusal, a lock is not waited for."""
    read = [_read_row(row) for row in rows]
    refusing = [remedy for found, remedy in read if found.blocks]
    remedy = next((remedy for remedy in Remedy if remedy in refusing), Remedy.PERSON)
    findings = sorted(read, key=lambda pair: (not pair[0].blocks, list(Remedy).index(pair[1])))
    return Diagnosis((*(found for found, _ in findings), *_several(len(refusing))), remedy)


_ROW_REMEDY: Mapping[str, Remedy] = {
    "AUTH_NOT_AUTHORIZED": Remedy.HOLD_UNTIL_FIXED,
    "RECORD_LOCKED": Remedy.WAIT_FOR_RECORD,
    "GUID_EXPIRED": Remedy.REPEAT,
}
_BESIDE = {"W": Severity.WARNING, "G": Severity.INFO, "S": Severity.INFO}
"""Rows that refuse nothing; they may come together with refusing rows."""


def _read_row(row: AnswerRow) -> tuple[Finding, Remedy]:
    severity = _BESIDE.get(code_of(row), Severity.BLOCKER)
    code = recognise(row) if severity is Severity.BLOCKER else "SPECTRUM_REFUSED"
    found = finding(code, _row_message(row), severity=severity, field=column_name(row.column) or None)
    return found, _ROW_REMEDY.get(code, Remedy.PERSON)


def warnings(outcome: WriteOutcome) -> tuple[Finding, ...]:
    """What Spectrum warned of in an answer that accepts. Each is a finding of severity warning."""
    rows = outcome.warnings if isinstance(outcome, Accepted) else ()
    return tuple(
        finding(SPECTRUM_WARNED, _row_message(row), severity=Severity.WARNING, field=column_name(row.column) or None)
        for row in rows
    )


def _row_message(row: AnswerRow) -> str:
    about = in_words(row.column)
    match code_of(row):
        case "I":
            said = f"Spectrum does not accept {about or 'a value'}"
        case "M":
            said = f"Spectrum asks for {about or 'a value'}"
        case "A":
            said = "Spectrum refused access" + (f" because of {about}" if about else "")
        case "W":
            said = "Spectrum warns" + (f" about {about}" if about else "")
        case "G" | "S":
            said = "Spectrum returned " + (about or "a value")
        case _:
            said = "Spectrum reports a problem" + (f" with {about}" if about else "")
    quote = safely_quoted(row.text)
    return f'{said}: "{quote}"' if quote else f"{said}, without an explanation."


def _several(problems: int) -> Iterator[Finding]:
    if problems > 1:
        message = f"Spectrum reported {problems} problems at once; all of them are listed here."
        yield finding("MULTI_ERROR", message, severity=Severity.INFO)


def _service_missing(outcome: Refused) -> Diagnosis:
    """Refused before the record was read. Rows in the same answer are shown too."""
    first = finding("WEB_SERVICE_DISABLED", _with_detail(_NO_SERVICE, outcome.detail))
    return Diagnosis((first, *(_read_row(row)[0] for row in outcome.rows)), Remedy.HOLD_UNTIL_FIXED)


def _one(code: str, message: str, remedy: Remedy) -> Diagnosis:
    found = finding(code, message)
    if remedy is Remedy.REPEAT:
        found = replace(found, retry=Retry.BACKOFF)
    return Diagnosis((found,), remedy)


def _with_detail(message: str, detail: str) -> str:
    quote = safely_quoted(detail)
    return f"{message}: {quote}" if quote else f"{message}."


def safely_quoted(text: str) -> str:
    """Text of another system, made safe to show: no control characters, single spaces, at most 300 characters."""
    tidy = " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())
    return tidy if len(tidy) <= QUOTE_LENGTH else tidy[: QUOTE_LENGTH - 1].rstrip() + "…"


def line_state(outcome: WriteOutcome) -> LineState:
    """Judged strictly, since a line posted twice or lost costs money.

    posted: a clean success. planned: nothing was sent, or a clean refusal for a reason outside this line (a lock, no
    access, no such service). rejected: a clean refusal of the line. Everything else is in doubt."""
    match outcome:
        case Accepted():
            return LineState.POSTED
        case NotSent():
            return LineState.PLANNED
        case Refused(rows=(), reason=RefusalReason.SERVICE_MISSING):
            return LineState.PLANNED  # Spectrum did not read the line
        case Refused(rows=()):
            return LineState.IN_DOUBT  # the answer names no reason for a refusal
        case Refused(rows=rows):
            if any(recognise(row) in _UNCLEAR for row in rows):
                return LineState.IN_DOUBT  # no documentation says that a call with an expired session is not processed
            signs = {recognise(row) for row in rows if code_of(row) not in _BESIDE}
            return LineState.PLANNED if signs <= _WAITS or signs & _NO_ACCESS else LineState.REJECTED
    return LineState.IN_DOUBT


def returned_number(outcome: Accepted) -> str | None:
    """The number in the answer, which must be the one that was sent; None if the answer has none.

    It is trimmed, since Spectrum right-justifies codes. Several different numbers are joined by a comma and a space, so
    that they equal no number that was sent.
    """
    numbers = (row.text.strip() for row in outcome.returned if folded(row.column) == _COLUMN)
    return ", ".join(dict.fromkeys(number for number in numbers if number)) or None


def differing_number(sent: str, returned: str) -> Finding:
    """WO_NUMBER_DIFFERS, naming both numbers."""
    message = f"Jobferry sent work order number {sent}, but Spectrum stored it under {safely_quoted(returned)}."
    return finding("WO_NUMBER_DIFFERS", message, field=NUMBER)
