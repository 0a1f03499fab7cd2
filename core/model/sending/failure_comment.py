"""How an outcome is told: the comment that Jobferry writes on a job after a failure, and the tenant's own events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.model.catalogue import advice_for
from core.model.connections.connection import Connection, Hold
from core.model.connections.settings import ExternalSync
from core.model.sending.moment import outcome_of
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import ItemsProgress, Progress
from core.model.sending.send import Send
from core.model.shared.advice import Door
from core.model.shared.finding import Owner
from core.model.webhooks.event import Event, EventType, event_of, moment

OWNER_WORDS = {
    Owner.DISPATCHER: "the dispatcher or office staff",
    Owner.SERVICETRADE_ADMIN: "the ServiceTrade administrator",
    Owner.SPECTRUM_ADMIN: "the Spectrum administrator",
    Owner.IT: "IT",
    Owner.PLUGIN_AUTHOR: "the author of the plugin",
    Owner.SERVICE: "the Jobferry operator",
}


def comment_marker(connection: Connection) -> str:
    """The marker that identifies Jobferry's own comment. A job has one such comment for each connection."""
    return f"[jobferry:{connection.external_system}]"


def failure_comment(connection: Connection, send: Send, progress: Progress) -> str:
    """The comment's text: the outcome, then every finding that stops the send, with cause, numbered fix and who can do
    it."""
    parts = [outcome_words(send, progress, connection.name)]
    for found in [f for f in send.findings if f.blocks] or send.findings:
        steps = advice_for(found, outcome_of(found, send.state), Door.OFFICE)
        lines = [found.message]
        if found.cause:
            lines.append(f"Why: {found.cause}")
        lines += [f"{step}. {text}" for step, text in enumerate(steps, start=1)]
        lines.append(f"Who can do this: {OWNER_WORDS[found.owner]}. Code: {found.code}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def sync_body(connection: Connection, sync: ExternalSync, send: Send, status: str) -> dict[str, Any]:
    """The configured ExternalSync body with its placeholders replaced."""
    message = send.findings[0].message if status == "failed" and send.findings else ""
    values = {
        "{job_id}": send.job_id,
        "{system}": connection.external_system,
        "{status}": status,
        "{message}": message,
    }
    return {key: _filled(value, values) for key, value in sync.body.items()}


def _filled(value: Any, values: dict[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for placeholder, text in values.items():
        value = value.replace(placeholder, text)
    return value


def send_event(
    event_id: str,
    kind: EventType,
    at: datetime,
    send: Send,
    progress: Progress,
    connection: Connection,
    hold: Hold | None = None,
) -> Event:
    """The event of a send. `hold` is its connection's present hold."""
    items, tasks = progress.items, progress.tasks
    data: dict[str, Any] = {
        "send_id": send.id,
        "state": send.state.value,
        "connection": connection.slug,
        "job_id": send.job_id,
        "job_number": send.job_number,
        "work_order_number": send.work_order_number,
        "requested_at": moment(send.requested_at),
        "requested_by": send.requested_by,
        "progress": {
            "sentence": outcome_words(send, progress, connection.name),
            "work_order": progress.work_order.value,
            "items": {"mark": items.mark.value, **_counts(items)} if items else None,
            "tasks": {"mark": tasks.mark.value, **_counts(tasks)} if tasks else None,
            "number": progress.number.value,
        },
        "findings": [
            {"code": found.code, "severity": found.severity.value, "message": found.message} for found in send.findings
        ],
    }
    if hold:
        data["hold"] = {
            "code": hold.finding.code,
            "message": hold.finding.message,
            "since": moment(hold.since),
            "until": moment(hold.until) if hold.until else None,
        }
    return event_of(event_id, kind, at, data)


def _counts(items: ItemsProgress) -> dict[str, int]:
    return {"posted": items.posted, "total": items.total, "to_check": items.to_check}
