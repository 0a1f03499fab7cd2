"""What a plugin cannot reach from its process: memory, files, database and processes of Jobferry, and much more."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.bootstrap.app import jobferry
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.settings import Settings
from core.model.planning.draft import HeaderPatch
from core.model.planning.fold import start_draft
from plugins.catalog import load_catalog
from plugins.discovery import Source
from plugins.host import PluginHost
from plugins.testkit.check import check_plugin
from plugins.testkit.samples import Sample, make_job, sample_json
from plugins.walls import landlock
from plugins.walls.limits import MOST_FILES, MOST_MORE_TASKS
from ports.rules import Rule
from tests.support.plugin_scene import write_plugin
from tests.units.planning.test_plan_send import CONNECTION, JOB

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="this system has other walls")
shut_in = pytest.mark.skipif(
    sys.platform != "linux" or not landlock.version(), reason="this system has no Landlock, so nothing is hidden"
)
TRIES = """
import errno, json, os, signal, socket, subprocess, sys

@hookimpl
def map_work_order(draft):
    def tried(act):
        try:
            return repr(act())
        except OSError as error:
            return errno.errorcode[error.errno]
    told = json.dumps({{name: tried(act) for name, act in dict({acts}).items()}})
    return HeaderPatch((FieldPatch("Summary_Description", told, "r"),))
"""


@asynccontextmanager
async def curious(folder: Path, acts: str, *hidden: Path) -> AsyncIterator[PluginHost]:
    """A plugin that tries each of the acts, which are arguments of `dict`."""
    source = write_plugin(folder, "curious", TRIES.format(acts=acts))
    catalog = await load_catalog([source], hidden=hidden)
    assert catalog.problems == ()
    try:
        yield PluginHost(catalog=catalog)
    finally:
        await catalog.close()


async def tried(folder: Path, acts: str, *hidden: Path) -> dict[str, Any]:
    """What each act returned, or the name of its error."""
    async with curious(folder, acts, *hidden) as host:
        answer = await host.ask("map_work_order", Rule("curious", "1.2"), start_draft(JOB, CONNECTION))
    assert isinstance(answer, HeaderPatch), answer
    told: dict[str, Any] = json.loads(answer.fields[0].value)
    return told


@shut_in
async def test_no_process_outside_can_be_looked_into_or_signalled(tmp_path: Path) -> None:
    bystander = await asyncio.create_subprocess_exec("sleep", "600", env={"PASSWORD": "secret"})
    try:
        for pid in (os.getpid(), bystander.pid):
            acts = f"""
                environment=lambda: open("/proc/{pid}/environ").read(),
                memory=lambda: open("/proc/{pid}/mem", "rb"),
                map=lambda: open("/proc/{pid}/maps").read(),
                file=lambda: open("/proc/{pid}/fd/0"),
                its_name=lambda: os.readlink("/proc/{pid}/fd/0"),
                folder=lambda: os.readlink("/proc/{pid}/cwd"),
                signal=lambda: os.kill({pid}, 0) if {landlock.version()} >= 6 else open("/proc/{pid}/mem"),
            """
            told = await tried(tmp_path, acts)
            assert set(told.values()) <= {"EACCES", "EPERM"}, told
    finally:
        bystander.kill()
        await bystander.wait()


@linux
async def test_it_has_no_capability_and_gains_none_in_another_program(tmp_path: Path) -> None:
    status = "[line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapPrm', 'CapEff'))]"
    acts = f"""
        own=lambda: {status},
        started=lambda: eval(subprocess.check_output([sys.executable, "-c", "print({status})"])),
    """
    told = await tried(tmp_path, acts)
    assert told["own"] == told["started"] == repr(["0" * 16] * 2)


@linux
async def test_none_of_our_open_files_is_open_in_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch()
    with secret.open() as ours:
        os.set_inheritable(ours.fileno(), True)
        acts = """
            files=lambda: [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")[:-1]],
        """
        told = await tried(tmp_path, acts)
    assert "secret" not in told["files"]
    assert set(re.findall(r"'(/dev/null|pipe|socket|/[^']*)", told["files"])) <= {"/dev/null", "pipe", "socket"}


@shut_in
async def test_hidden_files_can_be_neither_read_nor_changed_and_their_neighbours_can(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "postgres" / "base").mkdir(parents=True)
    (data / "mine").mkdir()
    (data / "key").write_text("secret")
    (data / "postgres" / "base" / "1").write_text("secret")
    (data / "beside").write_text("open")
    (tmp_path / "link").symlink_to(data / "key")
    acts = f"""
        key=lambda: open("{data}/key").read(),
        link=lambda: open("{tmp_path}/link").read(),
        inside=lambda: open("{data}/postgres/base/1").read(),
        around=lambda: open("/proc/self/root{data}/key").read(),
        write=lambda: open("{data}/key", "a"),
        truncate=lambda: os.truncate("{data}/key", 0),
        remove=lambda: os.remove("{data}/key"),
        make=lambda: open("{data}/postgres/new", "w"),
        move=lambda: os.rename("{data}/postgres", "{data}/mine/postgres"),
        hard_link=lambda: os.link("{data}/key", "{data}/mine/key"),
        started=lambda: subprocess.run(["cat", "{data}/key"], capture_output=True).stdout,
        beside=lambda: open("{data}/beside").read(),
        mine=lambda: open("{data}/mine/new", "w").write("x"),
    """
    told = await tried(tmp_path, acts, data / "key", data / "postgres", tmp_path / "not_made_yet")
    assert (told.pop("beside"), told.pop("mine"), told.pop("started")) == ("'open'", "1", "b''")
    assert set(told.values()) <= {"EACCES", "EPERM", "EXDEV"}, told
    assert (data / "key").read_text() == "secret"


@linux
async def test_it_opens_no_socket_of_this_machine_but_those_of_the_network(tmp_path: Path) -> None:
    local, network = socket.socket(socket.AF_UNIX), socket.create_server(("127.0.0.1", 0))
    local.bind(str(tmp_path / "s"))
    local.listen()
    port = network.getsockname()[1]
    acts = f"""
        local=lambda: socket.socket(socket.AF_UNIX).connect("{tmp_path}/s"),
        network=lambda: socket.create_connection(("127.0.0.1", {port})).close(),
        pair=lambda: len(socket.socketpair()),
        by_a_pair=lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", "{tmp_path}/d"),
        by_a_raw_pair=lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW)[0].sendto(b"x", "{tmp_path}/d"),
    """
    with local, network, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(str(tmp_path / "d"))
        told = await tried(tmp_path, acts)
    assert told == {"local": "EACCES", "network": "None", "pair": "2", "by_a_pair": "EACCES", "by_a_raw_pair": "EACCES"}


@linux
async def test_who_may_read_a_hidden_file_cannot_be_changed(tmp_path: Path) -> None:
    """Landlock lets a process do this to files that it may not open."""
    folder, key = tmp_path / "postgres", tmp_path / "key"
    folder.mkdir(mode=0o700)
    key.touch(mode=0o600)
    acts = f"""
        file=lambda: os.chmod("{key}", 0o666),
        folder=lambda: os.chmod("{folder}", 0o777),
        opened=lambda: os.fchmod(os.open("{folder}", os.O_RDONLY), 0o777),
        by_number=lambda: os.chmod(f"/proc/self/fd/{{os.open('{key}', os.O_PATH)}}", 0o666),
        beside=lambda: os.chmod("key", 0o666, dir_fd=os.open("{tmp_path}", os.O_RDONLY)),
        owner=lambda: os.chown("{key}", os.getuid(), os.getgid()),
        list=lambda: os.setxattr("{key}", "user.mine", b"1"),
        cut=lambda: os.truncate("{key}", 0),
        started=lambda: subprocess.run(["chmod", "666", "{key}"], capture_output=True).returncode,
    """
    told = await tried(tmp_path, acts, key, folder)
    assert told.pop("started") == "1"
    assert set(told.values()) == {"EACCES"}, told
    assert (key.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


@linux
async def test_limits_and_priorities_of_other_processes_cannot_be_changed(tmp_path: Path) -> None:
    """A limit of processor time would end Jobferry."""
    bystander = await asyncio.create_subprocess_exec("sleep", "600")
    resource = '__import__("resource")'
    try:
        acts = f"""
            limit=lambda: {resource}.prlimit({bystander.pid}, {resource}.RLIMIT_CPU, (1, 1)),
            nice=lambda: os.setpriority(os.PRIO_PROCESS, {bystander.pid}, 19),
            processors=lambda: os.sched_setaffinity({bystander.pid}, os.sched_getaffinity(0)),
            schedule=lambda: os.sched_setscheduler({bystander.pid}, os.SCHED_IDLE, os.sched_param(0)),
            own_limit=lambda: {resource}.prlimit(0, {resource}.RLIMIT_CPU)[0] < 0,
            own_nice=lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
        """
        told = await tried(tmp_path, acts)
    finally:
        bystander.kill()
        await bystander.wait()
    assert (told.pop("own_limit"), told.pop("own_nice")) == ("True", "None")
    assert set(told.values()) == {"EACCES"}, told


@shut_in
async def test_settings_of_the_kernel_devices_and_shared_memory_are_closed(tmp_path: Path) -> None:
    shared = Path(f"/dev/shm/PostgreSQL.{os.getpid()}")
    shared.write_text("rows", encoding="utf-8")
    try:
        acts = f"""
            shared=lambda: open("{shared}").read(),
            more=lambda: open("{shared}.more", "w"),
            segment=lambda: __import__("ctypes").CDLL(None).shmget(0, 4096, 0o1600),
            core_files=lambda: open("/proc/sys/kernel/core_pattern", "r+"),
            other=lambda: open("/proc/{os.getpid()}/oom_score_adj", "r+"),
            own=lambda: open("/proc/self/oom_score_adj", "r+"),
            disk=lambda: open("/dev/" + next((n for n in os.listdir("/dev") if n[:2] in ("sd", "vd", "nv")), "tty")),
            terminal=lambda: open("/dev/ptmx"),
            first_to_end=lambda: open("/proc/self/oom_score_adj").read(),
            nothing=lambda: open(os.devnull, "r+b", 0).write(b"x"),
            numbers=lambda: len(open("/dev/urandom", "rb").read(4)),
        """
        told = await tried(tmp_path, acts)
    finally:
        shared.unlink()
    open_ = {name: told.pop(name) for name in ("first_to_end", "nothing", "numbers", "segment")}
    assert open_ == {"first_to_end": "'1000\\n'", "nothing": "1", "numbers": "4", "segment": "-1"}
    assert set(told.values()) <= {"EACCES", "EPERM"}, told


async def test_files_sizes_and_tasks_end_somewhere(tmp_path: Path) -> None:
    acts = f"""
        size=lambda: open("{tmp_path}/large", "wb").write(bytes(65 << 20)),
        tasks=lambda: __import__("resource").getrlimit(__import__("resource").RLIMIT_NPROC)[1] > 0,
        core=lambda: __import__("resource").getrlimit(__import__("resource").RLIMIT_CORE),
        files=lambda: [os.open(os.devnull, os.O_RDONLY) for _ in range({MOST_FILES})],
    """
    told = await tried(tmp_path, acts)
    (tmp_path / "large").unlink()
    assert told == {"files": "EMFILE", "size": "EFBIG", "tasks": "True", "core": "(0, 0)"}


def in_a_process(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


FORKS = """
import os, signal, sys
from plugins.walls.limits import limit
os.setuid(65534)  # there is no such limit for root
limit()
started = []
try:
    for _ in range(2000):
        if not (pid := os.fork()):
            signal.pause()
        started.append(pid)
except OSError as error:
    print(type(error).__name__)
print(len(started))
for pid in started:
    os.kill(pid, signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user")
def test_who_starts_processes_without_end_is_stopped() -> None:
    told, started = in_a_process(FORKS).split()
    assert told == "BlockingIOError"
    assert 1 < int(started) <= MOST_MORE_TASKS


def test_what_this_system_cannot_do_is_said() -> None:
    told = in_a_process("""
        import plugins.walls.shut_in as walls
        walls.hide = walls.forbid_calls = lambda *_: False
        print([*walls.shut_in((), ())] == [walls.NO_FILE_WALL, walls.NO_CALL_WALL])
        walls.hide, walls.version = (lambda *_: True), (lambda: 5)
        print([*walls.shut_in((), ())] == [walls.NO_SIGNAL_WALL, walls.NO_CALL_WALL])
    """)
    assert told.split() == ["True", "True"]


async def test_a_hidden_file_that_cannot_be_there_keeps_no_plugin_out(tmp_path: Path) -> None:
    """A service without a home has for example HOME=/dev/null, and there is no file in it."""
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    hidden = [Path("/dev/null/.pgpass"), tmp_path / "file" / ".pgpass", tmp_path / "loop", tmp_path / ("x" * 300)]
    assert await tried(tmp_path, "pid=lambda: os.getpid() > 0,", *hidden) == {"pid": "True"}


@shut_in
async def test_a_plugin_is_not_loaded_where_a_wall_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import plugins.walls.landlock as walls\nwalls._beside = lambda *_: ['/']\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "key").touch()
    loaded = tmp_path / "loaded"
    source = write_plugin(tmp_path, "one", f"open({str(loaded)!r}, 'w')")
    catalog = await load_catalog([source], hidden=[tmp_path / "key"])
    await catalog.close()
    [problem] = catalog.problems
    assert "a hidden file can still be opened" in problem.message
    assert not loaded.exists()


async def test_a_plugin_is_not_loaded_where_a_wall_that_exists_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import plugins.walls.shut_in as walls\ndef broken(*_): raise OSError(1, 'no')\nwalls.hide = broken\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    loaded = tmp_path / "loaded"
    source = write_plugin(tmp_path, "one", f"open({str(loaded)!r}, 'w')")
    catalog = await load_catalog([source])
    await catalog.close()
    [problem] = catalog.problems
    assert "could not be shut in" in problem.message
    assert not loaded.exists()


SAYS_WHAT_IT_SEES = """
import errno, os, socket
def tried(act):
    try:
        return repr(act())
    except OSError as error:
        return errno.errorcode[error.errno]
SEEN = [
    tried(lambda: os.open({key!r}, os.O_RDONLY)), tried(lambda: os.open({setting!r}, os.O_RDONLY)),
    tried(lambda: socket.socket(socket.AF_UNIX)),
]
os.write(os.open(f"{told}/{{os.getpid()}}", os.O_CREAT | os.O_WRONLY), repr(SEEN).encode())
@hookimpl
def classify_error(row):
    return None
"""


@pytest.mark.long
@shut_in
def test_a_plugin_that_is_checked_is_behind_the_same_walls_in_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key, setting, told = tmp_path / "data" / "encryption.key", tmp_path / "jobferry.toml", tmp_path / "told"
    told.mkdir()
    key.parent.mkdir()
    key.write_text("secret", encoding="utf-8")
    setting.write_text("", encoding="utf-8")
    paths = {"key": str(key), "setting": str(setting), "told": told}
    file = write_plugin(tmp_path, "curious", SAYS_WHAT_IT_SEES.format(**paths)).label
    (tmp_path / "curious_job.json").write_bytes(sample_json(Sample(make_job())))
    checked = CliRunner().invoke(jobferry(), ["--data-dir", str(key.parent), "plugins", "check", file, "--json"])
    assert "an answer of Spectrum: no fault" in checked.output
    seen = [one.read_text(encoding="utf-8") for one in told.iterdir()]
    assert len(seen) == 4, "one that describes it, one with made-up jobs, and two that must answer alike"
    assert set(seen) == {"['EACCES', 'EACCES', 'EACCES']"}


@pytest.mark.long
async def test_the_check_of_an_installed_plugin_runs_none_of_it_in_the_process_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, ran = tmp_path / "jobferry_harbor", tmp_path / "ran"
    package.mkdir()
    (package / "__init__.py").write_text(f"import os\nopen({str(ran)!r}, 'a').write(f'{{os.getpid()}}\\n')\n")
    write_plugin(package, "rules", "@hookimpl\ndef classify_error(row):\n    return None\n")
    (tmp_path / "sitecustomize.py").write_text(
        "import plugins.walls.shut_in as walls\nwalls.hide = walls.forbid_calls = lambda *_: False\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    steps = await check_plugin(Source("harbor", "entry:jobferry_harbor.rules", "harbor"), {})
    named = {one.name: one.detail for one in steps}
    assert named["branches"] == "every statement of the rules was reached", "its source was found"
    assert str(os.getpid()) not in ran.read_text().split()
    told = [one.detail for one in steps if one.name == "walls"]
    assert ["cannot keep a plugin from" in one for one in told] == [True, True], "what this system lacks is said"


@linux
def test_no_command_can_be_looked_into_by_others_of_its_user() -> None:
    told = in_a_process("""
        import ctypes
        from adapters.bootstrap import __main__ as entry
        from adapters.bootstrap import app
        app.jobferry = lambda: lambda **_: None
        before = ctypes.CDLL(None).prctl(3)
        entry.main()
        print(before, ctypes.CDLL(None).prctl(3))
    """)
    assert told == "1 0"


PEEK = """
import os
from plugins.walls.kernel import forbid_dumps, prctl
os.setuid(65534)
prctl(4, 1)  # to change the user has closed it already
for close in (lambda: None, forbid_dumps):
    close()
    if not (pid := os.fork()):
        prctl(4, 1)
        try:
            open(f"/proc/{os.getppid()}/environ").read()
            print("open", flush=True)
        except OSError as error:
            print(type(error).__name__, flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user")
def test_a_process_of_the_same_user_cannot_read_the_environment_of_a_command() -> None:
    assert in_a_process(PEEK).split() == ["open", "PermissionError"]


def test_the_settings_name_what_is_hidden(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, oidc_client_secret_file=tmp_path / "oidc")
    names = {path.name for path in settings.private_paths}
    assert {"encryption.key", "postgres", "intents", "oidc", "jobferry.toml", ".pgpass"} <= names
    (tmp_path / "other.toml").write_text("", encoding="utf-8")
    assert tmp_path / "other.toml" in load_settings(file=tmp_path / "other.toml").private_paths
