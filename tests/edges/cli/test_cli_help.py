"""Every command explains itself on a narrow terminal, with nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.main import get_command
from typer.testing import CliRunner

from adapters.bootstrap.app import jobferry, root
from adapters.inbound.cli.command_line import command_line
from adapters.inbound.cli.deferred import Deferred

CUT_OFF = ("\u2026", "...\n")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command sets up its log, which other tests read."""
    yield
    structlog.reset_defaults()


def commands(group: object, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command.load() if isinstance(command, Deferred) else command, *path, name)


ROOT = get_command(jobferry())
DEFERRED: dict[str, Deferred] = ROOT.commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", list(commands(ROOT)), ids=" ".join)
def test_the_help_fits_eighty_columns(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(jobferry(), [*path, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    body = shown.stdout.split("\n", 1)[1]
    assert not any(mark in body for mark in CUT_OFF), body
    assert max(map(len, body.splitlines())) <= 80
    assert "--help" in body
    assert not re.search(r"--[A-Z]", body), "an option is named after its placeholder"


@pytest.mark.parametrize("name", DEFERRED)
def test_the_table_of_commands_says_what_each_command_says_of_itself(name: str) -> None:
    deferred = DEFERRED[name]
    found = deferred.load()
    assert found.name == deferred.name == name
    assert found.get_short_help_str(80) == deferred.help


def test_a_command_deeper_down_and_its_options_are_completed() -> None:
    for words, expected in (("jobferry sends re", "retry"), ("jobferry sends list --st", "--state")):
        environment = {
            "_JOBFERRY_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        done = CliRunner().invoke(jobferry(), [], env=environment, prog_name="jobferry")
        assert done.stdout.split() == [expected]


def test_a_command_that_cannot_be_imported_fails_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with a log that nobody has set up yet: it would print the traceback, with what was typed, on stdout."""
    (tmp_path / "needs_more.py").write_text("import there_is_no_such_library\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    structlog.reset_defaults()
    app = command_line([Deferred("torn", "needs_more:torn", "Cannot be imported.")], root)
    ended = CliRunner().invoke(app, ["torn", "some argument"])
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "ModuleNotFoundError of there_is_no_such_library" in ended.stderr
    assert "some argument" not in ended.stderr
