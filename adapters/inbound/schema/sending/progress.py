"""How far a send has come, in answers and events: its work order, its items, and its number on the job."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Output
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import Mark, Progress
from core.model.sending.send import Send


class ItemsProgressOut(Output):
    """Of `total` items of the send, `posted` are in Spectrum, and a person has to look there for `to_check`."""

    mark: Mark
    posted: int
    total: int
    to_check: int


class ProgressOut(Output):
    """What the send has done, whatever its state. `sentence` says it in words, the same as on every page."""

    sentence: str
    work_order: Mark = Field(description="Whether Spectrum has accepted the work order.")
    items: ItemsProgressOut | None = Field(
        description="Null for a send without items, before the plan is made, and once an old send's plan is deleted."
    )
    number: Mark = Field(description="Whether the send has written the work order number to the job in ServiceTrade.")

    @classmethod
    def of_send(cls, send: Send, progress: Progress, connection_name: str) -> Self:
        items = ItemsProgressOut.of(progress.items) if progress.items else None
        return cls.of(progress, sentence=outcome_words(send, progress, connection_name), items=items)
