"""What a person decided, for those who ask later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`action` is such as `doubt.settled`, `subject` the id it was done to, `detail` plain values without secrets."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0
