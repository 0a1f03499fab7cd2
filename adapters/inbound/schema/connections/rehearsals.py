"""Rehearsals in and out: other plugins for a connection, and what they would have changed."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from adapters.inbound.schema.connections.setting_fields import PluginModel
from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Input, Output, Text
from core.model.plugins.rehearsal import Rehearsal, RehearsedJob
from core.services.plugins.rehearse_plugins import MOST_JOBS


class RehearsalIn(Input):
    """`plugins` are the connection's whole list as it would be; `job_ids` take the place of the `last` jobs sent."""

    plugins: list[PluginModel] = Field(max_length=50)
    last: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 20
    job_ids: list[Text] = Field(default_factory=list, max_length=MOST_JOBS)


class FieldChangeOut(Output):
    """`before` and `after` are '' where there is no value. Of an item, `kind` and `left_out` count as fields too."""

    field: str
    before: str
    after: str
    origin: OriginOut


class ItemChangeOut(Output):
    item_id: str
    item_name: str
    changes: list[FieldChangeOut]


class RehearsedJobOut(Output):
    """`problem` says why a job could not be read; everything else is empty then."""

    job_id: str
    job_number: str | None
    work_order_number_before: str | None
    work_order_number_after: str | None
    changed: bool
    newly_failing: bool
    newly_passing: bool
    fields: list[FieldChangeOut]
    items: list[ItemChangeOut]
    blockers_new: list[FindingOut]
    blockers_gone: list[FindingOut]
    problem: FindingOut | None

    @classmethod
    def of(cls, job: RehearsedJob) -> Self:
        return super().of(
            job,
            work_order_number_before=job.number_before or None,
            work_order_number_after=job.number_after or None,
        )


class RehearsalOut(Output):
    """`jobs` newest first; `stopped` says why it ended before all were through, null if it did not."""

    jobs: list[RehearsedJobOut]
    changed: int
    newly_failing: int
    stopped: str | None

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> Self:
        jobs = [RehearsedJobOut.of(job) for job in rehearsal.jobs]
        return super().of(rehearsal, jobs=jobs, stopped=rehearsal.stopped or None)
