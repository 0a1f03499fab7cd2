"""What a call can raise. Every error says what happened and, where Jobferry knows it, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class JobferryError(Exception):
    """Anything that keeps a call from its answer."""


class Unreachable(JobferryError):
    """No connection could be made. Nothing was sent, so the call may be repeated."""


class AnswerLost(JobferryError):
    """The request left, and no answer came back, or only that of a proxy without one (502, 503, 504). For a
    call that changes something it is not known whether it was done: look, before you call again. Calls with an
    Idempotency-Key raise this only after they were repeated in vain; call again with the same `idempotency_key`, and
    nothing is done twice."""

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class NotJobferry(JobferryError):
    """What answered is not Jobferry's API: a wrong address, one that leads to another, or a proxy in between."""


class Problem(JobferryError):
    """An error that Jobferry told. `code` is stable and for programs, `fix` says what to do, `errors` names the wrong
    fields, `retryable` whether the same call may succeed later, and `document` is the whole answer."""

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.document = document
        self.code = str(document.get("code", ""))
        self.detail = str(document.get("detail", ""))
        self.fix = str(document.get("fix", ""))
        self.errors: list[Mapping[str, str]] = list(document.get("errors", ()))
        self.retryable = bool(document.get("retryable"))
        self.request_id = str(document.get("request_id", ""))
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.detail}" + (f" {self.fix}" if self.fix else ""))


class BadRequest(Problem):
    """400, 408, 413, 415, 417, 422 and 431: the request, or what it names, has to change."""


class Unauthorized(Problem):
    """401: the key is missing, wrong or ended."""


class Forbidden(Problem):
    """403: the key lacks a scope."""


class NotFound(Problem):
    """404: there is no such record, or this key may not see it."""


class Conflict(Problem):
    """409: the state of the record does not allow it now. With code JOB_CHANGED_WHILE_SENDING, `document["plan"]` is
    the new plan."""


class VersionChanged(Problem):
    """412 and 428: the record was changed since you read it."""


class RateLimited(Problem):
    """429: too many requests; `retry_after` says how many seconds to wait."""


class Unavailable(Problem):
    """503: the same request may succeed later."""


class ServerFailed(Problem):
    """500: Jobferry itself failed. Give its operator the `request_id`."""


_CLASSES: Mapping[int, type[Problem]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: VersionChanged,
    428: VersionChanged,
    429: RateLimited,
    500: ServerFailed,
    503: Unavailable,
}


def problem_of(status: int, document: Mapping[str, Any], retry_after: float | None = None) -> Problem:
    """The error for an answer with this status and problem document."""
    return _CLASSES.get(status, BadRequest if status < 500 else ServerFailed)(status, document, retry_after)
