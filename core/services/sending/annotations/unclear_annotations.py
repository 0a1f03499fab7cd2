"""Notes and documents of which it is not known whether Spectrum took them: a list of all, and the word on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.operations.audit import AuditEntry
from core.model.sending.send import Topic
from core.model.shared.errors import BadInput, Conflict, FieldError, NotFound
from core.model.shared.moments import moment_words
from core.model.work_orders.annotation import AnnotationKind, AnnotationState, WrittenAnnotation, kind_of
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.sending.annotations.enter_additions import addition_id, enter_additions
from core.services.service import Service
from ports.storage.work_orders import UnclearPosition

_log = structlog.get_logger()
_LONGEST_REASON = 500
_TOPICS = {AnnotationKind.NOTE: Topic.NOTE, AnnotationKind.DOCUMENT: Topic.DOCUMENTS}


@dataclass(frozen=True, slots=True)
class UnclearAnnotation:
    """A text that was or was not added to a note, or a document that is or is not in Spectrum. Before `quiet_until` a
    person can only say that it is there, because Spectrum may still add it."""

    record: WorkOrderRecord
    connection: Connection
    key: str
    written: WrittenAnnotation
    quiet_until: datetime | None

    @property
    def id(self) -> str:
        """The same whenever it is asked for."""
        return addition_id(self.connection.id, self.record.job_id, self.key)

    @property
    def kind(self) -> AnnotationKind:
        return kind_of(self.key)

    @property
    def send_id(self) -> str | None:
        """The send that called Spectrum, or found it unclear; None if a person's declaration did."""
        return self.written.send_id or self.record.last_send_id

    @property
    def position(self) -> UnclearPosition:
        return UnclearPosition.of(self.record, self.key, self.written)


class UnclearAnnotations(Service):
    async def list(
        self,
        tenant_id: str,
        *,
        connection: str | None = None,
        job_id: str | None = None,
        limit: int = 100,
        after: UnclearPosition | None = None,
    ) -> Sequence[UnclearAnnotation]:
        """All that are unclear, the oldest first. `connection` is a slug; raises NotFound if it is unknown."""
        async with self._transactions.begin(tenant_id) as t:
            connections = {one.id: one for one in await t.connections.all()}
            only = (await t.connections.by_slug(connection)).id if connection else None
            found = await t.work_orders.unclear(connection_id=only, job_id=job_id, limit=limit, after=after)
        return [self._of(record, connections[record.connection_id], key) for record, key in found]

    async def settle(self, tenant_id: str, one_id: str, *, there: bool, reason: str, by: str) -> UnclearAnnotation:
        """Say what was seen in Spectrum. What is not there goes with the job's next send. Also lets the connection add
        again, if it adds nothing because of this one.

        Raises BadInput, NotFound (ANNOTATION_NOT_FOUND, also once it is settled), Conflict (DOUBT_TOO_FRESH for `there`
        False while Spectrum may still add it, by the database's time).
        """
        _check(reason)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.work_orders.unclear(limit=None)
            at = next(((one.connection_id, one.job_id, key) for one, key in found if _id_of(one, key) == one_id), None)
            if at is None:
                raise _missing()
            connection = await t.connections.lock(at[0])  # whoever changes the record has this lock
            record, key, now = await t.work_orders.find(at[0], at[1]), at[2], await t.now()
            before = record.annotations.get(key) if record else None
            if record is None or before is None or before.state is not AnnotationState.UNCLEAR:
                raise _missing()
            unclear = self._of(record, connection, key)
            if not there:
                _refuse_while_fresh(unclear, now)
            state = AnnotationState.WRITTEN if there else AnnotationState.NOT_WRITTEN
            after = replace(before, state=state, settled_at=now, blocked=False)
            changed = replace(record, annotations={**record.annotations, key: after})
            await t.work_orders.save(changed)
            await enter_additions(t, connection, record, changed)
            if before.blocked and not await t.work_orders.adds_none(connection.id, kind_of(key)):
                await t.warnings.clear(connection.id, "", _TOPICS[kind_of(key)])
            detail = {
                "what": kind_of(key).value,
                "text": before.text[:_LONGEST_REASON],
                "work_order": record.number or "",
                "connection": connection.slug,
                "outcome": "there" if there else "not_there",
                "reason": reason.strip(),
            }
            subject = unclear.send_id or record.job_id
            await t.audit.record(AuditEntry(now, by, "annotation.settled", subject, detail))
        _log.info("annotation.settled", tenant_id=tenant_id, annotation=one_id, outcome=state.value, by=by)
        return replace(unclear, record=changed, written=after)

    def _of(self, record: WorkOrderRecord, connection: Connection, key: str) -> UnclearAnnotation:
        written = record.annotations[key]
        until = written.begun_at + self._line_timing.quiet if written.begun_at else None
        hold = connection.items_hold
        if hold and hold.quiet_until and (until is None or until < hold.quiet_until):
            until = hold.quiet_until
        return UnclearAnnotation(record, connection, key, written, until)


def _id_of(record: WorkOrderRecord, key: str) -> str:
    return addition_id(record.connection_id, record.job_id, key)


def _refuse_while_fresh(one: UnclearAnnotation, now: datetime) -> None:
    if one.quiet_until is None or now >= one.quiet_until:
        return
    until = moment_words(one.quiet_until, seconds=True)
    raise Conflict(
        f"It is too early to say that it is not there: until {until} Spectrum may still add it.",
        code="DOUBT_TOO_FRESH",
        fix=f"Look again after {until}. If it is there already, enter that now.",
    )


def _missing() -> NotFound:
    return NotFound(
        "No note and no document with this id waits for a check in Spectrum. It may be settled already.",
        code="ANNOTATION_NOT_FOUND",
        fix="List those to check again.",
    )


def _check(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= _LONGEST_REASON or len(reason) > _LONGEST_REASON:
        raise BadInput(
            "The reason is missing or too long.",
            fix="Say what you saw in Spectrum in one or two sentences.",
            errors=[FieldError("/reason", f"say what you saw, in 1 to {_LONGEST_REASON} characters")],
        )
