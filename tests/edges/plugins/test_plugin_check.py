"""`plugins new` and `plugins check`: what an author begins with is right, and what is wrong has a name and a fix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import BadInput
from plugins.discovery import Source
from plugins.testkit.check import check_plugin
from plugins.testkit.new import new_plugin
from plugins.testkit.samples import Sample, make_job, sample_json
from tests.support.cli_scene import Shell
from tests.support.plugin_scene import write_plugin
from tests.support.posted_lines_example import write_example

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
JOBFERRY = (sys.executable, "-m", "adapters.bootstrap")
RULE = "@hookimpl\ndef map_work_order(draft):\n    {body}\n"
ITEM = "@hookimpl\ndef map_line(draft):\n    {body}\n"
READER = "@hookimpl\nasync def posted_lines(query):\n    {body}\n"
VALIDATION = RULE.replace("map_work_order", "validate_work_order")
NUMBER = RULE.replace("map_work_order", "work_order_number")
Said = str | tuple[str, ...]
FAULTY: Mapping[str, tuple[str, Mapping[str, Said]]] = {
    "asynchronous": (
        "@hookimpl\nasync def map_work_order(draft):\n    return None\n",
        {"loads": "(line 8) is a rule"},
    ),
    "argument": ("@hookimpl\ndef map_work_order(job):\n    return None\n", {"loads": "(line 8) takes job, which"}),
    "not_installed": ("import no_such_module\n", {"loads": "'no_such_module' (line 8 of not_installed.py)"}),
    "misspelt": ("@hookimpl\ndef map_work_ordre(draft):\n    return None\n", {"loads": "There is no hook"}),
    "nothing_there": (
        RULE.format(body="draft.job.customer.code.upper()") + ITEM.format(body="draft.item.cost + 1"),
        {"map_work_order: failure": "customer=None", "map_line: failure": "cost=None"},
    ),
    "changes": (
        RULE.format(body="draft.job.office = 'W'")
        + ITEM.format(body="draft.config['seen'] = 1")
        + VALIDATION.format(body="object.__setattr__(draft, 'findings', (1,))"),
        {
            "map_work_order: mutation": "(line 10 of changes.py)",
            "map_line: mutation": "changed its arg",
            "validate_work_order: mutation": "changed",
        },
    ),
    "answers": (
        RULE.format(body="return HeaderPatch((FieldPatch('Priority_Code', 1, 'r'),))")
        + VALIDATION.format(body="return ['no PO']")
        + NUMBER.format(body="return NumberPatch('ORDER-' + (draft.job.number or ''), 'r')")
        + ITEM.format(body="return LinePatch(fields=(FieldPatch('Colour', '1', 'r'),))"),
        {
            "map_work_order: answer": "fields[0].value is int; it must be a text (str)",
            "validate_work_order: answer": "returned list of str; validate_work_order takes a list of Finding",
            "work_order_number: number": "longer than 10",
            "map_line: fields": "'Colour'",
        },
    ),
    "one": (
        RULE.format(body="return HeaderPatch(FieldPatch('Priority_Code', '1', 'r'))"),
        {"map_work_order: answer": "fields is FieldPatch; it must be a tuple of FieldPatch"},
    ),
    "wrong": (
        ITEM.format(body="return float(draft.item.cost or 0) and None") + RULE.format(body="return 7"),
        {"figures": "line 10", "map_work_order: answer": "returned int; map_work_order takes HeaderPatch or None"},
    ),
    "third": (
        "from decimal import Decimal\nfrom jobferry.plugins import ItemKind\n\n"
        + ITEM.format(
            body="return LinePatch(ItemKind.OTHER_CHARGE, (FieldPatch('Cost_Of_Sales_Amount', "
            "str((draft.item.cost or 0) / Decimal(3)), 'r'),))"
        )
        + RULE.format(body="return HeaderPatch((FieldPatch('Priority', '1', 'r'),))"),
        {"map_line: figures": "though Spectrum stores two decimals", "map_work_order: fields": "'Priority'"},
    ),
    "office": (
        RULE.format(body="if draft.job.office == 'Harbor West':\n        raise KeyError('no code')"),
        {"map_work_order: failure": "KeyError: 'no code' (line 11 of office.py)"},
    ),
    "two_conditions": (
        RULE.format(body="if draft.job.office == 'Harbor West' and draft.job.type == 'inspection':\n        1 / 0")
        + ITEM.format(body="if draft.item.quantity == 1234.5:\n        raise KeyError('no code')"),
        {
            "map_work_order: failure": "type='inspection', office='Harbor West'",
            "map_line: failure": "quantity=Decimal('1234.5')",
        },
    ),
    "capricious": (
        "import itertools\nN = itertools.count()\n"
        + RULE.format(body="if next(N) == 5:\n        raise KeyError('now and then')")
        + ITEM.format(body="(lambda f: f('/etc/hostname').read())(__builtins__['open'])"),
        {"map_work_order: failure": "but not each time", "map_line: purity": "open"},
    ),
    "moody": (
        "import itertools\nN = itertools.count()\n"
        + RULE.format(body="return HeaderPatch((FieldPatch('Priority_Code', str(next(N)), 'r'),))"),
        {"map_work_order: purity": "two different answers"},
    ),
    "set": (
        RULE.format(
            body="return HeaderPatch((FieldPatch('Summary_Description', ' '.join({'a', 'b', 'c', 'd', 'e'}), 'r'),))"
        ),
        {"map_work_order: purity": "otherwise in another process"},
    ),
    "source": (
        "import os\nPRIORITY = os.environ.get('PRIORITY')\nimport random as dice\nimport time\n"
        "from datetime import datetime\nfrom core.model.planning.draft import Draft\n"
        "from core.services.planning.plan_send import PlanSend\ndef throw():\n    return dice.random()\n"
        + RULE.format(body="datetime.now()\n    throw()\n    time.sleep(0.001)"),
        {
            "purity": (
                "line 9: os.environ (the environ",
                "19: datetime.now",
                "dice.random (chance)",
                "time.sleep (waiting)",
            ),
            "imports": ("line 13: core.model.planning.draft", "core.services.planning.plan_send"),
        },
    ),
    "reader_raises": (
        READER.format(body="raise OSError('no database')"),
        {"posted_lines: failure": "OSError: no data"},
    ),
    "reader_wrong": (READER.format(body="return 7"), {"posted_lines: answer": "returned int"}),
    "reader_untimed": (
        "from datetime import datetime\nfrom plugins.hookspecs import ItemKind, StoredLine\n"
        + READER.format(body="return [StoredLine(ItemKind.MATERIAL, '1', {}, datetime(2026, 3, 1))]"),
        {"posted_lines: failure": "time zone"},
    ),
    "reader_waits": (
        "import asyncio\n" + READER.format(body="await asyncio.Event().wait()"),
        {"posted_lines: time": "more than 5 s for work order T104482"},
    ),
    "dies": (RULE.format(body="import os; os._exit(1)"), {"rules": "ended during"}),
}
"""Of each plugin: its source, and what is said of its faults, by step. Each begins in line 8 of its file."""


async def steps_of(folder: Path, name: str, body: str, **config: object) -> list[CheckStep]:
    return await check_plugin(write_plugin(folder, name, body), config)


@pytest.mark.parametrize("name", FAULTY)
async def test_every_fault_is_found_named_and_shown_with_its_case(tmp_path: Path, name: str) -> None:
    body, faults = FAULTY[name]
    found = {one.name: one for one in await steps_of(tmp_path, name, body) if one.state is CheckState.FAILED}
    assert faults.keys() <= found.keys(), found
    for step, said in faults.items():
        for words in (said,) if isinstance(said, str) else said:
            assert words in found[step].detail
        assert found[step].fix


TWO_THINGS = """
@hookimpl
def map_work_order(draft):
    '''Two things at once, neither of them in this file.'''
    if not draft.job.office or len(draft.job.office) != 17 or len(draft.job.customer_po) != 19:
        return None
    for tag in draft.job.tags:
        print("tag", tag)
    return one_more(draft)

def one_more(draft):
    raise KeyError("no code")
"""


async def test_what_no_example_leads_to_is_named_and_a_sample_job_beside_the_plugin_leads_there(tmp_path: Path) -> None:
    found = {one.name: one for one in await steps_of(tmp_path, "two", TWO_THINGS)}
    assert not [one for one in found.values() if one.state is CheckState.FAILED]
    assert (found["branches"].state, found["branches"].detail) == (
        CheckState.UNKNOWN,
        "no example led to line 14: for tag in draft.job.tags:",
    )
    assert "two" not in found["branches"].fix[0]
    assert "_job.json" in found["branches"].fix[0]
    sample = Sample(make_job(office="x" * 17, customer_po="y" * 19, tags=("night",)))
    (tmp_path / "two_job_2.json").write_bytes(sample_json(sample))
    found = {one.name: one for one in await steps_of(tmp_path, "two", TWO_THINGS)}
    failed = found["map_work_order: failure"]
    assert "KeyError: 'no code' (line 19 of two.py)" in failed.detail
    assert "tag night" in found["print"].detail
    (tmp_path / "two_job_3.json").write_text("{}")
    found = {one.name: one for one in await steps_of(tmp_path, "two", TWO_THINGS)}
    assert found["sample job"].state is CheckState.FAILED
    (tmp_path / "two_job_3.json").unlink()
    (tmp_path / "two_job_2.json").rename(tmp_path / "night.json")
    source = Source("two", f"file:{tmp_path / 'two.py'}")
    named = {one.name: one for one in await check_plugin(source, {}, [tmp_path / "night.json"])}
    assert "KeyError: 'no code'" in named["map_work_order: failure"].detail
    missing = {one.name: one for one in await check_plugin(source, {}, [tmp_path / "none.json"])}
    assert "none.json" in missing["sample job"].detail


async def test_texts_and_figures_of_the_configuration_are_tried_too(tmp_path: Path) -> None:
    body = """
from pydantic import BaseModel

class Settings(BaseModel):
    offices: list[str]

@hookimpl
def config_model():
    return Settings

@hookimpl
def map_work_order(draft):
    if draft.job.office in draft.config.offices:
        raise KeyError("no code")
"""
    found = {one.name: one for one in await steps_of(tmp_path, "offices", body, offices=["Dock 9"])}
    assert "office='Dock 9'" in found["map_work_order: failure"].detail


async def test_a_rule_that_is_too_slow_is_found_though_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.testkit.check.runner._PROBE_SECONDS", 8.0)
    found = await steps_of(tmp_path, "endless", RULE.format(body="while True: pass"))
    [slow] = [one for one in found if one.state is CheckState.FAILED]
    assert slow.name == "map_work_order: time"
    assert "no answer after 2 s (line 10 of endless.py)" in slow.detail
    expression = "import re\n" + RULE.format(body="re.fullmatch('(a+)+b', 'a' * 99)")
    [slow] = [one for one in await steps_of(tmp_path, "expression", expression) if one.state is CheckState.FAILED]
    assert slow.name == "map_work_order: time"
    summed = RULE.format(body="sum(range(10**12))")  # unlike a regular expression, no signal ends it
    [stuck] = [one for one in await steps_of(tmp_path, "stuck", summed) if one.state is CheckState.FAILED]
    assert (stuck.name, "map_work_order did not end within 8 s" in stuck.detail) == ("time", True)
    half = RULE.format(body="sum(range(60_000_000))")
    [slow] = [one for one in await steps_of(tmp_path, "half", half) if one.state is CheckState.FAILED]
    assert slow.name in ("map_work_order: time", "time"), "on a busy machine it does not come back in time"


async def test_what_a_plugin_writes_past_print_or_at_its_import_does_not_end_the_check(tmp_path: Path) -> None:
    loud = "import os\nprint('loaded')\nos.write(1, b'[1]')\n" + RULE.format(body="os.write(1, b'asked')")
    assert [one for one in await steps_of(tmp_path, "loud", loud) if one.state is CheckState.FAILED] == []


@pytest.mark.parametrize("ends", ["raise SystemExit(0)", "raise KeyboardInterrupt"])
async def test_a_rule_that_ends_the_process_is_told_with_its_line(tmp_path: Path, ends: str) -> None:
    steps = await steps_of(tmp_path, "ends", RULE.format(body=ends))
    assert "time" not in {one.name for one in steps}  # nothing was measured
    [failed] = [one for one in steps if one.state is CheckState.FAILED]
    assert (failed.name, "(line 10 of ends.py)" in failed.detail) == ("map_work_order: failure", True)


async def test_a_field_in_another_spelling_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    body = "return HeaderPatch((FieldPatch('Priority_code', '1', 'r'),))"
    found = {one.name: one for one in await steps_of(tmp_path, "spelt", RULE.format(body=body))}
    assert found["map_work_order: fields"].fix[0].startswith("Perhaps Priority_Code is meant.")


@pytest.mark.parametrize("name", ["jobferry_west-0.1-py3-none-any.whl", "jobferry-west"])
def test_a_wheel_or_a_folder_is_to_be_installed_first(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch() if name.endswith(".whl") else (tmp_path / name).mkdir()
    checked = run(tmp_path, *JOBFERRY, "plugins", "check", name)
    assert checked.returncode == 1
    assert "install it with pip, then name its entry point" in " ".join(checked.stderr.split())


async def test_folders_of_our_names_beside_a_plugin_are_told(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "plugins.py").write_text("")
    found = [one for one in await steps_of(tmp_path, "good", "") if one.name == "names"]
    assert [Path(one.detail.split(" ")[0]).name for one in found] == ["core", "plugins.py"]


async def test_a_rule_may_set_fields_of_an_item_that_is_skipped(tmp_path: Path) -> None:
    body = "return LinePatch(fields=(FieldPatch('GL_Department', '200', 'r'),)) if draft.kind else None"
    steps = await steps_of(tmp_path, "department", ITEM.format(body=body))
    assert [one for one in steps if one.state is CheckState.FAILED] == []


async def test_an_event_may_do_what_a_rule_may_not(tmp_path: Path) -> None:
    body = """
import random, urllib.request

def note(text):
    urllib.request.urlopen(text)

@hookimpl
async def send_failed(news):
    note(random.choice(["a"]))
"""
    assert not [one for one in await steps_of(tmp_path, "event", body) if one.state is CheckState.FAILED]


async def test_a_reader_is_asked_with_the_configuration_and_may_use_the_network(tmp_path: Path) -> None:
    file = write_example(tmp_path)
    source = Source(str(file), f"file:{file}")
    async with SpectrumSandbox.start() as sandbox:
        steps = await check_plugin(source, {"control_url": sandbox.control_url})
    assert [one for one in steps if one.state is CheckState.FAILED] == []
    [asked] = [one for one in steps if one.name == "posted_lines"]
    assert asked.detail == "asked for the work orders T104482 and A-1/2.3_4: 0 lines and 0 lines"
    steps = await check_plugin(source, {"control_url": "http://127.0.0.1:1"})
    [failed] = [one for one in steps if one.state is CheckState.FAILED]
    assert (failed.name, "Connection refused" in failed.detail) == ("posted_lines: failure", True)


async def test_a_reader_that_blocks_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.testkit.check.runner._PROBE_SECONDS", 5.0)
    found = await steps_of(tmp_path, "blocks", "import time\n" + READER.format(body="time.sleep(600)"))
    [slow] = [one for one in found if one.state is CheckState.FAILED]
    assert (slow.name, "within 5 s" in slow.detail) == ("time", True)


async def test_rules_are_tried_with_the_configuration_that_is_given(tmp_path: Path) -> None:
    body = """
from pydantic import BaseModel

class Settings(BaseModel):
    letter: str

@hookimpl
def config_model():
    return Settings

@hookimpl
def work_order_number(draft):
    return NumberPatch(draft.config.letter + (draft.job.number or ""), "r")
"""
    without = await steps_of(tmp_path, "letters", body)
    [missing] = [one for one in without if one.state is CheckState.FAILED]
    assert (missing.name, "/letter" in missing.detail) == ("configuration", True)
    assert not [one for one in await steps_of(tmp_path, "letters", body, letter="W") if one.state is CheckState.FAILED]
    long = await steps_of(tmp_path, "letters", body, letter="WEST-")
    assert [one.name for one in long if one.state is CheckState.FAILED] == ["work_order_number: number"]


def test_a_new_plugin_needs_a_name_and_a_free_place(tmp_path: Path) -> None:
    for name in ("", "West", "1st", "a-b", "../x", "x" * 41):
        with pytest.raises(BadInput):
            list(new_plugin(name, tmp_path))
    (tmp_path / "test_west.py").write_text("mine")
    with pytest.raises(BadInput, match="already exists"):
        list(new_plugin("west", tmp_path))


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins' / 'authors'}",
            "PYTEST_ADDOPTS": "",
            "JOBFERRY_DATA_DIR": str(folder / "data"),
        },
    )


def test_an_authors_way_from_nothing_to_a_send(shell: Shell, tmp_path: Path) -> None:
    """As docs/plugins.md walks it: new, test, check, rehearse, use, send."""
    made = run(tmp_path, *JOBFERRY, "plugins", "new", "west")
    assert made.returncode == 0, made.stderr
    assert [Path(line).name for line in made.stdout.split()] == ["west.py", "test_west.py", "west_job.json"]
    tested = run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "jobferry_plugins")
    assert tested.returncode == 0, tested.stdout
    assert "3 passed" in tested.stdout
    checked = run(tmp_path, *JOBFERRY, "plugins", "check", "west", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert {one["state"] for one in json.loads(checked.stdout)["steps"]} == {"ok"}

    folder = ("--plugins-dir", str(tmp_path / "jobferry_plugins"))
    rehearsed = shell(*folder, "plugins", "rehearse", "west", "--job", FIRST_JOB_ID, "--json").document()
    [change] = rehearsed["jobs"][0]["fields"]
    assert (change["field"], change["after"], change["origin"]["rule"]) == ("Priority_Code", "1", "west")
    assert shell(*folder, "plugins", "use", "west", "--config", '{"priority": "2"}').code == 0
    sent = shell(*folder, "jobs", "send", FIRST_JOB_ID, "--wait", "--json")
    assert sent.code == 0, sent.told
    [field] = [one for one in sent.document()["plan"]["header"] if one["field"] == "Priority_Code"]
    assert (field["value"], field["origin"]["rule"], field["origin"]["version"]) == ("2", "west", "0.1")
    gone = shell("jobs", "preview", FIRST_JOB_ID, "--json")
    assert [one["code"] for one in gone.document()["findings"] if one["severity"] == "blocker"] == ["PLUGIN_MISSING"]
    assert shell("plugins", "drop", "west").code == 0
    assert shell("jobs", "preview", FIRST_JOB_ID).code == 0
