"""The document of a send's change."""

from __future__ import annotations

from typing import Any

from adapters.outbound.postgres.changes.documents import Document
from adapters.outbound.postgres.records import fields_of, line_fields, plan_fields, record_fields, send_fields
from adapters.outbound.postgres.repository import owner_key
from core.model.planning.account import EntryState
from core.model.sending.lifecycle.event import NumberClaim
from ports.storage.send_changes import AccountLine, StoredChange


def change_document(change: StoredChange) -> Document:
    """What `store_send` takes. Parts that do not change are left out."""
    send = change.send
    document: Document = {
        "asker": owner_key(send.connection_id).hex(),
        "sends": [send_fields(one) for one in (send, *change.superseded)],
    }
    parts: dict[str, Any] = {
        "attempts": [fields_of(attempt) for attempt in change.attempts],
        "lines": [line_fields(line) for line in change.lines],
        "leave": [entry.line_id for entry in change.entries if entry.state is None],
        "enter": [_entered(entry) for entry in change.entries if entry.state],
        "take": _claim(change.take),
        "accept": _claim(change.accept),
        "give_back": _claim(change.give_back),
        "record": change.record and record_fields(change.record),
        "proves_target": change.proves_target and send.connection_id,
        "adds": change.adds and send.connection_id,
    }
    if change.plan:
        parts["plan"] = {
            "id": send.plan_id,
            "send_id": send.id,
            "lines": len(change.plan.lines),
            "plan": plan_fields(change.plan),
        }
    if intent := change.intent:
        parts["intent"] = fields_of(intent, send_by=intent.send_by.total_seconds(), quiet=intent.quiet.total_seconds())
    return document | {name: part for name, part in parts.items() if part}


def _claim(claim: NumberClaim | None) -> Document | None:
    if claim is None:
        return None
    return {"keys": [key.hex() for key in claim.keys], "owner": claim.owner.hex(), "adopt": claim.adopt}


def _entered(entry: AccountLine) -> Document:
    return {
        "account": entry.account.hex(),
        "line": entry.line_id,
        "item": entry.item.hex(),
        "stands": entry.state is EntryState.STANDS,
    }
