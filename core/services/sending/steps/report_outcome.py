"""Report the outcome in ServiceTrade: one comment for each job and connection, a tag and ExternalSync if configured."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.sending.failure_comment import comment_marker, failure_comment, sync_body
from core.model.sending.lifecycle.endings import TOLD, standing
from core.model.sending.lifecycle.event import NotReported, Reported
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.progress import Progress, progress_of
from core.model.sending.send import Send, SendState
from core.model.shared.errors import JobferryError, TimeMends
from core.model.shared.finding import Finding, Severity
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.sending.steps.find_evidence import HOOK
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service

_log = structlog.get_logger()
_UNREPORTABLE = frozenset({"JOB_NOT_FOUND", "ST_LOGIN_REFUSED"})
"""Without a job to comment on, or without a sign-in, only the dashboard's warning reports the failure."""


def nothing_to_report(connection: Connection, send: Send, facts: Facts) -> bool:
    """Whether a send that reached its end leaves ServiceTrade as it is: no failure of the job is or was told there."""
    told = send.state in TOLD or standing(send, facts) or (facts.record is not None and facts.record.failure_reported)
    return send.state is SendState.SENDING and not told and connection.external_sync is None


class ReportOutcome(Service):
    async def __call__(self, context: SendContext, send: Send) -> Reported | NotReported:
        """Report in ServiceTrade how the send ended. A failure that a retry cannot fix becomes a warning."""
        account, connection = context.account, context.connection
        failed = send.state in TOLD
        async with self._transactions.begin(send.tenant_id) as t:
            record = await t.work_orders.find(connection.id, send.job_id)
            told = await t.sends.of_job(connection.id, send.job_id, tuple(TOLD))
            facts = Facts(now=await t.now(), told=[other for other in told if other.id != send.id])
            left = () if failed else standing(send, facts)
            subject = left[-1] if left else send
            progress = progress_of(subject, await t.ledger.of_send(subject.id)) if failed or left else None
        reported_before = record is not None and record.failure_reported
        trouble: tuple[Finding, ...] = ()
        try:
            if progress and not (failed and _UNREPORTABLE.intersection(f.code for f in send.findings)):
                await self._tell_failure(account, connection, subject, progress)
            elif not failed:
                await self._tell_success(account, connection, send, tidy=reported_before)
        except TimeMends as error:
            return NotReported(_unreported(error), error.retry_after)
        except JobferryError as error:
            _log.warning("outcome.unreported", code=error.code, reason=error.message)
            trouble = (_unreported(error),)
        return Reported(trouble, bool(trouble) and reported_before, await self._evidence_at(connection, send))

    async def _evidence_at(self, connection: Connection, send: Send) -> datetime | None:
        """When the quiet period of the send's last line in doubt ends; None if no plugin reads lines."""
        if send.state is not SendState.IN_DOUBT or not self._rules.chain(connection, HOOK):
            return None
        async with self._transactions.begin(send.tenant_id) as t:
            unclear = await t.ledger.unclear_on(connection.id, send.work_order_number or "")
        return max((line.quiet_until for line in unclear if line.quiet_until), default=None)

    async def _tell_failure(
        self, account: ServiceTradeAccount, connection: Connection, send: Send, progress: Progress
    ) -> None:
        text = failure_comment(connection, send, progress)
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
