"""Plugins out; rehearsals in and out: other plugins for a connection, and what they would have changed."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Input, Output, Text
from adapters.inbound.schema.setting_fields import PluginModel
from core.model.plugins.plugin import PluginCard
from core.model.plugins.rehearsal import Rehearsal, RehearsedJob
from core.services.plugins.rehearse_plugins import MOST_JOBS


class PluginOut(Output):
    """`built_in` ones come with Jobferry; of them some `always_runs`, all others run where a connection names them.
    `notes` are for the author. `source` is shown to operators only."""

    name: str
    version: str
    summary: str
    hooks: list[str]
    built_in: bool
    always_runs: bool
    takes_config: bool
    notes: list[str]
    source: str | None

    @classmethod
    def of(cls, card: PluginCard, *, with_source: bool = True) -> Self:
        source = card.source if with_source else None
        return super().of(card, takes_config=card.schema is not None, source=source)


class PluginSchemaOut(Output):
    """`config_schema` is a JSON Schema; null where the plugin takes no configuration."""

    name: str
    version: str
    config_schema: dict[str, Any] | None

    @classmethod
    def of(cls, card: PluginCard) -> Self:
        return super().of(card, config_schema=card.schema or None)


class RehearsalIn(Input):
    """`plugins` are the connection's whole list as it would be; `job_ids`, ids or job numbers, take the place of
    the `last` jobs sent."""

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
    """`jobs` newest first; `unreadable` of them have a `problem`. `stopped` says why it ended before all were through,
    null if it did not."""

    jobs: list[RehearsedJobOut]
    changed: int
    newly_failing: int
    unreadable: int
    stopped: str | None

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> Self:
        jobs = [RehearsedJobOut.of(job) for job in rehearsal.jobs]
        return super().of(rehearsal, jobs=jobs, stopped=rehearsal.stopped or None)
