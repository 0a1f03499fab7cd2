"""The Send menu of a job: one entry for each connection."""

from __future__ import annotations

from typing import Self

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.sending.sends import SendSummary
from core.services.planning.send_menu import MenuEntry


class WorkOrderOut(Output):
    """The job's work order. `number` is null until Spectrum may have accepted it."""

    number: str | None
    sent_at: Moment | None


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
    def of(cls, entry: MenuEntry, *, preselected: bool) -> Self:
        last_send = SendSummary.of(entry.last_send, entry.connection) if entry.last_send else None
        return super().of(entry, preselected=preselected, work_order=entry.record, last_send=last_send)
