"""Cost lines in doubt, with all data that helps to settle them, and verdicts about them."""

from __future__ import annotations

from typing import Annotated, Literal

from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery
from adapters.inbound.schema.sending.plans import LedgerLineOut
from adapters.inbound.schema.terms import ConnectionName, ConnectionNameIn, JobIdOut, JobNumber, SendId, eg
from core.model.work_orders.cost_line import LineState
from core.services.sending.send_actions import Doubt


class DoubtsQuery(PageQuery):
    """Which lines in doubt are wanted."""

    connection: ConnectionNameIn | None = None
    """Only those of this connection. Left out: all connections."""


class VerdictIn(Input):
    """What somebody saw in Spectrum."""

    outcome: Literal["posted", "not_posted"]
    """`posted`: the line is in Spectrum. `not_posted`: it is not, and the send posts it."""
    reason: Annotated[str, eg("Looked at work order T104482: the valve is there once.")]
    """What the person saw in Spectrum; the audit keeps it."""

    @property
    def state(self) -> LineState:
        return LineState(self.outcome)


class DoubtOut(Output):
    """A cost line that may be in Spectrum or not, with all that helps to find out."""

    line: LedgerLineOut
    """The cost line, as Jobferry's ledger holds it."""
    connection: ConnectionName
    send_id: SendId
    job_id: JobIdOut
    job_number: JobNumber | None
    where_to_look: Annotated[
        str,
        eg(
            "In Spectrum, company 101, open Work Order > Data Entry > Work Order Entry, work order T104482, and look at"
            " its costs."
        ),
    ]
    """Where in Spectrum to look, with the names of its menus."""
    quiet_until: Annotated[Moment, eg("2026-03-02T09:15:00Z")] | None
    """Before this moment only `posted` is accepted, because Spectrum may still add the line. Null: both are."""
    detail: Annotated[str, eg("The connection broke before an answer arrived.")]
    """What happened to the call, in words."""
    request: Annotated[str, eg("<soap:Envelope>...</soap:Envelope>")]
    """What was sent, secrets masked. '' if the worker died before an answer."""
    answer: Annotated[str, eg("")]
    """What came back, secrets masked. '' if nothing did."""

    @classmethod
    def of(cls, doubt: Doubt) -> DoubtOut:
        attempt = doubt.attempt
        return cls(
            line=LedgerLineOut.of(doubt.line),
            connection=doubt.connection.slug,
            send_id=doubt.send.id,
            job_id=doubt.line.job_id,
            job_number=doubt.send.job_number,
            where_to_look=where_to_look(doubt),
            quiet_until=doubt.line.quiet_until,
            detail=attempt.detail if attempt else "The worker stopped before an answer was stored.",
            request=attempt.request if attempt else "",
            answer=attempt.answer if attempt else "",
        )


def where_to_look(doubt: Doubt) -> str:
    """One sentence with the menu names of Spectrum."""
    return (
        f"In Spectrum, company {doubt.connection.company_code}, open Work Order > Data Entry > Work Order Entry, "
        f"work order {doubt.line.work_order_number}, and look at its costs."
    )
