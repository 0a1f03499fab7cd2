"""The texts of a new plugin. `{name}` is its name, `{title}` the same for people."""

from __future__ import annotations

RULE = '''"""{title}: what this plugin is for, in one sentence."""

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
    return PluginInfo("{name}", "0.1", "Sets the priority of one type of job.")


@hookimpl
def config_model() -> type[BaseModel]:
    return Settings


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch | None:
    """A rule reads the draft and returns a patch with a reason, or None. No files, no network, no clock."""
    settings: Settings = draft.config
    if draft.job.type != settings.job_type:
        return None
    return HeaderPatch((FieldPatch("Priority_Code", settings.priority, f"the job is a {{draft.job.type}}"),))
'''
TEST = '''"""Tests of {name}, with a generated job and with the job in {name}_job.json. Run them with pytest."""

from __future__ import annotations

from pathlib import Path

{imports}

{rule}
SAMPLE = Path(__file__).with_name("{name}_job.json")


def test_the_sample_job_gets_its_priority_and_says_why() -> None:
    plan = preview(RULE, load_job(SAMPLE), config={{"priority": "2"}})
    assert plan.sendable
    assert plan.value("Priority_Code") == "2"
    assert plan.origin("Priority_Code").rule == "{name}"


def test_any_other_job_is_left_alone() -> None:
    assert preview(RULE, make_job(type="inspection")).value("Priority_Code") == ""


def test_a_send_carries_the_priority_to_spectrum() -> None:
    sent = send(RULE, make_job(), [make_item(id="7002", quantity=3)])
    assert sent.state == "sent"
    assert sent.work_order["Priority_Code"] == "1"
    assert sent.items["7002"]["Quantity_Used"] == "3"
'''
KIT = "from jobferry.testkit import load_job, make_item, make_job, preview, send"
PROJECT = """[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "jobferry-{dashed}"
version = "0.1"
description = "Rules of {title} for Jobferry."
requires-python = ">=3.11"
dependencies = ["jobferry"]

[project.optional-dependencies]
test = ["jobferry[authors]", "mypy"]

# The name on the left is the one for `jobferry plugins check`; the module on the right has the hooks.
[project.entry-points.jobferry]
{name} = "jobferry_{name}.{name}"

[tool.setuptools.packages.find]
where = ["src"]

[tool.setuptools.package-data]
"*" = ["py.typed"]

[tool.pytest.ini_options]
testpaths = ["tests"]

[tool.mypy]
strict = true
files = ["src", "tests"]
"""
PACKAGE = '''"""Rules of {title} for Jobferry, found by its entry point (see pyproject.toml)."""
'''
CI = """#!/bin/sh
# What a CI job runs in a fresh checkout, in the environment where Jobferry is installed.
set -eu
python -m pip install '.[test]'
python -m mypy
python -m pytest
jobferry plugins check {name} --sample tests/{name}_job.json
python -m pip wheel --no-deps --wheel-dir dist .
"""
README = """# {title}: rules for Jobferry

```
src/jobferry_{name}/{name}.py    the rule
tests/test_{name}.py             its tests, with Jobferry's test kit
tests/{name}_job.json            a sample job for the tests and for `jobferry plugins check`
pyproject.toml                   the entry point by which Jobferry finds the rule
ci.sh                            what a CI job runs
```

To work on it, where Jobferry is installed: `python -m pip install --editable '.[test]'`, then `python -m pytest`.

To use it: install the wheel beside Jobferry, restart Jobferry, then
`jobferry plugins use {name} --tenant TENANT --connection CONNECTION`.
"""
