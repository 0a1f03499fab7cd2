"""Deletes old rows of a tenant, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from core.model.sending.send import Send
from ports.storage.operations.retention import Retention


class MemoryRetention(Repository, Retention):
    async def forget_keys(self, before: datetime, most: int) -> int:
        old = [key for key, one in self._rows.keys.items() if key[0] == self._tenant_id and one.stored_at < before]
        for key in old[:most]:
            del self._rows.keys[key]
        return len(old[:most])

    async def forget_attempts(self, before: datetime, most: int) -> int:
        ended = {send.id for send in self._ended(before)}
        old = [one for one in self._rows.attempts if one[1].send_id in ended][:most]
        self._rows.attempts = [one for one in self._rows.attempts if one not in old]
        return len(old)

    async def forget_sends(self, before: datetime, most: int) -> int:
        due = [send for send in self._ended(before) if send.id not in self._rows.retired]
        due = sorted(due, key=lambda send: send.seq)[:most]
        for send in due:
            self._rows.retired.add(send.id)
            self._rows.attempts = [one for one in self._rows.attempts if one[1].send_id != send.id]
            self._rows.plans.pop(send.plan_id or "", None)
            self._rows.sends[send.id] = replace(send, plan=None)
        for send in due:
            for one in list(self._ended(before)):
                retired = one.id in self._rows.retired and one.seq <= send.seq
                if retired and _job(one) == _job(send) and not self._is_referred_to(one):
                    self._remove(one.id)
        return len(due)

    async def forget_deliveries(self, before: datetime, most: int) -> int:
        endpoints = self._rows.webhook_endpoints
        old = [
            key
            for key, one in self._rows.deliveries.items()
            if endpoints[one.endpoint_id].endpoint.tenant_id == self._tenant_id and one.created_at < before
        ]
        for key in old[:most]:
            del self._rows.deliveries[key]
        return len(old[:most])

    async def forget_messages(self, before: datetime, most: int) -> int:
        recipients = self._rows.recipients
        old = [
            key
            for key, one in self._rows.messages.items()
            if recipients[key[0]].recipient.tenant_id == self._tenant_id and one.created_at < before
        ]
        for key in old[:most]:
            del self._rows.messages[key]
        return len(old[:most])

    async def forget_reconciliations(self, before: datetime, most: int) -> int:
        ours = {one.id: one for one in self._rows.reconciliations.values() if one.tenant_id == self._tenant_id}
        old = {run_id for run_id, one in ours.items() if one.created_at < before}
        if jobs := [key for key in self._rows.reconciled_jobs if key[0] in old][:most]:
            for key in jobs:
                del self._rows.reconciled_jobs[key]
            return len(jobs)
        for run_id in sorted(old)[:most]:
            self._rows.forget_reconciliation(run_id)
        return len(sorted(old)[:most])

    async def forget_creations(self, before: datetime, most: int) -> int:
        old = [
            one.id
            for one in self._rows.creations.values()
            if one.tenant_id == self._tenant_id
            and one.ended_at is not None
            and one.ended_at < before
            and one.due_at is None
            and not one.keeps_code
        ][:most]
        for creation_id in old:
            del self._rows.creations[creation_id]
        return len(old)

    async def forget_completions(self, before: datetime, most: int) -> int:
        old = [key for key in self._rows.completions if key[0] == self._tenant_id and key[3] and key[3] < before]
        for key in old[:most]:
            del self._rows.completions[key]
        return len(old[:most])

    async def forget_audit(self, before: datetime, most: int) -> int:
        old = [one for one in self._rows.audit if one[0] == self._tenant_id and one[1].at < before][:most]
        self._rows.audit = [one for one in self._rows.audit if one not in old]
        return len(old)

    def _ended(self, before: datetime) -> Iterator[Send]:
        unclear = {line.send_id for line in self._rows.ledger.values() if line.state.unclear}
        for send in self._rows.sends.values():
            ours = send.tenant_id == self._tenant_id and send.finished_at is not None and send.finished_at < before
            if ours and send.state.finished and send.due_at is None and send.id not in unclear:
                yield send

    def _is_referred_to(self, send: Send) -> bool:
        of_job = [one for one in self._rows.sends.values() if _job(one) == _job(send)]
        record = self._rows.work_orders.get(_job(send))
        return (
            max(one.seq for one in of_job) == send.seq
            or (record is not None and record.last_send_id == send.id)
            or any(line.send_id == send.id and line.takes_place for line in self._rows.ledger.values())
            or any(warning.send_id == send.id for warning in self._rows.warnings.values())
            or any(one.waits_for == send.id for one in self._rows.sends.values())
        )

    def _remove(self, send_id: str) -> None:
        del self._rows.sends[send_id]
        self._rows.batches = {member: None for member in self._rows.batches if member[1] != send_id}
        self._rows.ledger = {id: line for id, line in self._rows.ledger.items() if line.send_id != send_id}


def _job(send: Send) -> tuple[str, str]:
    return send.connection_id, send.job_id
