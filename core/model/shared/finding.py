"""A finding: something that a user must know about a send, with its cause and fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    BLOCKER = "blocker"
    WARNING = "warning"
    INFO = "info"


class Owner(StrEnum):
    """Who can apply the fix."""

    DISPATCHER = "dispatcher"
    SERVICETRADE_ADMIN = "servicetrade_admin"
    SPECTRUM_ADMIN = "spectrum_admin"
    IT = "it"
    PLUGIN_AUTHOR = "plugin_author"
    SERVICE = "service"


class Retry(StrEnum):
    """Whether a retry is safe, and who starts it."""

    NO = "no"
    AFTER_FIX = "after_fix"
    BACKOFF = "backoff"
    VERIFY_FIRST = "verify_first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `code` is stable and from the catalogue; `message` is about this case; `fix` holds the steps."""

    code: str
    severity: Severity
    message: str
    cause: str = ""
    fix: tuple[str, ...] = ()
    owner: Owner = Owner.SERVICE
    retry: Retry = Retry.NO
    field: str | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        if not self.code or not self.message:
            raise ValueError("a finding needs a code and a message")

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCKER
