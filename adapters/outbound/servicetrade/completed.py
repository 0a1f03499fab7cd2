"""Lists the jobs that were completed in a period."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import datetime

from adapters.net.json_shapes import key_of
from adapters.outbound.servicetrade.calls import ID, Part, Row
from adapters.outbound.servicetrade.records import CompletionRecord, completed, read
from core.model.reconciliation.run import ListedJob
from core.model.tenants.tenant import ServiceTradeAccount

_LIMIT = 256 << 20
"""Bytes of the list. It is not kept in memory."""


class Completed(Part):
    async def completed_between(
        self, account: ServiceTradeAccount, since: datetime, until: datetime
    ) -> AsyncIterator[ListedJob]:
        """Yield the jobs page by page. Whether the filters include their own second is [unknown], so the call asks for
        a second more on both sides, and the time on each job decides. An unreadable record does not hide the others."""
        query = {
            "status": "all",
            "completedOnBegin": str(max(0, math.floor(since.timestamp()) - 1)),
            "completedOnEnd": str(math.ceil(until.timestamp()) + 1),
        }
        what = "to list the completed jobs"
        listed = self._calls.pages(account, "/job", query, "jobs", what, limit=_LIMIT, lenient=True, whole=True)
        async for page in listed:
            for row in page:
                if found := _listed(row, since, until):
                    yield found


def _listed(row: Row, since: datetime, until: datetime) -> ListedJob | None:
    """The job, None if it is open or was completed outside of the period."""
    id_ = key_of(row)
    if not ID.fullmatch(id_):
        return ListedJob(id="", unreadable="it has no id")
    try:
        job = read(CompletionRecord, row)
    except ValueError as error:
        return ListedJob(id=id_, unreadable=str(error))
    if not completed(job.status):
        return None
    if job.completedOn is None:
        return ListedJob(id=id_, updated=job.updated, unreadable="it is completed, but has no time of completion")
    if not since <= job.completedOn < until:
        return None
    return ListedJob(id=id_, completed_on=job.completedOn, updated=job.updated)
