"""The files of a new plugin: one file with a rule, one test, one sample job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.model.shared.errors import BadInput, FieldError
from plugins.testkit.samples import Sample, make_item, make_job, sample_json

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLUGIN = '''"""{title}: what this plugin is for, in one sentence."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from plugins.hookspecs import Draft, FieldPatch, HeaderPatch, PluginInfo, hookimpl


class Settings(BaseModel):
    """The settings of a connection. Jobferry checks every field when somebody saves it."""

    model_config = ConfigDict(extra="forbid")

    job_type: str = Field("repair", description="ServiceTrade's type of the jobs that get the priority.")
    priority: str = Field("1", max_length=2, description="Spectrum's priority code for these jobs.")


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("{name}", "0.1", "Sets the priority of one type of job.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch | None:
    """A rule reads the draft and returns a patch with a reason, or None. No files, no network, no clock."""
    if draft.job.type != draft.config.job_type:
        return None
    return HeaderPatch((FieldPatch("Priority_Code", draft.config.priority, f"the job is a {{draft.job.type}}"),))
'''
_TEST = '''"""Tests of {name}, with a generated job and with the job in {name}_job.json. Run them with pytest."""

from __future__ import annotations

from pathlib import Path

RULE = Path(__file__).with_name("{name}.py")
SAMPLE = Path(__file__).with_name("{name}_job.json")


def test_the_sample_job_gets_its_priority_and_says_why(load_job, preview):
    plan = preview(RULE, load_job(SAMPLE), config={{"priority": "2"}})
    assert plan.sendable
    assert plan.value("Priority_Code") == "2"
    assert plan.origin("Priority_Code").rule == "{name}"


def test_any_other_job_is_left_alone(make_job, preview):
    assert preview(RULE, make_job(type="inspection")).value("Priority_Code") == ""
'''


@dataclass(frozen=True, slots=True)
class NewFile:
    path: Path
    content: bytes


def new_plugin(name: str, folder: Path) -> Iterator[NewFile]:
    """Yield the files of a new plugin; writes nothing. Raises BadInput for a bad name or if a file already exists."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!a} is not a valid plugin name.",
            fix="Use at most 40 lower-case letters, digits and underscores, a letter first.",
            errors=[FieldError("NAME", "lower-case letters, digits and underscores")],
        )
    files = [
        NewFile(folder / f"{name}.py", _PLUGIN.format(name=name, title=name.replace("_", " ").capitalize()).encode()),
        NewFile(folder / f"test_{name}.py", _TEST.format(name=name).encode()),
        NewFile(folder / f"{name}_job.json", sample_json(_sample())),
    ]
    if there := [str(file.path) for file in files if file.path.exists()]:
        raise BadInput(f"{' and '.join(there)} already exists.", fix="Choose another name, or move the file first.")
    yield from files


def _sample() -> Sample:
    items = (make_item(), make_item(id="7002", name="Trip charge", type="fee", code="FEE-TRIP", cost=Decimal("65.00")))
    return Sample(make_job(), items)
