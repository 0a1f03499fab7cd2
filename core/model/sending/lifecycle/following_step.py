"""What is left of a send once its work order and its items are in Spectrum: a note and a marker, if there are any."""

from __future__ import annotations

from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Send, Step
from core.model.work_orders.annotation import Annotation, AnnotationState, WrittenAnnotation


def step_after_items(send: Send, facts: Facts) -> Step:
    return Step.ANNOTATE if next_annotation(send, facts) else Step.REPORT


def next_annotation(send: Send, facts: Facts) -> Annotation | None:
    """The first note or marker of the plan that is not decided yet. None, too, once a newer send of the job has written
    the header: its note and marker are the newer ones."""
    record = facts.record
    if send.plan is None or record is None or record.last_send_id != send.id:
        return None
    for one in send.plan.annotations:
        written = record.annotations.get(one.key)
        if one.due and not (written and _decided(send, one, written)):
            return one
    return None


def _decided(send: Send, one: Annotation, written: WrittenAnnotation) -> bool:
    """Also if another send has added it since this one was planned."""
    if written.plan_id == send.plan_id:
        return written.state.final
    return written.state is AnnotationState.WRITTEN and one.appends
