"""The Send menu of a job: one entry for each connection."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.sending.sends import SendSummary
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.planning.send_menu import MenuEntry


class WorkOrderOut(Output):
    """The job's work order. `number` is null until Spectrum may have accepted it."""

    number: str | None
    sent_at: Moment | None

    @classmethod
    def of(cls, record: WorkOrderRecord) -> WorkOrderOut:
        return cls(number=record.number, sent_at=record.sent_at)


class MenuEntryOut(Output):
    """`disabled` says why an entry cannot be used. `notice` says what sends will wait for."""

    connection: str
    label: str
    preselected: bool
    disabled: str | None
    notice: str | None
    work_order: WorkOrderOut | None
    last_send: SendSummary | None

    @classmethod
    def of(cls, entry: MenuEntry, *, preselected: bool) -> MenuEntryOut:
        return cls(
            connection=entry.connection,
            label=entry.label,
            preselected=preselected,
            disabled=entry.disabled,
            notice=entry.notice,
            work_order=WorkOrderOut.of(entry.record) if entry.record else None,
            last_send=SendSummary.of(entry.last_send, entry.connection) if entry.last_send else None,
        )
