"""What an event hook gets (a send ended, or a connection is held), and what `posted_lines` gets: without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.model.planning.draft import ConnectionView
from core.model.shared.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotification:
    """One send that ended. `state` is as in the API; `job_number` and `work_order_number` are None if the job was not
    read. `config` is the notified plugin's own configuration."""

    connection: ConnectionView
    send_id: str
    job_id: str
    state: str
    job_number: str | None = None
    work_order_number: str | None = None
    findings: tuple[Finding, ...] = ()
    config: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionNotification:
    """A connection that is held because of `finding`. `until` is None if only a person can end the hold."""

    connection: ConnectionView
    finding: Finding
    since: datetime
    until: datetime | None = None
    config: Any = field(default_factory=dict)


Notification = SendNotification | ConnectionNotification


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderQuery:
    """One work order of the connection's company. `config` is the asked plugin's own configuration."""

    connection: ConnectionView
    work_order_number: str
    config: Any = field(default_factory=dict)
