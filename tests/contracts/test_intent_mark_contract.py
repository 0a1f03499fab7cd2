"""One suite for the mark outside the database, in memory and in files; then what only files have to stand."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from core.model.shared.errors import OperatorMends
from ports.intent_mark import IntentMark

ROOT = Path(__file__).parents[2]
NOTE_MANY = """
import sys
from pathlib import Path
from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark

mark = FileIntentMark(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 1_000_000_000, 7):
    mark.note("con_1", number)
    if number % 50 == 1:
        print(number, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "intents"


@pytest.fixture(params=["memory", "file"])
def mark(request: pytest.FixtureRequest, folder: Path) -> IntentMark:
    return MemoryIntentMark() if request.param == "memory" else FileIntentMark(folder)


def test_nothing_is_known_at_first(mark: IntentMark) -> None:
    assert mark.highest() == {}
    assert mark.of("con_1") == 0
    mark.forget("con_1")
    mark.ready()
    assert mark.highest() == {}


def test_the_highest_number_of_each_connection_stays(mark: IntentMark) -> None:
    for connection, number in (("con_1", 3), ("con_2", 1), ("con_1", 12), ("con_1", 11), ("con_2", 10**19)):
        mark.note(connection, number)
    assert mark.highest() == {"con_1": 12, "con_2": 10**19}
    assert (mark.of("con_1"), mark.of("con_3")) == (12, 0)


def test_a_forgotten_connection_is_not_listed_but_its_number_stays(mark: IntentMark) -> None:
    mark.note("con_1", 7)
    mark.note("con_2", 2)
    mark.forget("con_1")
    assert (mark.highest(), mark.forgotten()) == ({"con_2": 2}, {"con_1": 7})
    assert mark.of("con_1") == 7
    mark.note("con_1", 3)
    assert mark.highest() == {"con_1": 7, "con_2": 2}, "it is back, and its number never falls"
    assert mark.forgotten() == {}


def test_another_process_reads_what_was_noted(folder: Path) -> None:
    FileIntentMark(folder).note("con_1", 5)
    assert FileIntentMark(folder).highest() == {"con_1": 5}
    assert (folder / "con_1").read_bytes() == b"00000000000000000005\n"
    assert stat.S_IMODE((folder / "con_1").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["con_1"], "nothing is left beside it"


@pytest.mark.parametrize("content", [b"", b"5\n", b"0000000000000000005\n", b"0000000000000000000x\n", b"0" * 22])
def test_a_damaged_file_is_reported_and_never_overwritten(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "con_1").write_bytes(content)
    mark = FileIntentMark(folder)
    for look in (mark.highest, lambda: mark.of("con_1"), lambda: mark.note("con_1", 9)):
        with pytest.raises(OperatorMends, match="con_1") as caught:
            look()
        assert caught.value.code == "INTENT_MARK_UNREADABLE"
        assert caught.value.fix
    assert (folder / "con_1").read_bytes() == content


def test_a_folder_in_the_place_of_a_file_is_reported(folder: Path) -> None:
    (folder / "con_1").mkdir(parents=True)
    with pytest.raises(OperatorMends) as caught:
        FileIntentMark(folder).highest()
    assert caught.value.code == "INTENT_MARK_UNREADABLE"


def test_where_nothing_can_be_stored_it_is_said_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    mark = FileIntentMark(tmp_path / "data" / "intents")
    for try_it in (mark.ready, lambda: mark.note("con_1", 1)):
        with pytest.raises(OperatorMends, match="cannot be noted") as caught:
            try_it()
        assert caught.value.code == "INTENT_MARK_UNWRITABLE"
        assert "writable" in caught.value.fix


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_this_user_may_not_write_to(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o500)
    with pytest.raises(OperatorMends):
        FileIntentMark(folder).ready()


def test_an_id_never_leads_out_of_the_folder(folder: Path) -> None:
    for name in ("../con_1", "", "con/1", ".con_1", "con_1\n"):
        with pytest.raises(ValueError, match="not the id"):
            FileIntentMark(folder).note(name, 1)


def test_processes_beside_each_other_and_kills_never_lower_or_halve_a_number(folder: Path) -> None:
    mark = FileIntentMark(folder)
    for round_ in range(4):
        start = mark.of("con_1") + 1
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", NOTE_MANY, str(folder), str(start + beside)], stdout=subprocess.PIPE, cwd=ROOT
            )
            for beside in range(3)
        ]
        said = 0
        for writer in writers:
            assert writer.stdout
            said = max(said, int(writer.stdout.readline()))
        seen = 0
        for _ in range(200):
            number = mark.of("con_1")
            assert number >= max(seen, said), f"round {round_}"
            seen = number
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            assert writer.stdout
            writer.stdout.close()
        assert mark.highest() == {"con_1": mark.of("con_1")}
        assert mark.of("con_1") >= seen


def test_who_notes_waits_for_who_is_just_noting(folder: Path) -> None:
    mark = FileIntentMark(folder)
    mark.note("con_1", 3)
    handle = os.open(folder / "con_1", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    later = Thread(target=mark.note, args=("con_1", 5))
    later.start()
    later.join(0.2)
    assert later.is_alive()
    os.pwrite(handle, b"%020d\n" % 9, 0)
    os.close(handle)
    later.join(20)
    assert mark.of("con_1") == 9


def test_noting_is_quick(folder: Path) -> None:
    mark = FileIntentMark(folder)
    mark.note("con_1", 1)
    tries = []
    for number in range(2, 400):
        before = time.perf_counter()
        mark.note("con_1", number)
        tries.append(time.perf_counter() - before)
    assert sorted(tries)[len(tries) // 2] < 0.001
