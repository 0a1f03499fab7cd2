"""After the outcome: one comment a job and connection, and where configured a tag and ExternalSync."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.model.catalogue import finding
from core.model.connection import Connection
from core.model.errors import JobferryError, TimeMends
from core.model.failure_comment import comment_marker, failure_comment, sync_body
from core.model.finding import Finding, Severity
from core.model.send import Lease, Send, SendState
from core.model.tenant import ServiceTradeAccount
from core.services.record_outcome import RecordOutcome, standing_failures
from ports.service_trade import ServiceTrade
from ports.transactions import Transactions

_log = structlog.get_logger()
_UNREPORTABLE = frozenset({"JOB_NOT_FOUND", "ST_LOGIN_REFUSED"})
"""Where there is no job to comment on, or no way in, the dashboard's warning has to do."""


class ReportOutcome:
    def __init__(self, transactions: Transactions, service_trade: ServiceTrade, record_outcome: RecordOutcome) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._record = record_outcome

    async def __call__(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        """Tell ServiceTrade how the send ended and close it. What cannot be told by a later repeat is a warning."""
        failed = send.state in (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
        async with self._transactions.begin(lease.tenant_id) as t:
            record = await t.work_orders.find(connection.id, send.job_id)
            standing = () if failed else await standing_failures(t, send)
        reported_before = record is not None and record.failure_reported
        written_by = record.last_send_id if record else None
        trouble: tuple[Finding, ...] = ()
        try:
            if failed and not _UNREPORTABLE.intersection(f.code for f in send.findings):
                await self._tell_failure(account, connection, send, stands=send.id == written_by)
            elif standing:
                await self._tell_failure(account, connection, standing[-1], stands=True)
            elif not failed:
                await self._tell_success(account, connection, send, tidy=reported_before)
        except TimeMends as error:
            return await self._record.wait(lease, send, (_unreported(error),), error.retry_after)
        except JobferryError as error:
            _log.warning("outcome.unreported", code=error.code, reason=error.message)
            trouble = (_unreported(error),)
        if failed:
            return await self._record.reported(lease, send, look_at=await self._evidence_at(connection, send))
        planned = send.plan.findings if send.plan else ()
        comment_stands = bool(trouble) and reported_before
        return await self._record.succeeded(lease, send, (*planned, *trouble), comment_stands=comment_stands)

    async def _evidence_at(self, connection: Connection, send: Send) -> datetime | None:
        """When the quiet period of the send's last line in doubt is over, if lines can be read back here."""
        if send.state is not SendState.IN_DOUBT or connection.read_back is None:
            return None
        async with self._transactions.begin(send.tenant_id) as t:
            unclear = await t.ledger.unclear_on(connection.id, send.work_order_number or "")
        return max((line.quiet_until for line in unclear if line.quiet_until), default=None)

    async def _tell_failure(
        self, account: ServiceTradeAccount, connection: Connection, send: Send, *, stands: bool
    ) -> None:
        text = failure_comment(connection, send, stands=stands)
        await self._service_trade.replace_comment(account, send.job_id, comment_marker(connection), text)
        if connection.failure_tag:
            await self._service_trade.set_failure_tag(account, send.job_id, connection.failure_tag, True)
        await self._sync(account, connection, send, "failed")

    async def _tell_success(
        self, account: ServiceTradeAccount, connection: Connection, send: Send, *, tidy: bool
    ) -> None:
        if tidy:
            await self._service_trade.replace_comment(account, send.job_id, comment_marker(connection), None)
            if connection.failure_tag:
                await self._service_trade.set_failure_tag(account, send.job_id, connection.failure_tag, False)
        await self._sync(account, connection, send, "synced")

    async def _sync(self, account: ServiceTradeAccount, connection: Connection, send: Send, status: str) -> None:
        if sync := connection.external_sync:
            body = sync_body(connection, sync, send, status)
            await self._service_trade.post_external_sync(account, sync.path, body)


def _unreported(error: JobferryError) -> Finding:
    message = f"The outcome could not be written to the job in ServiceTrade: {error.message}"
    return finding("ST_REPORT_FAILED", message, severity=Severity.WARNING)
