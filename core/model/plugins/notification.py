"""What an event hook is told: that a send ended, or that a connection stands still. Plain values, never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.model.planning.draft import ConnectionView
from core.model.shared.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotification:
    """One send that ended. `state` is as the API names it; `job_number` and `work_order_number` are None before the job
    was read. `config` is the told plugin's own configuration."""

    connection: ConnectionView
    send_id: str
    job_id: str
    state: str
    job_number: str | None = None
    work_order_number: str | None = None
    findings: tuple[Finding, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionNotification:
    """A connection that stands still because of `finding`; `until` is None where only a person can end that."""

    connection: ConnectionView
    finding: Finding
    since: datetime
    until: datetime | None = None
    config: Mapping[str, Any] = field(default_factory=dict)


Notification = SendNotification | ConnectionNotification
