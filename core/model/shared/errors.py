"""Errors. The class says who can fix the cause; the code says what it is.

Every message says what is wrong, and `fix` what to do. No error holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused input field: a JSON pointer (or option name) and what is wrong with it."""

    pointer: str
    detail: str


class JobferryError(Exception):
    """Base of all errors that Jobferry raises on purpose."""

    default_code = "ERROR"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fix: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
    ) -> None:
        """`retry_after` (seconds) says when to try again, if the other system gave it."""
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fix = fix
        self.errors = tuple(errors)
        self.retry_after = retry_after


class CallerMends(JobferryError):
    """The request is wrong. The same request fails again."""

    default_code = "BAD_REQUEST"


class BadInput(CallerMends):
    """Input that breaks a rule. `errors` names the fields."""

    default_code = "BAD_INPUT"

    @classmethod
    def of(cls, problem: str, errors: Sequence[FieldError], *, code: str | None = None, fix: str) -> BadInput:
        """The error for fields that were refused. Its message is `problem` and what is wrong with each of them."""
        details = "; ".join(f"{error.pointer[1:]}: {error.detail}" for error in errors)
        return cls(f"{problem}: {details}.", code=code, fix=fix, errors=errors)


class NotFound(CallerMends):
    """The record is missing or is another tenant's. The two look the same on purpose."""

    default_code = "NOT_FOUND"


class Conflict(CallerMends):
    """The request does not fit the present state."""

    default_code = "CONFLICT"


class OutOfDate(CallerMends):
    """Somebody else changed the record since the caller read it."""

    default_code = "VERSION_CHANGED"


class Unauthorized(CallerMends):
    """The key is missing or not valid."""

    default_code = "UNAUTHORIZED"


class Forbidden(CallerMends):
    """The key is valid, but lacks a scope for this request."""

    default_code = "SCOPE_MISSING"


class TenantMends(JobferryError):
    """Somebody at the tenant (the ServiceTrade or Spectrum administrator) has to change something."""

    default_code = "TENANT_SETUP"


class OperatorMends(JobferryError):
    """The operator of this installation has to change something (database, key, configuration)."""

    default_code = "OPERATOR_SETUP"


class TimeMends(JobferryError):
    """The cause ends by itself."""

    default_code = "TRY_LATER"


class LeaseLost(TimeMends):
    """Another worker has taken over this connection, so this worker must do nothing more for it."""

    default_code = "LEASE_LOST"


class ConnectionChanged(Conflict):
    """The connection was changed, paused or held since it was read, so no call to Spectrum may begin. Read it again."""

    default_code = "CONNECTION_CHANGED"


class SendChanged(Conflict):
    """Somebody else changed this send since it was read (cancelled, retried, superseded). Read it again."""

    default_code = "SEND_CHANGED"
