"""Every command explains itself on a narrow terminal, with nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import structlog
from typer.main import get_command
from typer.testing import CliRunner

from adapters.bootstrap.__main__ import jobferry

CUT_OFF = ("\u2026", "...\n")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command sets up its log, which other tests read."""
    yield
    structlog.reset_defaults()


def commands(group: object, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, *path, name)


@pytest.mark.parametrize("path", list(commands(get_command(jobferry()))), ids=" ".join)
def test_the_help_fits_eighty_columns(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(jobferry(), [*path, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    body = shown.stdout.split("\n", 1)[1]
    assert not any(mark in body for mark in CUT_OFF), body
    assert max(map(len, body.splitlines())) <= 80
    assert "--help" in body
    assert not re.search(r"--[A-Z]", body), "an option is named after its placeholder"
