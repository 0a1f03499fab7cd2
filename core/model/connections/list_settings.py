"""The setting of a connection about codes that Spectrum's own lists do not have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.model.connections.task_settings import TaskSettings
from core.model.shared.setting import setting

LISTS = "Spectrum's lists of codes"


class UnlistedCodes(StrEnum):
    """What a code does that a whole and fresh list of Spectrum's lacks or has as inactive."""

    STOP = "stop"
    """The send stops before Spectrum is asked"""
    WARN = "warn"
    """The preview warns, and Spectrum decides"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSettings(TaskSettings):
    unlisted_codes: UnlistedCodes = setting(
        UnlistedCodes.STOP,
        title="Codes that Spectrum's list does not have",
        group=LISTS,
        help="Only a list that is whole and not older than two days stops anything. Choose to be warned if Spectrum"
        " accepts codes that its lists do not show, for example because the Authorization ID sees only a part of them.",
        words={"stop": "Stop the send before Spectrum is asked", "warn": "Only warn, and let Spectrum decide"},
    )

    @property
    def unlisted_codes_stop(self) -> bool:
        return self.unlisted_codes is UnlistedCodes.STOP
