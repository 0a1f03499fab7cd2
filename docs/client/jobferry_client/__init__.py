"""A typed client of Jobferry's HTTP API, with nothing but Python's standard library."""

from __future__ import annotations

from . import models, problems
from .calls import Calls
from .problems import (
    AnswerLost,
    BadRequest,
    Conflict,
    Forbidden,
    JobferryError,
    NotFound,
    NotJobferry,
    Problem,
    RateLimited,
    ServerFailed,
    Unauthorized,
    Unavailable,
    Unreachable,
    VersionChanged,
)
from .transport import Answer, Versioned
from .webhooks import Event, NotVerified, verify


class Jobferry(Calls):
    """Jobferry at an address, called with a key: `Jobferry("http://127.0.0.1:8480", "jf_...")`."""


__all__ = [
    "Answer",
    "AnswerLost",
    "BadRequest",
    "Conflict",
    "Event",
    "Forbidden",
    "Jobferry",
    "JobferryError",
    "NotFound",
    "NotJobferry",
    "NotVerified",
    "Problem",
    "RateLimited",
    "ServerFailed",
    "Unauthorized",
    "Unavailable",
    "Unreachable",
    "VersionChanged",
    "Versioned",
    "models",
    "problems",
    "verify",
]
