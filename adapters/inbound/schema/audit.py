"""Audit entries in answers."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.operations.audit import AuditFilter


class AuditQuery(Input):
    """`action` is a whole action or its first word, such as `person`; `subject` is the id of a record, such as a send.
    `since` is included, `until` is not."""

    actor: Text | None = None
    action: Text | None = None
    subject: Text | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Text | None = None

    @property
    def only(self) -> AuditFilter:
        return AuditFilter(
            actor=self.actor, action=self.action, since=self.since, until=self.until, subject=self.subject
        )


class AuditOut(Output):
    at: Moment
    actor: str
    actor_name: str
    action: str
    subject: str
    detail: dict[str, str]
