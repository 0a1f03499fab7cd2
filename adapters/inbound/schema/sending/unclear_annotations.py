"""Notes and documents of which it is not known whether Spectrum took them, and verdicts about them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery
from adapters.inbound.schema.terms import ConnectionName, ConnectionNameIn, JobIdOut, SendId, eg
from core.model.work_orders.annotation import AnnotationKind, AnnotationState
from core.services.sending.annotations.unclear_annotations import UnclearAnnotation


class UnclearAnnotationsQuery(PageQuery):
    """Which of them are wanted."""

    connection: ConnectionNameIn | None = None
    """Only those of this connection. Left out: all connections."""


class AnnotationVerdictIn(Input):
    """What somebody saw in Spectrum."""

    outcome: Literal["there", "not_there"]
    """`there`: it is in Spectrum, and is never added again. `not_there`: it is not, and the job's next send adds it."""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), eg("Looked at work order T104482.")]
    """What the person saw in Spectrum; the audit keeps it."""


class UnclearAnnotationOut(Output):
    """A text that was or was not added to a note, or a document that is or is not in Spectrum, with all that helps to
    find out."""

    id: Annotated[str, eg("ann_3f1c0a9d5b7e42860c1d9e8f7a")]
    """The id with which it is settled."""
    kind: AnnotationKind
    """What it is."""
    state: AnnotationState
    """`unclear` until somebody has looked."""
    connection: ConnectionName
    job_id: JobIdOut
    work_order_number: Annotated[str, eg("T104482")] | None
    """The number of the work order. Null: it is not known which one."""
    send_id: SendId | None
    """The send that called Spectrum, or that found it unclear. Null: the items of the job were declared before any
    send."""
    place: Annotated[str, eg("2600000000000077")]
    """The note topic, or the id of the attachment in ServiceTrade."""
    text: Annotated[str, eg("signed.pdf")]
    """The text that was to be added, or the name of the document."""
    begun_at: Annotated[Moment, eg("2026-03-02T09:00:00Z")] | None
    """When Spectrum was called, or when it was found unclear."""
    quiet_until: Annotated[Moment, eg("2026-03-02T09:15:00Z")] | None
    """Before this moment only `there` is accepted, because Spectrum may still add it. Null: both are."""
    holds_others: Annotated[bool, eg(False)]
    """Whether the connection adds nothing of this kind until this one is settled, because the server did not let its
    call through."""
    where_to_look: Annotated[
        str,
        eg(
            "In Spectrum, company 101, open Work Order > Data Entry > Work Order Entry, work order T104482, and look at"
            " its documents."
        ),
    ]
    """Where in Spectrum to look, with the names of its menus."""

    @classmethod
    def of(cls, one: UnclearAnnotation) -> UnclearAnnotationOut:
        written = one.written
        return cls(
            id=one.id,
            kind=one.kind,
            state=written.state,
            connection=one.connection.slug,
            job_id=one.record.job_id,
            work_order_number=one.record.number,
            send_id=one.send_id,
            place=written.place,
            text=written.text,
            begun_at=written.begun_at,
            quiet_until=one.quiet_until,
            holds_others=written.blocked,
            where_to_look=where_to_look(one),
        )


def where_to_look(one: UnclearAnnotation) -> str:
    """One sentence with the menu names of Spectrum."""
    order = f"work order {one.record.number}" if one.record.number else f"the work order of job {one.record.job_id}"
    document = one.kind is AnnotationKind.DOCUMENT
    what = "its documents" if document else f"the note {one.written.place}"
    return (
        f"In Spectrum, company {one.connection.company_code}, open Work Order > Data Entry > Work Order Entry, "
        f"{order}, and look at {what}."
    )
