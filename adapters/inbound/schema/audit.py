"""Audit entries in answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.inbound.schema.schema_base import CURSOR, Input, Moment, MomentIn, Output, Text
from adapters.inbound.schema.terms import By, eg
from core.model.operations.audit import AuditFilter


class AuditQuery(Input):
    """Which entries of the audit are wanted. The filters add up."""

    actor: Annotated[Text, eg("anna@example.com")] | None = None
    """Only what this actor did: a person's e-mail address, `key:NAME` or `operator:NAME`, in full."""
    action: Annotated[Text, eg("send.requested")] | None = None
    """Only this action, such as `doubt.settled`, or all actions with this first word, such as `person`."""
    subject: Annotated[Text, eg("snd_01KJPV4V00EXAMPLE0000000S1")] | None = None
    """Only what was done to the record with this id, such as a send."""
    since: Annotated[MomentIn, eg("2026-03-01T00:00:00Z")] | None = None
    """Only entries at this moment or later."""
    until: Annotated[MomentIn, eg("2026-04-01T00:00:00Z")] | None = None
    """Only entries before this moment."""
    limit: int = Field(default=50, ge=1, le=200)
    """The most entries in one answer."""
    cursor: Annotated[Text, CURSOR] | None = None

    @property
    def only(self) -> AuditFilter:
        return AuditFilter(
            actor=self.actor, action=self.action, since=self.since, until=self.until, subject=self.subject
        )


class AuditOut(Output):
    """One decision of a person, a key or Jobferry itself."""

    at: Moment
    """When it was done."""
    actor: By
    actor_name: Annotated[str, eg("Anna Berg")]
    """The person's name at that time. '' for programs."""
    action: Annotated[str, eg("send.requested")]
    """What was done: the kind of record and a verb."""
    subject: Annotated[str, eg("snd_01KJPV4V00EXAMPLE0000000S1")]
    """Id of the record that it was done to."""
    detail: Annotated[dict[str, str], eg({"job": "2412087334600705", "connection": "main", "items": "none"})]
    """More about it, by name, as text. Never a secret."""
