"""A client secret of enhanced authentication: how long it lives, when to speak of it, and what came of renewing it.

Source: Spectrum's Enhanced Authentication lets a secret live 7 to 120 days and, where its administrator allows it, be
renewed by the program that uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.shared.secret import Secret

SHORTEST_LIFE, LONGEST_LIFE = 7, 120
STAGES = (14, 7, 1, 0)
"""Days before its end at which a secret is spoken of; 0 is the end itself."""
RENEWED_WITHIN = timedelta(days=14)


class SecretRotation(StrEnum):
    """Who renews the client secret: a person, or Jobferry by itself. It may be other programs' secret, too."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """What is known beside the secret in use. `next` is one that has not worked yet; `warned` is the last stage that
    was spoken of."""

    expires_at: datetime | None = None
    next: Secret | None = None
    next_expires_at: datetime | None = None
    warned: int | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """`expires_at` is None where Spectrum does not say."""

    secret: Secret
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotRotated:
    """`lost`: Spectrum may have made a new secret, and its answer did not come, so the old one may be void."""

    detail: str
    lost: bool = False


def stage_of(expires_at: datetime | None, now: datetime) -> int | None:
    """The nearest of STAGES that has come, None before the first."""
    if expires_at is None:
        return None
    return min((days for days in STAGES if expires_at - now <= timedelta(days=days)), default=None)


def next_stage_at(expires_at: datetime | None, now: datetime) -> datetime | None:
    """When the next stage comes; None after the last, or if the end is not known."""
    if expires_at is None:
        return None
    moments = (expires_at - timedelta(days=days) for days in STAGES)
    return min((moment for moment in moments if moment > now), default=None)


def end_of(told: datetime | None, days: int | None, now: datetime) -> datetime | None:
    """When a secret ends that is made now: as told, else after the days that secrets live in this Spectrum."""
    return told or (now + timedelta(days=days) if days else None)
