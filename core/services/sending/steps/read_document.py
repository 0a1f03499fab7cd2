"""Read the content of the document that a send writes next, before its intent is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from core.model.catalogue import finding
from core.model.sending.lifecycle.event import AnnotationBegins, DocumentUnread
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import next_annotation
from core.model.sending.send import Send
from core.model.shared.errors import JobferryError, TimeMends
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.paperwork import unusable
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class ReadContent:
    """The content of the document with this key; empty if a note or a marker is next."""

    key: str = ""
    content: bytes = field(default=b"", repr=False)

    def begins(self, attempt_id: str) -> AnnotationBegins:
        return AnnotationBegins(attempt_id, self.key, sha256(self.content).hexdigest() if self.key else "")


class ReadDocument(Service):
    async def __call__(self, context: SendContext, send: Send) -> ReadContent | DocumentUnread:
        """Nothing is asked for a send without documents."""
        if not send.plan or not any(one.due and one.kind is AnnotationKind.DOCUMENT for one in send.plan.annotations):
            return ReadContent()
        async with self._transactions.begin(send.tenant_id) as t:
            record = await t.work_orders.find(send.connection_id, send.job_id)
            following = next_annotation(send, Facts(now=await t.now(), record=record))
        if following is None or following.kind is not AnnotationKind.DOCUMENT:
            return ReadContent()
        try:
            content = await self._service_trade.read_attachment(context.account, following.place)
        except JobferryError as error:
            problem = finding("DOCUMENT_NOT_SENT", error.message)
            return DocumentUnread(annotation=following, problem=problem, passes=isinstance(error, TimeMends))
        if why := unusable(following.file_type, content):
            problem = finding("DOCUMENT_NOT_SENT", f"The attachment {following.text} cannot be sent: {why}.")
            return DocumentUnread(annotation=following, problem=problem, passes=False)
        return ReadContent(following.key, content)
