"""A client secret of enhanced authentication: its lifetime, its warnings, and the result of renewing it.

Source: a secret of Spectrum's Enhanced Authentication is valid for 7 to 120 days. If the administrator allows it, the
program that uses the secret can renew it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.shared.secret import Secret

SHORTEST_LIFE, LONGEST_LIFE = 7, 120
STAGES = (14, 7, 1, 0)
"""Days before the secret's end at which a warning is raised; 0 is the end itself."""
RENEWED_WITHIN = timedelta(days=14)


class SecretRotation(StrEnum):
    """Who renews the client secret: a person, or Jobferry by itself. Other programs may use the same secret."""

    MANUAL = "manual"
    """A person"""
    AUTOMATIC = "automatic"
    """Jobferry by itself"""


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """Data about the secret in use. `next` has not worked yet; `warned` is the last stage that had a warning."""

    expires_at: datetime | None = None
    next: Secret | None = None
    next_expires_at: datetime | None = None
    warned: int | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """`expires_at` is None if Spectrum does not say."""

    secret: Secret
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotRotated:
    """`lost`: Spectrum may have made a new secret, but no answer came, so the old one may be invalid."""

    detail: str
    lost: bool = False


def stage_of(expires_at: datetime | None, now: datetime) -> int | None:
    """The last of STAGES that has been reached, None before the first."""
    if expires_at is None:
        return None
    return min((days for days in STAGES if expires_at - now <= timedelta(days=days)), default=None)


def next_stage_at(expires_at: datetime | None, now: datetime) -> datetime | None:
    """When the next stage is reached; None after the last one, or if the secret's end is unknown."""
    if expires_at is None:
        return None
    moments = (expires_at - timedelta(days=days) for days in STAGES)
    return min((moment for moment in moments if moment > now), default=None)


def end_of(told: datetime | None, days: int | None, now: datetime) -> datetime | None:
    """When a secret that is made now ends: at `told`, else after `days` (its lifetime in this Spectrum), else None."""
    return told or (now + timedelta(days=days) if days else None)
