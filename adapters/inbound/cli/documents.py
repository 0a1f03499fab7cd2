"""What `--json` prints: the same names as the HTTP API, ids and times as strings, never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.model.answer import CheckStep
from core.model.connection import Connection
from core.model.finding import Finding
from core.model.plan import SendPlan
from core.model.send import Attempt, Send, Warning
from core.model.tenant import Tenant
from core.services.show_send import SendDetails

Document = dict[str, Any]


def tenant(shown: Tenant) -> Document:
    return {
        "id": shown.id,
        "slug": shown.slug,
        "name": shown.name,
        "servicetrade": {"base_url": shown.base_url},
        "paused": shown.paused,
        "created_at": _time(shown.created_at),
    }


def connection(shown: Connection) -> Document:
    hold = shown.hold
    return {
        "id": shown.id,
        "slug": shown.slug,
        "name": shown.name,
        "external_system": shown.external_system,
        "endpoint_url": str(shown.endpoint),
        "company_code": shown.company_code,
        "enhanced_auth": shown.enhanced_auth,
        "ca_certificate": shown.ca_certificate,
        "leading_character": shown.leading_character,
        "default_work_order_type": shown.default_work_order_type,
        "lead_source": shown.lead_source,
        "long_text": shown.long_text.value,
        "overwrite": shown.overwrite.value,
        "failure_tag": shown.failure_tag,
        "plugins": [{"name": use.name, "config": use.config} for use in shown.plugins],
        "paused": shown.paused,
        "hold": {"since": _time(hold.since), "until": _time(hold.until), "finding": finding(hold.finding)}
        if hold
        else None,
    }


def plan(shown: SendPlan) -> Document:
    return {
        "job_id": shown.job_id,
        "number": shown.number or None,
        "creates": shown.creates,
        "sendable": shown.sendable,
        "plan_hash": shown.plan_hash,
        "header": [
            {
                "field": value.field,
                "value": value.value,
                "previous": value.previous,
                "changes": value.changes,
                "origin": {
                    "source": value.origin.source,
                    "rule": value.origin.rule,
                    "version": value.origin.version,
                    "reason": value.origin.reason,
                },
            }
            for value in shown.header
        ],
        "findings": [finding(found) for found in shown.findings],
    }


def finding(found: Finding) -> Document:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "cause": found.cause,
        "fix": list(found.fix),
        "owner": found.owner.value,
        "retry": found.retry.value,
        "field": found.field,
    }


def send(shown: Send, connection_slug: str) -> Document:
    return {
        "id": shown.id,
        "job_id": shown.job_id,
        "connection": connection_slug,
        "state": shown.state.value,
        "step": shown.step.value,
        "work_order_number": shown.work_order_number,
        "requested_at": _time(shown.requested_at),
        "requested_by": shown.requested_by,
        "due_at": _time(shown.due_at),
        "finished_at": _time(shown.finished_at),
        "findings": [finding(found) for found in shown.findings],
    }


def send_details(details: SendDetails) -> Document:
    return {
        **send(details.send, details.connection.slug),
        "plan": plan(details.send.plan) if details.send.plan else None,
        "attempts": [_attempt(attempt) for attempt in details.attempts],
    }


def warning(shown: Warning, connection_slug: str) -> Document:
    return {
        "id": shown.id,
        "job_id": shown.job_id,
        "connection": connection_slug,
        "send_id": shown.send_id,
        "work_order_number": shown.work_order_number,
        "raised_at": _time(shown.raised_at),
        "finding": finding(shown.finding),
    }


def check_steps(steps: Sequence[CheckStep]) -> list[Document]:
    return [
        {"name": s.name, "state": s.state.value, "detail": s.detail, "code": s.code, "fix": list(s.fix)} for s in steps
    ]


def _attempt(attempt: Attempt) -> Document:
    return {
        "step": attempt.step.value,
        "started_at": _time(attempt.started_at),
        "ended_at": _time(attempt.ended_at),
        "outcome": attempt.outcome,
        "detail": attempt.detail,
        "request": attempt.request,
        "answer": attempt.answer,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
