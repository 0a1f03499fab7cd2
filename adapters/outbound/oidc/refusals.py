"""Messages to people whose sign-in at the provider failed. No message contains a part of a code or token."""

from __future__ import annotations

import structlog

from core.model.shared.errors import OperatorMends, TimeMends, Unauthorized

_log = structlog.get_logger(__name__)
ONCE_MORE = "Sign in again from the sign-in page. If it fails again, use your password or ask for a sign-in link."
_DOCTOR = "Ask the operator of this installation: `jobferry doctor` says what is wrong. Password and link still work."


def refused(message: str, why: str, fix: str = ONCE_MORE) -> Unauthorized:
    """Return the error. `why` goes to the operator's log and contains no text from the provider."""
    _log.warning("identity.refused", why=why)
    return Unauthorized(message, code="IDENTITY_REFUSED", fix=fix)


def not_certain(name: str, why: str) -> Unauthorized:
    """Return the error for an answer that does not prove the identity. The reason is only for the log."""
    return refused(f"What {name} answered does not prove who you are.", why)


def unreachable(name: str, why: str) -> TimeMends:
    _log.warning("identity.unreachable", why=why)
    return TimeMends(
        f"{name} cannot be reached at the moment: {why}",
        code="IDENTITY_UNREACHABLE",
        fix="Try again in a few minutes, or use your password or a sign-in link.",
    )


def wrong_setup(name: str, why: str) -> OperatorMends:
    _log.warning("identity.wrong_setup", why=why)
    return OperatorMends(f"The sign-in with {name} is not set up correctly: {why}", code="IDENTITY_SETUP", fix=_DOCTOR)
