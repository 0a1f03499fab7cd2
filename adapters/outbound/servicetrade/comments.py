"""Keeps one comment of Jobferry on a job. No call that changes a comment is known, so replacing posts and deletes."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.net.json_shapes import text_or_nothing
from adapters.outbound.servicetrade.calls import Part, checked_id
from adapters.outbound.servicetrade.records import CommentRecord, read_from
from adapters.outbound.servicetrade.transport import Request
from core.model.tenants.tenant import ServiceTradeAccount

JOB_ENTITY = 3
INTERNAL = ("tech", "schedule", "billing")
"""Visibility without `public`: an internal note [seen]."""


class Comments(Part):
    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        """Leave one comment with exactly `text` and the marker, or no comment for None.

        A post whose answer was lost may leave a second comment. Each run reads the list first, keeps the newest
        comment with this text and deletes the others.
        """
        marked = await self._marked(account, checked_id(job_id), marker)
        keep: CommentRecord | None = None
        if text is not None:
            content = f"{text}\n\n{marker}"
            keep = _newest([comment for comment in marked if _same(comment.content, content)])
            if keep is None:
                await self._post(account, job_id, content)
        for comment in marked:
            if comment is not keep:
                request = Request("DELETE", f"/comment/{comment.id}")
                await self._calls.find(account, request, f"to delete the comment {comment.id}")

    async def _marked(self, account: ServiceTradeAccount, job_id: str, marker: str) -> list[CommentRecord]:
        query = {"entityType": str(JOB_ENTITY), "entityId": job_id}
        what = f"to read the comments of the job {job_id}"
        rows = self._calls.rows(account, "/comment", query, "comments", what)
        marked = [row async for row in rows if marker in text_or_nothing(row.get("content"))]
        said = "lists comments in an unknown form"
        return [read_from(account, CommentRecord, row, said, "a comment of Jobferry") for row in marked]

    async def _post(self, account: ServiceTradeAccount, job_id: str, content: str) -> None:
        body = {
            "entityType": JOB_ENTITY,
            "entityId": int(job_id),
            "content": content,
            "visibility": list(INTERNAL),
            "pinned": False,
        }
        await self._calls.call(account, Request("POST", "/comment", body=body), f"to comment on the job {job_id}")


def _newest(comments: Sequence[CommentRecord]) -> CommentRecord | None:
    return max(comments, key=lambda comment: int(comment.id) if comment.id.isdecimal() else 0, default=None)


def _same(stored: str, content: str) -> bool:
    """Compare without line ends and outer blanks, which ServiceTrade may change."""
    return stored.replace("\r\n", "\n").strip() == content.strip()
