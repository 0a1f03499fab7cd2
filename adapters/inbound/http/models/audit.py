"""The audit out."""

from __future__ import annotations

from pydantic import Field

from adapters.inbound.http.models.wire import Input, Moment, Output, Text
from core.model.audit import AuditEntry


class AuditQuery(Input):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Text | None = None


class AuditOut(Output):
    at: Moment
    actor: str
    action: str
    subject: str
    detail: dict[str, str]

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditOut:
        return cls(
            at=entry.at, actor=entry.actor, action=entry.action, subject=entry.subject, detail=dict(entry.detail)
        )
