"""Reads a job's paperwork: the list of its attachments, and the content of one.

Seen in public clients: the resource `/attachment` with entityType 3 and entityId for a job, purposeId 1 for job
paperwork, and a list under `attachments` with id, name, contentType and size. Not documented, so inferred [inf]: that
the list takes the same filters as comments do, and that `/attachment/{id}/content` answers with the file. If
ServiceTrade answers otherwise, no document is sent, and the send says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.net.json_shapes import identifier, key_of, text
from adapters.outbound.servicetrade.calls import Part, Row, checked_id
from adapters.outbound.servicetrade.refusal import record_unreadable
from adapters.outbound.servicetrade.transport import Request
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.paperwork import MOST_BYTES, Attachment

_JOB, _PAPERWORK = "3", "1"


class AttachedPaperwork(Part):
    async def read_attachments(self, account: ServiceTradeAccount, job_id: str) -> Sequence[Attachment]:
        query = {"entityType": _JOB, "entityId": checked_id(job_id)}
        what = f"to read the attachments of the job {job_id}"
        found: dict[str, Attachment] = {}
        async for page in self._calls.pages(account, "/attachment", query, "attachments", what):
            for row in page:
                if _is_paperwork(row) and _is_of(row, job_id):
                    one = _attachment(row, job_id)
                    found.setdefault(one.id, one)
        return list(found.values())

    async def read_attachment(self, account: ServiceTradeAccount, attachment_id: str) -> bytes:
        path = f"/attachment/{checked_id(attachment_id)}/content"
        what = f"the attachment {attachment_id}"
        return await self._calls.content(account, Request("GET", path, limit=MOST_BYTES), what)


def _is_paperwork(row: Row) -> bool:
    """One without a purpose is taken for paperwork: then ServiceTrade does not tell purposes."""
    try:
        return identifier(row.get("purposeId")) in ("", _PAPERWORK)
    except ValueError:
        return False


def _is_of(row: Row, job_id: str) -> bool:
    """Not if it names another job or another kind of record: then ServiceTrade does not know the filter, and the list
    holds documents of other customers."""
    try:
        return identifier(row.get("entityType")) in ("", _JOB) and identifier(row.get("entityId")) in ("", job_id)
    except ValueError:
        return False


def _attachment(row: Row, job_id: str) -> Attachment:
    key = key_of(row)
    try:
        name = text(row.get("name") or row.get("fileName"))
    except ValueError:
        name = ""
    if not key:
        raise record_unreadable(f"an attachment of the job {job_id}", "it has no id")
    return Attachment(key, " ".join(name.split())[:200], _size(row.get("size")))


def _size(value: object) -> int | None:
    told = str(value)
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 12 else None
