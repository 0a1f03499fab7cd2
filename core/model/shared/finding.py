"""A finding: something that a user must know about a send, with its cause and fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    BLOCKER = "blocker"
    """Nothing is sent until it is fixed"""
    WARNING = "warning"
    """It was or is sent, and somebody should look"""
    INFO = "info"
    """Good to know"""


class Owner(StrEnum):
    """Who can apply the fix."""

    DISPATCHER = "dispatcher"
    """The office, in ServiceTrade's job"""
    SERVICETRADE_ADMIN = "servicetrade_admin"
    """ServiceTrade's administrator"""
    SPECTRUM_ADMIN = "spectrum_admin"
    """Spectrum's administrator"""
    IT = "it"
    """Who runs the network and the servers"""
    PLUGIN_AUTHOR = "plugin_author"
    """The author of the plugin"""
    SERVICE = "service"
    """Who operates Jobferry"""


class Retry(StrEnum):
    """Whether a retry is safe, and who starts it."""

    NO = "no"
    """A retry does not help"""
    AFTER_FIX = "after_fix"
    """A person retries it after the fix"""
    BACKOFF = "backoff"
    """Jobferry retries it by itself"""
    VERIFY_FIRST = "verify_first"
    """A person looks in Spectrum before anything is sent again"""


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
    item_id: str | None = None
    """ServiceTrade's id of the job's item that it is about; None for any other finding."""

    def __post_init__(self) -> None:
        if not self.code or not self.message:
            raise ValueError("a finding needs a code and a message")

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCKER
