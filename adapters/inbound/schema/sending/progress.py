"""How far a send has come, in answers and events: its work order, its items, its tasks, its number on the job."""

from __future__ import annotations

from typing import Annotated, Self

from adapters.inbound.schema.schema_base import Output
from adapters.inbound.schema.terms import eg
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import Mark, Progress
from core.model.sending.send import Send


class ItemsProgressOut(Output):
    """How many items of a send are in Spectrum."""

    mark: Mark
    """How far the items are as a whole."""
    posted: Annotated[int, eg(3)]
    """How many items are in Spectrum."""
    total: Annotated[int, eg(3)]
    """How many items the send posts."""
    to_check: Annotated[int, eg(0)]
    """For how many items a person has to look in Spectrum."""


class TasksProgressOut(Output):
    """How many work order tasks of a send are in Spectrum."""

    mark: Mark
    """How far the tasks are as a whole."""
    posted: Annotated[int, eg(2)]
    """How many tasks are in Spectrum."""
    total: Annotated[int, eg(2)]
    """How many tasks the send adds."""
    to_check: Annotated[int, eg(0)]
    """For how many tasks a person has to look in Spectrum."""


class ProgressOut(Output):
    """What the send has done, whatever its state."""

    sentence: Annotated[str, eg("Work order T104482 is in Spectrum, and its number is on the job in ServiceTrade.")]
    """The same in words, as on every page."""
    work_order: Mark
    """Whether Spectrum has accepted the work order."""
    items: ItemsProgressOut | None
    """How many items are in Spectrum. Null for a send without items, before the plan is made, and once an old send's
    plan is deleted."""
    tasks: Annotated[TasksProgressOut, eg(None)] | None
    """How many work order tasks are in Spectrum. Null for a send without tasks, before the plan is made, and once an
    old send's plan is deleted."""
    number: Mark
    """Whether the send has written the work order number to the job in ServiceTrade."""

    @classmethod
    def of_send(cls, send: Send, progress: Progress, connection_name: str) -> Self:
        items = ItemsProgressOut.of(progress.items) if progress.items else None
        tasks = TasksProgressOut.of(progress.tasks) if progress.tasks else None
        return cls.of(progress, sentence=outcome_words(send, progress, connection_name), items=items, tasks=tasks)
