"""Optional rule: a leading letter or digit for each office, or for each type of job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.model.planning.draft import Draft, NumberPatch
from plugins.built_in.names import looked_up
from plugins.hookspecs import PluginInfo, hookimpl

Character = Annotated[str, Field(pattern=r"^[A-Za-z0-9]?$", description="One letter or digit, or empty for none.")]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Literal["office", "job_type"] = Field(description="What decides.")
    characters: dict[str, Character] = Field(
        min_length=1, description="Office or job type, as ServiceTrade names it, to its leading character."
    )
    otherwise: Character | None = Field(
        None, description="For all other jobs. If not given: the connection's own leading character."
    )


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("leading_character_by", "1", "Leading character of the work order number by office or job type.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def work_order_number(draft: Draft) -> NumberPatch | None:
    settings: Settings = draft.config
    number = (draft.job.number or "").strip()
    decides = draft.job.office if settings.by == "office" else draft.job.type
    character = looked_up(settings.characters, decides)
    what = "office" if settings.by == "office" else "job type"
    why = f"the {what} {(decides or '').strip()}"
    if character is None:
        character, why = settings.otherwise, f"any other {what}"
    if character is None or not number:
        return None
    reason = f"leading character {character} for {why}" if character else f"no leading character for {why}"
    return NumberPatch(character + number, reason, "job.number")
