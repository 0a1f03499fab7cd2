"""Cost lines in doubt, with all data that helps to settle them, and verdicts about them."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery, Text
from adapters.inbound.schema.sending.plans import LedgerLineOut
from core.model.work_orders.cost_line import LineState
from core.services.sending.send_actions import Doubt


class DoubtsQuery(PageQuery):
    connection: Text | None = None


class VerdictIn(Input):
    """`reason` says what the person saw in Spectrum."""

    outcome: Literal["posted", "not_posted"]
    reason: str

    @property
    def state(self) -> LineState:
        return LineState(self.outcome)


class DoubtOut(Output):
    """`request` is what was sent and `answer` what came back, secrets masked. Both are '' if the worker died before an
    answer. Before `quiet_until` only `posted` is accepted, because Spectrum may still add the line."""

    line: LedgerLineOut
    connection: str
    send_id: str
    job_id: str
    job_number: str | None
    where_to_look: str
    quiet_until: Moment | None
    detail: str
    request: str
    answer: str

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
