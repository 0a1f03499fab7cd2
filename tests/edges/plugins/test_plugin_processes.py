"""Plugins in processes of their own: found, looked at, asked, and whatever they do, it harms nobody else."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.connections.settings import PluginUse
from core.model.planning.draft import HeaderPatch, LeaveOut, LineDraft, NumberPatch
from core.model.planning.fold import start_draft
from core.model.shared.finding import Finding
from plugins.catalog import Catalog, load_catalog
from plugins.child import PluginProcess
from plugins.discovery import Source, sources
from plugins.host import PluginHost
from plugins.plugin import ANSWER_SECONDS
from ports.rules import Rule
from tests.units.planning.test_plan_items import PART
from tests.units.planning.test_plan_send import CONNECTION, JOB

ROOT = Path(__file__).parents[3]
HEAD = """
from plugins.hookspecs import PluginInfo, hookimpl
from core.model.planning.draft import FieldPatch, HeaderPatch, NumberPatch
from core.model.planning.draft import LeaveOut, LinePatch
from core.model.shared.finding import Finding

@hookimpl
def plugin_info():
    return PluginInfo({name!r}, "1.2", "For a test.")
"""
RULE = """
@hookimpl
def work_order_number(draft):
    {body}
"""
GOOD = """
from pydantic import BaseModel

class Settings(BaseModel):
    letter: str = "W"

@hookimpl
def config_model():
    return Settings

@hookimpl
def work_order_number(draft):
    return NumberPatch(draft.config.letter + draft.job.number, "west office")

@hookimpl
def map_work_order(draft):
    print("nobody reads this")
    return HeaderPatch((FieldPatch("Priority_Code", "1", "always"),))

@hookimpl
def include_item(draft):
    return LeaveOut("not this one")
"""
HOSTILE = {
    "raises": ("raise RuntimeError('no')", "raised RuntimeError: no (line "),
    "exits": ("raise SystemExit(0)", "raised SystemExit"),
    "dies": ("import os; os._exit(1)", "ended its process"),
    "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended its process"),
    "wrong": ("return 'T104482'", "returned str"),
    "huge": ("return NumberPatch('9' * 5_000_000, 'r')", "bytes, which is more"),
    "deep": ("return HeaderPatch(())", "returned HeaderPatch"),
    "odd": ("return NumberPatch(object(), 'r')", "number is object; it must be a text (str)"),
    "number": ("return NumberPatch(104482, 'r')", "a NumberPatch that is wrong: number is int; it must be a text"),
    "mutates": ("draft.fields['WO_Number'] = 1; return NumberPatch('X', 'r')", "raised TypeError"),
    "greedy": ("x = 'x' * (4 << 30); return NumberPatch('X', 'r')", "raised MemoryError"),
    "babbles": ("import os; [os.write(n, b'x' * 99) for n in range(3, 9) if n]; return NumberPatch('X', 'r')", ""),
    "unspeakable": ("raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})", "raised E"),
}
ENDLESS = {"endless": "while True: pass", "sleeps": "import time; time.sleep(600)"}


def write(folder: Path, name: str, body: str) -> Source:
    file = folder / f"{name}.py"
    file.write_text(HEAD.format(name=name) + textwrap.dedent(body))
    return Source(str(file), f"file:{file}")


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Catalog]]]:
    made: list[Catalog] = []

    async def look(**bodies: str) -> Catalog:
        made.append(found := await load_catalog(write(tmp_path, name, body) for name, body in bodies.items()))
        return found

    yield look
    for one in made:
        await one.close()


async def number(host: PluginHost, name: str, **config: object) -> NumberPatch | Finding:
    rule = Rule(name, "1.2", config)
    answer = await host.ask("work_order_number", rule, start_draft(JOB, CONNECTION))
    assert isinstance(answer, NumberPatch | Finding)
    return answer


async def test_a_rule_answers_from_its_own_process_with_its_configuration(
    catalog: Callable[..., Awaitable[Catalog]],
) -> None:
    found = await catalog(west=GOOD)
    assert found.problems == ()
    host = PluginHost(catalog=found)
    connection = replace(CONNECTION, plugins=(PluginUse("west"),))
    asked = [rule.name for rule in host.chain(connection, "map_work_order")]
    assert asked == ["field_mapping", "west", "length_policy"]
    assert [rule.name for rule in host.chain(connection, "validate_work_order")] == []
    assert await number(host, "west") == NumberPatch("W104482", "west office")
    assert await number(host, "west", letter="Z") == NumberPatch("Z104482", "west office")
    draft = start_draft(JOB, connection)
    header = await host.ask("map_work_order", Rule("west", "1.2"), draft)
    assert isinstance(header, HeaderPatch)
    assert header.fields[0].value == "1"
    schema = found.available[0].described.schema
    assert schema is not None
    assert schema["properties"]["letter"]["default"] == "W"


async def test_an_item_crosses_over_whole(catalog: Callable[..., Awaitable[Catalog]]) -> None:
    host = PluginHost(catalog=await catalog(west=GOOD))
    draft = LineDraft(JOB, start_draft(JOB, CONNECTION).connection, PART)
    assert await host.ask_line("include_item", Rule("west", "1.2"), draft) == LeaveOut("not this one")


async def test_what_a_hostile_rule_does_is_a_finding_that_names_it(
    catalog: Callable[..., Awaitable[Catalog]],
) -> None:
    found = await catalog(**{name: RULE.format(body=body) for name, (body, _) in HOSTILE.items()}, west=GOOD)
    host = PluginHost(catalog=found)
    for name, (_, said) in HOSTILE.items():
        for _ in range(2):
            answer = await number(host, name)
            assert isinstance(answer, Finding), name
            assert (answer.code, answer.origin) == ("PLUGIN_ERROR", name)
            assert f"The plugin {name} 1.2" in answer.message
            assert said in answer.message, name
            assert "in work_order_number" in answer.message
            assert await number(host, "west") == NumberPatch("W104482", "west office"), "the others go on"


@pytest.mark.long
@pytest.mark.parametrize("name", ENDLESS)
async def test_an_endless_rule_is_stopped_in_time_and_nobody_waits_for_it(
    catalog: Callable[..., Awaitable[Catalog]], name: str
) -> None:
    found = await catalog(**{name: RULE.format(body=ENDLESS[name]), "west": GOOD})
    host = PluginHost(catalog=found)
    clock = asyncio.get_running_loop().time
    began = clock()
    stuck = asyncio.create_task(number(host, name))
    assert isinstance(await number(host, "west"), NumberPatch)
    assert not stuck.done(), "the other answered meanwhile"
    answer = await stuck
    assert ANSWER_SECONDS <= clock() - began < ANSWER_SECONDS + 1
    assert isinstance(answer, Finding)
    assert (answer.code, answer.origin) == ("PLUGIN_TIMEOUT", name)


@pytest.mark.long
async def test_connections_that_share_a_plugin_wait_once_for_the_one_that_hangs(
    catalog: Callable[..., Awaitable[Catalog]],
) -> None:
    body = "while draft.config.get('hangs'): pass\n    return NumberPatch('1', 'r')"
    host = PluginHost(catalog=await catalog(shared=RULE.format(body=body)))
    clock = asyncio.get_running_loop().time
    assert isinstance(await number(host, "shared", hangs=True), Finding)
    began = clock()
    hanging = [asyncio.create_task(number(host, "shared", hangs=True)) for _ in range(3)]
    await asyncio.sleep(0)  # until they are asked
    assert await number(host, "shared") == NumberPatch("1", "r")
    assert clock() - began < ANSWER_SECONDS, "it did not wait for the others"
    assert not any(task.done() for task in hanging)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def ended(pid: int, seconds: float = 10) -> None:
    """Wait for the end of a process that is not our child (it was told to end, and the
    kernel may take a moment); `TimeoutError` if it goes on."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watch, gone.set)
    try:
        await asyncio.wait_for(gone.wait(), seconds)
    finally:
        loop.remove_reader(watch)
        os.close(watch)


@pytest.mark.long
async def test_what_it_started_itself_ends_with_it(catalog: Callable[..., Awaitable[Catalog]], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    start = "import subprocess, time; p = subprocess.Popen(['sleep', '600'])"
    body = f"{start}; open({str(pid)!r}, 'w').write(str(p.pid)); time.sleep(600)"
    host = PluginHost(catalog=await catalog(parent=RULE.format(body=body)))
    assert isinstance(await number(host, "parent"), Finding)
    await ended(int(pid.read_text()))


async def test_it_sees_nothing_of_our_environment(
    catalog: Callable[..., Awaitable[Catalog]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBFERRY_DATABASE_URL", "postgresql://me:secret@db/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    body = "import os; return NumberPatch(repr(sorted(os.environ)), 'r')"
    host = PluginHost(catalog=await catalog(curious=RULE.format(body=body)))
    seen = await number(host, "curious")
    assert isinstance(seen, NumberPatch)
    assert "PATH" in seen.number
    assert "JOBFERRY" not in seen.number
    assert "AWS" not in seen.number


async def test_its_process_loads_no_more_than_the_plugin_needs(catalog: Callable[..., Awaitable[Catalog]]) -> None:
    """Half of the time in which it would start, and a third of its memory."""
    loaded = "{'asyncio', 'importlib.metadata', 'pydantic'} & {*sys.modules}"
    body = f"import sys; return NumberPatch(repr(sorted({loaded})), 'r')"
    host = PluginHost(catalog=await catalog(small=RULE.format(body=body)))
    assert await number(host, "small") == NumberPatch("[]", "r")


async def test_it_may_take_as_long_as_it_likes_between_two_questions_and_a_broken_off_one_is_not_answered_later(
    catalog: Callable[..., Awaitable[Catalog]], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    body = f"""
    if draft.config:
        import time
        open({str(begun)!r}, "w").close()
        time.sleep(0.5)
    return NumberPatch(str(dict(draft.config)), "r")"""
    host = PluginHost(catalog=await catalog(slow=RULE.format(body=body)))
    assert await number(host, "slow") == NumberPatch("{}", "r")
    asked = asyncio.create_task(number(host, "slow", a="1"))
    await asyncio.to_thread(begun.read_bytes)  # until the rule is at it
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await number(host, "slow") == NumberPatch("{}", "r"), "not the answer to the question before"


@pytest.mark.long
async def test_a_call_that_is_stopped_while_its_process_starts_leaves_no_answer_behind(
    catalog: Callable[..., Awaitable[Catalog]], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    body = 'return NumberPatch(str(draft.config["a"]), "r")'
    loading = f"""
import pathlib, time
if pathlib.Path({str(tmp_path / "slow_now")!r}).exists():
    open({str(begun)!r}, "w").close()
    time.sleep(0.5)
"""
    loaded = await catalog(slow=loading + RULE.format(body=body))
    host = PluginHost(catalog=loaded)
    await loaded.close()
    (tmp_path / "slow_now").touch()
    asked = asyncio.create_task(number(host, "slow", a="1"))
    await asyncio.to_thread(begun.read_bytes)  # until the process loads the plugin
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    (tmp_path / "slow_now").unlink()
    for wanted in ("2", "3"):
        assert await number(host, "slow", a=wanted) == NumberPatch(wanted, "r"), "the answer to this question"


async def test_a_process_that_the_system_cannot_start_is_a_finding(
    catalog: Callable[..., Awaitable[Catalog]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = await catalog(one=RULE.format(body='return NumberPatch("1", "r")'))
    host = PluginHost(catalog=loaded)
    await loaded.close()

    async def refused(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("plugins.child.asyncio.create_subprocess_exec", refused)
    answer = await number(host, "one")
    assert isinstance(answer, Finding)
    assert (answer.code, answer.origin) == ("PLUGIN_ERROR", "one")
    assert "Too many open files" in answer.message


BROKEN = {
    "syntax": ("def broken(:\n", "cannot be loaded: SyntaxError"),
    "imports": ("import no_such_module\n", "'no_such_module' (line 10 of imports.py)"),
    "exits_at_once": ("raise SystemExit(3)\n", "SystemExit"),
    "dies_at_once": ("import os\nos._exit(0)\n", "did not start"),
    "misspelt": ("@hookimpl\ndef work_order_numbr(draft):\n    return None\n", "There is no hook work_order_numbr"),
    "unmarked": ("def map_work_order(draft):\n    return None\n", "map_work_order (line 10) is not marked as a hook"),
    "arguments": (
        "@hookimpl\ndef map_work_order(job, nothing):\n    return None\n",
        "takes job, nothing, which Jobferry does not give it",
    ),
    "model": ("@hookimpl\ndef config_model():\n    return dict\n", "pydantic model"),
    "upper": ("@hookimpl\ndef plugin_info():\n    return PluginInfo('Not A Name', '1', '')\n", "name and a version"),
    "silent": ("@hookimpl\ndef plugin_info():\n    return None\n", "name and a version"),
}


@pytest.mark.long
async def test_what_cannot_be_used_is_told_and_the_rest_works(catalog: Callable[..., Awaitable[Catalog]]) -> None:
    found = await catalog(**{name: body for name, (body, _) in BROKEN.items()}, west=GOOD)
    assert [one.name for one in found.available] == ["west"]
    told = {Path(problem.source).stem: problem for problem in found.problems}
    assert told.keys() == BROKEN.keys()
    for name, (_, said) in BROKEN.items():
        assert said in told[name].message, f"{name}: {told[name].message}"
        assert told[name].fix
    assert told["misspelt"].fix == "Did you mean work_order_number?"


async def test_of_two_with_one_name_neither_is_used_and_both_are_told(tmp_path: Path) -> None:
    for place in ("one", "two", "ours"):
        (tmp_path / f"{place}.py").write_text(HEAD.format(name="leading_character" if place == "ours" else "twin"))
    found = await load_catalog(sources(tmp_path), taken=("leading_character",))
    assert found.available == ()
    said = {Path(problem.source).stem: problem.message for problem in found.problems}
    assert str(tmp_path / "two.py") in said["one"]
    assert str(tmp_path / "one.py") in said["two"]
    assert "Jobferry itself" in said["ours"]


async def test_files_of_tests_and_private_ones_are_no_plugins(tmp_path: Path) -> None:
    for name in ("a", "_b", "test_a", "conftest"):
        (tmp_path / f"{name}.py").write_text("")
    assert [Path(source.label).name for source in sources(tmp_path)] == ["a.py"]
    assert list(sources(tmp_path / "none")) == list(sources())


async def test_closing_leaves_no_process(tmp_path: Path) -> None:
    plugin = PluginProcess(write(tmp_path, "west", GOOD))
    await plugin.describe()
    assert plugin._process is not None
    pid = plugin._process.pid
    await plugin.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.long
async def test_it_dies_with_whoever_asked_it_though_it_never_looks_up(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    os.mkfifo(pid)
    body = f"import os; open({str(pid)!r}, 'w').write(str(os.getpid()))\n    while True: pass"
    source = write(tmp_path, "endless", RULE.format(body=body))
    asking = f"""
import asyncio
from core.model.planning.fold import start_draft
from plugins.child import ChildPlugin
from plugins.discovery import Source
from tests.units.planning.test_plan_send import CONNECTION, JOB
plugin = ChildPlugin(Source("x", {source.load!r}), answer_seconds=600)
asyncio.run(plugin.ask("work_order_number", draft=start_draft(JOB, CONNECTION)))
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", asking, cwd=ROOT)
    async with asyncio.timeout(60):
        plugin, gone = os.pidfd_open(int(await asyncio.to_thread(pid.read_text))), asyncio.Event()
        asyncio.get_running_loop().add_reader(plugin, gone.set)  # readable once the process has ended
        assert not gone.is_set()
        process.kill()
        await process.wait()
        await gone.wait()
    asyncio.get_running_loop().remove_reader(plugin)
    os.close(plugin)
