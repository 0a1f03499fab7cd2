"""Write the note or the marker of a work order once, from the stored plan."""

from __future__ import annotations

import structlog

from core.model.sending.answer import Accepted
from core.model.sending.lifecycle.event import AnnotationAnswered
from core.model.sending.send import Attempt, Send, Step
from core.model.work_orders.annotation import Annotation, AnnotationKind
from core.services.sending.steps.diagnose_answer import diagnose_answer
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service

_log = structlog.get_logger()


class WriteAnnotation(Service):
    async def __call__(
        self,
        context: SendContext,
        send: Send,
        annotation: Annotation,
        attempt_id: str,
        *,
        leave_by: float,
        content: bytes = b"",
    ) -> AnnotationAnswered:
        """Make one call, which leaves before `leave_by` (boot clock) or not at all. A text that is added to a note is
        never sent twice; the others may be repeated at once, like a header."""
        started, began = self._clock.now(), self._clock.boot_seconds()
        fields, service = annotation.fields(send.work_order_number or "", send.id), annotation.kind.service
        if annotation.kind is AnnotationKind.DOCUMENT:
            exchange = await self._spectrum.add_document(context.target, fields, content, leave_by=leave_by)
        elif annotation.appends:
            exchange = await self._spectrum.add_record(context.target, service, fields, leave_by=leave_by)
        else:
            exchange = await self._spectrum.write_record(context.target, service, fields, leave_by=leave_by)
        outcome = exchange.outcome
        context.admission.note(context.connection.endpoint, outcome, began)
        attempt = Attempt(
            send_id=send.id,
            step=Step.ANNOTATE,
            started_at=started,
            ended_at=self._clock.now(),
            outcome=type(outcome).__name__.lower(),
            detail=f"{annotation.kind.value}: {outcome.in_short}".rstrip(": "),
            request=exchange.request,
            answer=exchange.answer,
        )
        _log.info("annotation.answered", kind=annotation.kind.value, outcome=attempt.outcome, detail=outcome.in_short)
        diagnosis = None
        if not isinstance(outcome, Accepted):
            diagnosis = await diagnose_answer(self._rules, context.connection, outcome)
        return AnnotationAnswered(
            annotation=annotation, attempt_id=attempt_id, outcome=outcome, attempt=attempt, diagnosis=diagnosis
        )
