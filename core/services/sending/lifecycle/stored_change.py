"""What is stored for a change of a send in one call."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from core.model.sending.lifecycle.change import Change, ClaimChange
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.annotations.enter_additions import addition_entries
from core.services.sending.lifecycle.enter_lines import account_lines
from core.services.service import LineTiming
from ports.storage.send_changes import Intent, StoredChange, StoredFacts


def stored_change(
    change: Change, stored: StoredFacts, timing: LineTiming, epoch: int | None, accepted_with: int = 0
) -> StoredChange:
    """`epoch` is the writer's lease, None if it has none. `accepted_with` is the version of the connection's target
    with which Spectrum accepted a write. A call from before a change of it proves nothing about the present one."""
    lines = (*change.lines, *(change.plan.lines if change.plan else ()))
    intent = change.intent
    seen = {line.id: line for line in lines}
    if intent:
        seen[intent.line.id] = replace(intent.line, state=LineState.SENDING)
    claims = {change.claim: change.number}
    return StoredChange(
        send=change.send,
        superseded=change.superseded,
        attempts=(change.attempt,) if change.attempt else (),
        plan=change.plan.plan if change.plan else None,
        lines=lines,
        intent=Intent(
            line_id=intent.line.id,
            attempt_id=intent.attempt_id,
            epoch=epoch or 0,
            payload_hash=_payload_hash(intent.line),
            send_by=timing.send_within,
            quiet=timing.quiet,
        )
        if intent
        else None,
        entries=(
            *account_lines(stored.connection, seen.values()),
            *addition_entries(stored.connection, stored.record, change.record, change.send.work_order_number),
        ),
        record=change.record,
        take=claims.get(ClaimChange.TAKE),
        accept=claims.get(ClaimChange.ACCEPT),
        give_back=claims.get(ClaimChange.GIVE_BACK),
        adds=change.annotation is not None and change.annotation.appends,
        proves_target=accepted_with > 0 and accepted_with == stored.connection.target_version,
    )


def _payload_hash(line: LedgerLine) -> str:
    return hashlib.sha256(json.dumps([line.work_order_number, *sorted(line.fields.items())]).encode()).hexdigest()
