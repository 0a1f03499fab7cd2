"""Evidence: if cost lines can be read back, a doubt may be settled without a person."""

from __future__ import annotations

import structlog

from core.model.planning.account import account_keys
from core.model.sending.evidence import weigh
from core.model.sending.lifecycle.event import EvidenceFound, EvidenceWaits
from core.model.sending.send import Send
from core.model.shared.errors import JobferryError, TimeMends
from core.services.sending.steps.send_context import SendContext
from ports.read_back import ReadBack
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


class FindEvidence:
    def __init__(self, transactions: Transactions, read_back: ReadBack) -> None:
        self._transactions = transactions
        self._read_back = read_back

    async def __call__(self, context: SendContext, send: Send) -> EvidenceFound | EvidenceWaits:
        """What the lines in Spectrum prove. A person settles the rest."""
        connection, number = context.connection, send.work_order_number or ""
        async with self._transactions.begin(send.tenant_id) as t:
            ledger = await t.ledger.on_account(connection.id, send.job_id, number)
            others = await t.ledger.entries_of_others(account_keys(connection, number), connection.id)
        if others:
            return EvidenceFound()  # lines of others may look the same, and their number is unknown here
        try:
            stored = await self._read_back.lines(connection, number)
        except TimeMends as error:
            return EvidenceWaits(error.retry_after)
        except JobferryError as error:
            _log.warning("evidence.unreadable", code=error.code, reason=error.message)
            return EvidenceFound()
        return EvidenceFound(weigh(number, ledger, stored))
