"""Plugins out; rehearsals in and out: other plugins for a connection, and what they would have changed."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from adapters.inbound.schema.findings import FindingOut, OriginOut
from adapters.inbound.schema.schema_base import Input, Output, Text
from adapters.inbound.schema.setting_fields import PluginModel
from adapters.inbound.schema.terms import (
    ItemId,
    ItemName,
    JobIdOut,
    JobNumber,
    PluginName,
    PluginVersion,
    WorkOrderNumber,
    eg,
)
from core.model.plugins.plugin import PluginCard
from core.model.plugins.rehearsal import Rehearsal, RehearsedJob
from core.services.plugins.rehearse_plugins import MOST_JOBS


class PluginOut(Output):
    """A plugin of this installation: rules that a connection may use."""

    name: PluginName
    version: PluginVersion
    summary: Annotated[str, eg("Refuses jobs without a customer PO.")]
    """What it does, in one sentence of its author."""
    hooks: Annotated[list[str], eg(["plugin_info", "config_model", "validate_work_order"])]
    """The hooks that it implements."""
    built_in: Annotated[bool, eg(True)]
    """Whether it comes with Jobferry."""
    always_runs: bool
    """Whether it runs for each connection. All others run where a connection names them."""
    takes_config: Annotated[bool, eg(True)]
    """Whether it has settings; `GET /v1/plugins/{plugin}/schema` describes them."""
    notes: Annotated[list[str], eg([])]
    """What its author should mend."""
    source: Annotated[str, eg("Jobferry")] | None
    """The package or file that it comes from. Null for a tenant's key: only operators see it."""

    @classmethod
    def of(cls, card: PluginCard, *, with_source: bool = True) -> Self:
        source = card.source if with_source else None
        return super().of(card, takes_config=card.schema is not None, source=source)


class PluginSchemaOut(Output):
    """The settings of a plugin."""

    name: PluginName
    version: PluginVersion
    config_schema: (
        Annotated[
            dict[str, Any],
            eg({"type": "object", "properties": {"job_types": {"type": "array", "items": {"type": "string"}}}}),
        ]
        | None
    )
    """JSON Schema of its `config`. Null: it takes none."""

    @classmethod
    def of(cls, card: PluginCard) -> Self:
        return super().of(card, config_schema=card.schema or None)


class RehearsalIn(Input):
    """Which plugins to try on which jobs."""

    plugins: list[PluginModel] = Field(max_length=50)
    """The connection's whole list of plugins as it would be, in the order of their calls."""
    last: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 20
    """How many of the jobs that were sent last are planned again."""
    job_ids: Annotated[list[Text], eg(["2412087334600705"])] = Field(default_factory=list, max_length=MOST_JOBS)
    """ServiceTrade's ids or job numbers of the jobs to plan, instead of the last ones. Empty: the last ones."""


class FieldChangeOut(Output):
    """One value that would change. Of an item, `kind` and `left_out` count as fields too."""

    field: Annotated[str, eg("WO_Job_Division")]
    """Spectrum's name of the field."""
    before: Annotated[str, eg("SVC")]
    """The value with the present plugins. '' where there is none."""
    after: Annotated[str, eg("INSP")]
    """The value with the given plugins. '' where there is none."""
    origin: OriginOut
    """Where the new value comes from."""


class ItemChangeOut(Output):
    """What would change about one item."""

    item_id: ItemId
    item_name: ItemName
    changes: list[FieldChangeOut]
    """Its values that would change."""


class RehearsedJobOut(Output):
    """What would change about one job."""

    job_id: JobIdOut
    job_number: JobNumber | None
    work_order_number_before: WorkOrderNumber | None
    """The number with the present plugins. Null: none."""
    work_order_number_after: WorkOrderNumber | None
    """The number with the given plugins. Null: none."""
    changed: Annotated[bool, eg(True)]
    """Whether anything would be different."""
    newly_failing: bool
    """Whether it would fail with the given plugins, and does not fail with the present ones."""
    newly_passing: bool
    """Whether it fails with the present plugins, and would not fail with the given ones."""
    fields: list[FieldChangeOut]
    """Values of the work order that would change."""
    items: Annotated[list[ItemChangeOut], eg([])]
    """Items that would change."""
    blockers_new: Annotated[list[FindingOut], eg([])]
    """Why it would fail."""
    blockers_gone: Annotated[list[FindingOut], eg([])]
    """Why it fails now, and would not any more."""
    problem: Annotated[FindingOut, eg(None)] | None
    """Why the job could not be read; everything else is empty then. Null: it was read."""

    @classmethod
    def of(cls, job: RehearsedJob) -> Self:
        return super().of(
            job,
            work_order_number_before=job.number_before or None,
            work_order_number_after=job.number_after or None,
        )


class RehearsalOut(Output):
    """What other plugins would have changed on a connection's jobs."""

    jobs: list[RehearsedJobOut]
    """The jobs, newest first."""
    changed: Annotated[int, eg(1)]
    """How many jobs would be different."""
    newly_failing: Annotated[int, eg(0)]
    """How many jobs would newly fail."""
    unreadable: Annotated[int, eg(0)]
    """How many jobs have a `problem`: it is not known what would become of them."""
    stopped: Annotated[str, eg(None)] | None
    """Why it ended before all jobs were through. Null: it did not."""

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> Self:
        jobs = [RehearsedJobOut.of(job) for job in rehearsal.jobs]
        return super().of(rehearsal, jobs=jobs, stopped=rehearsal.stopped or None)
