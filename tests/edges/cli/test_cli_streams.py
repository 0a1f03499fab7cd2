"""A command whose output nobody reads, has no room or is closed, and one that is stopped: no traceback, a true code."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from select import select

import pytest

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """The line in bash, where `jobferry` is the command."""
    command = f'jobferry() {{ "{sys.executable}" -m adapters.bootstrap "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("command", ["openapi", "--help", "sends list --help"])
def test_a_reader_that_has_enough_ends_the_command_without_a_word(command: str) -> None:
    ended = shell(f"jobferry {command} | true; echo ${{PIPESTATUS[0]}}")
    assert (ended.stdout, ended.stderr) == ("141\n", "")


@pytest.mark.long
def test_output_without_room_is_a_failure_with_a_way_out() -> None:
    ended = shell("jobferry openapi > /dev/full")
    assert ended.returncode == 1
    assert "Failed: No space left on device" in ended.stderr
    assert "To do: Free some space" in ended.stderr
    assert "Exception ignored" not in ended.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "code"),
    [("jobferry openapi >&-", 0), ("jobferry openapi 2>&- | grep -c openapi", 0), ("jobferry x 2>&-", 2)],
)
def test_a_closed_stream_is_none_and_not_a_crash(line: str, code: int) -> None:
    ended = shell(line)
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended.stderr


def test_ctrl_c_while_the_commands_are_imported_ends_without_a_traceback() -> None:
    slow = "import os, signal, sys; sys.modules['typer'] = None; os.kill(os.getpid(), signal.SIGINT)"
    code = f"import builtins; real = builtins.__import__\n{_IMPORTING}".replace("SLOW", repr(slow))
    ended = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (-2, "")


_IMPORTING = """
def importing(name, *more, **given):
    if name == "typer":
        exec(SLOW)
    return real(name, *more, **given)
import adapters.bootstrap.__main__ as process
builtins.__import__ = importing
process.main()
"""


def _end() -> bytes:
    raise OSError("the end of the terminal")


@pytest.mark.long
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (b"", 130, "Stopped."),
        (b"n\n", 1, "Failed: You did not agree, so nothing was done."),
        (b"\x04", 1, "Failed: Nobody answered the question, so nothing was done."),
    ],
    ids=["ctrl-c", "no", "end of input"],
)
def test_a_question_that_is_not_answered_with_yes_does_nothing(typed: bytes, code: int, told: str) -> None:
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.bootstrap", "tenants", "remove", "cardinal"],
        env=ENVIRONMENT | {"TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while b"[y/N]:" not in shown:
        shown += os.read(terminal, 1000)
    with suppress(OSError):  # Linux tells the end of a terminal this way
        while True:
            # What is typed before the command reads may be lost, so a person types it again.
            if typed:
                os.write(terminal, typed)
            else:
                process.send_signal(signal.SIGINT)
            while select([terminal], [], [], 2.0)[0]:
                shown += os.read(terminal, 1000) or _end()
    os.close(terminal)
    assert process.wait(20) == code
    assert told in shown.decode()
    assert "Traceback" not in shown.decode()
