"""Dashboard warnings about automatic sending that fails: for ServiceTrade's list of changes, or for one of its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import JobferryError, TimeMends
from core.model.shared.finding import Finding
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_TOLD_FROM, _TOLD_FROM_IF_TIME_MENDS = 2, 4
"""Failures in a row before a warning. A failure that may pass by itself gets more of them, within two polls."""
_OF_THE_WHOLE_ACCOUNT = "ST_LOGIN_REFUSED"
"""The poll has this failure too and warns of it once, not once for each job."""


class WarnOfCompletions(Service):
    async def poll_failed(
        self,
        t: TenantTransaction,
        connections: Sequence[Connection],
        failures: int,
        known_until: datetime | None,
        error: Exception,
    ) -> None:
        """Warn on every connection that acts on completions, from the second failure in a row on."""
        if failures < _TOLD_FROM:
            return
        known = f" What was completed before {known_until:%Y-%m-%d %H:%M} UTC is known." if known_until else ""
        found = finding("COMPLETIONS_STOPPED", f"{failures} times in a row: {words(error)}{known}")
        await self._put(t, connections, "", found, Topic.POLL)

    async def poll_succeeded(self, t: TenantTransaction, unnamed: str) -> None:
        """`unnamed` says what was wrong with a record that has no id; '' if there was none."""
        connections = await t.connections.all()
        for connection in connections:
            await t.warnings.clear(connection.id, "", Topic.POLL)
        if unnamed:
            message = f"ServiceTrade's list of changed jobs holds a record without an id ({unnamed})."
            fix = ("Check in ServiceTrade whether a recently completed job was not sent, and send it by hand.",)
            acting = [one for one in connections if one.acts_on_completion]
            await self._put(t, acting, "", finding("COMPLETIONS_UNREADABLE", message, fix=fix), Topic.RECORD)

    async def look_failed(
        self, t: TenantTransaction, connections: Sequence[Connection], job_id: str, failures: int, error: Exception
    ) -> None:
        told_from = _TOLD_FROM_IF_TIME_MENDS if isinstance(error, TimeMends) else _TOLD_FROM
        general = isinstance(error, JobferryError) and error.code == _OF_THE_WHOLE_ACCOUNT
        if failures < told_from or general or (await t.completions.poll()).failures:
            return
        message = f"The job {job_id}, {failures} times in a row: {words(error)}"
        await self._put(t, connections, job_id, finding("COMPLETIONS_UNREADABLE", message), Topic.POLL)

    async def _put(
        self, t: TenantTransaction, connections: Sequence[Connection], job_id: str, found: Finding, topic: Topic
    ) -> None:
        now = await t.now()
        for connection in connections:
            await t.warnings.put(
                DashboardWarning.of_connection(connection, self._ids.new("wrn"), found, now, topic, job_id)
            )
            _log.warning("completions.warned", connection=connection.slug, code=found.code, job=job_id or None)


def words(error: Exception) -> str:
    """What went wrong, in words for office staff."""
    if isinstance(error, JobferryError):
        return " ".join(part for part in (error.message, error.fix) if part)
    return f"Jobferry met an unexpected error ({type(error).__name__}); the log holds the details."
