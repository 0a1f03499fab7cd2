"""Errors, grouped by remedy: who can mend it decides the class, the catalogue code says what it is.

Every message says what is wrong, `fix` what to do. None of them carries a secret.
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
    """Base of everything Jobferry raises on purpose."""

    default_code = "ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, fix: str = "", errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fix = fix
        self.errors = tuple(errors)


class CallerMends(JobferryError):
    """The request is wrong; sending it again unchanged fails again."""

    default_code = "BAD_REQUEST"


class BadInput(CallerMends):
    """Input that breaks a rule; `errors` points at the fields."""

    default_code = "BAD_INPUT"


class NotFound(CallerMends):
    """Missing, or another tenant's: the two look the same on purpose."""

    default_code = "NOT_FOUND"


class Conflict(CallerMends):
    """The request does not fit the present state."""

    default_code = "CONFLICT"


class OutOfDate(CallerMends):
    """Somebody else changed the record since the caller read it."""

    default_code = "VERSION_CHANGED"


class Unauthorized(CallerMends):
    """No key, or one that is not valid."""

    default_code = "UNAUTHORIZED"


class Forbidden(CallerMends):
    """The key is valid, but not for this."""

    default_code = "SCOPE_MISSING"


class TenantMends(JobferryError):
    """Somebody at the tenant (ServiceTrade or Spectrum administrator) has to change something."""

    default_code = "TENANT_SETUP"


class OperatorMends(JobferryError):
    """The host of this installation has to change something (database, key, configuration)."""

    default_code = "OPERATOR_SETUP"


class TimeMends(JobferryError):
    """Passes by itself; `retry_after` (seconds) says when to try again, if the other side told us."""

    default_code = "TRY_LATER"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fix: str = "",
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, fix=fix, errors=errors)
        self.retry_after = retry_after


class LeaseLost(TimeMends):
    """Another worker has taken over this connection; whatever this one was about to do is no longer its to do."""

    default_code = "LEASE_LOST"


class SendChanged(Conflict):
    """Somebody else stored this send since it was read (cancelled, retried, superseded); look again."""

    default_code = "SEND_CHANGED"
