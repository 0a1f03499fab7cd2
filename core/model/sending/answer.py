"""The outcome of a write to Spectrum: one of four, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One `response` element of an answer: `code` is A, I, M, E, G, S or W, `column` the field that it is about."""

    code: str
    text: str
    column: str


class NotSentReason(StrEnum):
    """Why no byte of the request body left: repeating is safe."""

    DNS = "dns"
    REFUSED = "refused"
    """The connection was refused, or the address may not be called: the two look the same on purpose."""
    TLS = "tls"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    """The scheme or the port alone is forbidden, for every address."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a token
    TOKEN_UNREACHABLE = "token_unreachable"  # noqa: S105
    TOKEN_UNUSABLE = "token_unusable"  # noqa: S105
    """The token service answered, but without a token."""
    GATE_CLOSED = "gate_closed"


class UnknownReason(StrEnum):
    """Why the outcome of a sent request is unknown. A gateway may return an error after Spectrum applied the write."""

    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    NOT_SOAP = "not_soap"
    REDIRECT = "redirect"
    SERVICE_NOT_THERE = "service_not_there"
    """HTTP 404 without the SOAP fault that names the service as missing."""
    UNAUTHENTICATED = "unauthenticated"
    """HTTP 401 or 403."""
    HTTP_ERROR = "http_error"
    SERVER_FAULT = "server_fault"
    MIXED_ANSWER = "mixed_answer"


class RefusalReason(StrEnum):
    """How Spectrum refused cleanly."""

    ROWS = "rows"
    SERVICE_MISSING = "service_missing"
    """The SOAP fault that names the service as missing, so the record was not read. It has no rows."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A complete, well-formed answer without A, I, M, E or an unknown code. `returned` are its G rows, `warnings` its W
    rows."""

    returned: tuple[AnswerRow, ...] = ()
    warnings: tuple[AnswerRow, ...] = ()

    @property
    def in_short(self) -> str:
        said = [f"{row.column}={row.text}" for row in self.returned]
        return "; ".join([*said, *(f"{row.code} {row.column}: {row.text}" for row in self.warnings)])


@dataclass(frozen=True, slots=True)
class Refused:
    """A well-formed refusal: nothing was written. `rows` are all its entries, not only the first, warnings too."""

    rows: tuple[AnswerRow, ...]
    reason: RefusalReason = RefusalReason.ROWS
    detail: str = ""

    @property
    def in_short(self) -> str:
        return self.detail or "; ".join(f"{row.code} {row.column}: {row.text}" for row in self.rows)


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the body left. `detail` says what happened in plain words, without secrets."""

    reason: NotSentReason
    detail: str

    @property
    def in_short(self) -> str:
        return f"{self.reason.value}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """The body (or a part of it) left and no clean answer came. `status` is the HTTP status, if there was one."""

    reason: UnknownReason
    detail: str
    status: int | None = None

    @property
    def in_short(self) -> str:
        return f"{self.reason.value}: {self.detail}"


WriteOutcome = Accepted | Refused | NotSent | Unknown

_NOBODY = frozenset({NotSentReason.DNS, NotSentReason.REFUSED, NotSentReason.TOKEN_UNREACHABLE, UnknownReason.TIMEOUT})
_NO_SIGN = frozenset({NotSentReason.TLS, NotSentReason.ADDRESS_NOT_ALLOWED, NotSentReason.GATE_CLOSED})


def shows_life(outcome: WriteOutcome) -> bool | None:
    """Whether the call shows that something answers at the endpoint. None: it was stopped on our side, or a certificate
    failed, which may be due to the settings of one connection."""
    if isinstance(outcome, NotSent | Unknown) and outcome.reason in _NOBODY:
        return False
    return None if isinstance(outcome, NotSent) and outcome.reason in _NO_SIGN else True


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call with its outcome; `request` and `answer` are kept as evidence, secrets masked, at most 16 kB each."""

    outcome: WriteOutcome
    request: str = ""
    answer: str = ""
