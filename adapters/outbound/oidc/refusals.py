"""What people are told when the provider's word is not enough. Nothing of a code or a token stands in any of it."""

from __future__ import annotations

import structlog

from core.model.shared.errors import OperatorMends, TimeMends, Unauthorized

_log = structlog.get_logger(__name__)
ONCE_MORE = "Sign in again from the sign-in page. If it stays like this, use your password or ask for a sign-in link."
_DOCTOR = "Ask whoever runs this installation: `jobferry doctor` says what is wrong. Password and link still work."


def refused(message: str, why: str, fix: str = ONCE_MORE) -> Unauthorized:
    """`why` is for the operator's log, in words of ours."""
    _log.warning("identity.refused", why=why)
    return Unauthorized(message, code="IDENTITY_REFUSED", fix=fix)


def not_certain(name: str, why: str) -> Unauthorized:
    """An answer that does not prove who is there, for a reason that says nothing to people."""
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
    return OperatorMends(f"Signing in with {name} is not set up rightly: {why}", code="IDENTITY_SETUP", fix=_DOCTOR)
