"""Evidence: if plugins can read cost lines in Spectrum, a doubt may be settled without a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from core.model.connections.connection import Connection
from core.model.planning.account import account_keys
from core.model.planning.fold import view_of
from core.model.plugins.notification import WorkOrderQuery
from core.model.sending.evidence import agreed, weigh
from core.model.sending.lifecycle.event import EvidenceFound
from core.model.sending.send import Send
from core.model.shared.finding import Finding
from core.model.work_orders.stored_line import StoredLine
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service
from ports.rules import Rule

_log = structlog.get_logger()
HOOK = "posted_lines"


class FindEvidence(Service):
    async def __call__(self, context: SendContext, send: Send) -> EvidenceFound:
        """What the lines in Spectrum prove. A person settles the rest."""
        connection, number = context.connection, send.work_order_number or ""
        async with self._transactions.begin(send.tenant_id) as t:
            ledger = await t.ledger.on_account(connection.id, send.job_id, number)
            others = await t.ledger.entries_of_others(account_keys(connection, number), connection.id)
            defaults = (await t.tenant()).plugin_defaults
        if others:
            return EvidenceFound()  # lines of others may look the same, and their number is unknown here
        readings = await self._readings(connection.over(defaults), number)
        proved = agreed([weigh(number, ledger, stored) for _, stored in readings])
        readers = ", ".join(f"{rule.name} {rule.version}" for rule, _ in readings)
        return EvidenceFound(
            [(line, replace(verdict, reason=f"{verdict.reason} Read by {readers}.")) for line, verdict in proved]
        )

    async def _readings(self, connection: Connection, number: str) -> Sequence[tuple[Rule, Sequence[StoredLine]]]:
        """The answer of each plugin that can tell. A plugin that fails is no evidence, and does not fail the send."""
        query = WorkOrderQuery(connection=view_of(connection), work_order_number=number)
        readings: list[tuple[Rule, Sequence[StoredLine]]] = []
        for rule in self._rules.chain(connection, HOOK):
            answer = await self._rules.posted_lines(rule, query)
            if isinstance(answer, Finding):
                _log.warning("evidence.unreadable", plugin=rule.name, code=answer.code, reason=answer.message)
            elif answer is not None:
                readings.append((rule, answer))
        return readings
