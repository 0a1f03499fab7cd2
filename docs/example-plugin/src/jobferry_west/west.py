"""West: what this plugin is for, in one sentence."""

from __future__ import annotations

from jobferry.plugins import Draft, FieldPatch, HeaderPatch, PluginInfo, hookimpl
from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """The settings of a connection. Jobferry checks every field when somebody saves it."""

    model_config = ConfigDict(extra="forbid")

    job_type: str = Field("repair", description="ServiceTrade's type of the jobs that get the priority.")
    priority: str = Field("1", max_length=2, description="Spectrum's priority code for these jobs.")


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("west", "0.1", "Sets the priority of one type of job.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch | None:
    """A rule reads the draft and returns a patch with a reason, or None. No files, no network, no clock."""
    settings: Settings = draft.config
    if draft.job.type != settings.job_type:
        return None
    return HeaderPatch((FieldPatch("Priority_Code", settings.priority, f"the job is a {draft.job.type}"),))
