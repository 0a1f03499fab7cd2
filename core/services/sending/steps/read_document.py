"""Read the content of the document that a send writes next, before its intent is stored; and see whether the connection
adds documents and texts at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from core.model.catalogue import finding
from core.model.sending.lifecycle.event import AnnotationBegins, AnnotationUnread
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import next_annotation
from core.model.sending.send import Send
from core.model.shared.errors import JobferryError, TimeMends
from core.model.shared.finding import Finding
from core.model.work_orders.annotation import Annotation, AnnotationKind
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


def adds_none(one: Annotation) -> Finding:
    """PAPERWORK_HELD or NOTES_HELD, for a send that finds its connection so."""
    if one.kind is AnnotationKind.DOCUMENT:
        return finding("PAPERWORK_HELD", "This connection adds no documents until somebody has looked for another one.")
    return finding("NOTES_HELD", "This connection adds no texts to notes until somebody has looked for another one.")


class ReadDocument(Service):
    async def __call__(self, context: SendContext, send: Send) -> ReadContent | AnnotationUnread:
        """Nothing is asked for a send that adds nothing."""
        if not send.plan or not any(one.due and one.appends for one in send.plan.annotations):
            return ReadContent()
        async with self._transactions.begin(send.tenant_id) as t:
            record = await t.work_orders.find(send.connection_id, send.job_id)
            following = next_annotation(send, Facts(now=await t.now(), record=record))
            if following is None or not following.appends:
                return ReadContent()
            held = await t.work_orders.adds_none(send.connection_id, following.kind)
        if held:
            return AnnotationUnread(annotation=following, problem=adds_none(following), passes=False)
        if following.kind is not AnnotationKind.DOCUMENT:
            return ReadContent()
        try:
            content = await self._service_trade.read_attachment(context.account, following.place)
        except JobferryError as error:
            problem = finding("DOCUMENT_NOT_SENT", error.message)
            return AnnotationUnread(annotation=following, problem=problem, passes=isinstance(error, TimeMends))
        if why := unusable(following.file_type, content):
            problem = finding("DOCUMENT_NOT_SENT", f"The attachment {following.text} cannot be sent: {why}.")
            return AnnotationUnread(annotation=following, problem=problem, passes=False)
        return ReadContent(following.key, content)
