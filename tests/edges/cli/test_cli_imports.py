"""What commands import: only what they need, so that help and completion feel instant. No time is measured here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.main import get_command

from adapters.bootstrap.app import jobferry
from adapters.outbound.vault.master_key import new_key, text_of

NEEDED_TO_WORK = {"alembic", "jinja2", "joserfc", "procrastinate", "rapidfuzz", "requests", "zeep"}
"""For migrations, pages, sign-in by a provider, suggestions, sends. A look into the database needs none of them."""
NEEDED_TO_LOOK = {"aiohttp", "cryptography", "dependency_injector", "psycopg", "pydantic_settings", "sqlalchemy"}
NEEDED_BY_A_COMMAND = {"core", "pydantic", "structlog"}
COMMANDS: Mapping[str, object] = get_command(jobferry()).commands  # type: ignore[attr-defined]


def ran(*arguments: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """A command in a process of its own, and the libraries that it imported."""
    code = f"""
import json, sys
sys.argv = ["jobferry", *{arguments!r}]
from adapters.bootstrap.__main__ import main
try:
    main()
finally:
    print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""
    given = {"PYTHONPATH": str(Path(__file__).parents[3]), **environment}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | given, capture_output=True, text=True, check=False
    )
    *_, imported = ended.stderr.splitlines()
    return ended, set(json.loads(imported))


@pytest.mark.parametrize(
    ("environment", "arguments", "shown"),
    [
        ({}, ["--help"], "webhook-endpoints"),
        ({}, ["--version"], "jobferry"),
        (
            {"_JOBFERRY_COMPLETE": "complete_bash", "COMP_WORDS": "jobferry se", "COMP_CWORD": "1"},
            [],
            "serve\nsends\nsecrets",
        ),
        ({"_JOBFERRY_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "jobferry do"}, [], '"doctor"'),
        (
            {
                "_JOBFERRY_COMPLETE": "complete_fish",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
                "_TYPER_COMPLETE_ARGS": "jobferry do",
            },
            [],
            "doctor",
        ),
        ({"_JOBFERRY_COMPLETE": "source_bash"}, [], "complete -o default -F _jobferry_completion jobferry"),
        ({"_JOBFERRY_COMPLETE": "source_zsh"}, [], "compdef"),
        ({"_JOBFERRY_COMPLETE": "source_fish"}, [], "complete --command jobferry"),
    ],
)
def test_help_version_and_completion_import_no_command(
    environment: dict[str, str], arguments: list[str], shown: str
) -> None:
    ended, imported = ran(*arguments, **environment)
    assert ended.returncode == 0, ended.stderr
    assert shown in ended.stdout
    assert imported & (NEEDED_TO_WORK | NEEDED_TO_LOOK | NEEDED_BY_A_COMMAND) == set()


def test_the_help_of_a_command_imports_nothing_that_it_needs_to_run() -> None:
    """All commands in one process: none of them may."""
    code = f"""
import sys
from typer.testing import CliRunner
from adapters.bootstrap.app import jobferry
for name in {[*COMMANDS]!r}:
    assert CliRunner().invoke(jobferry(), [name, "--help"]).exit_code == 0, name
    heavy = {NEEDED_TO_WORK | NEEDED_TO_LOOK!r} & {{name.partition(".")[0] for name in sys.modules}}
    assert not heavy, (name, heavy)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_look_into_the_database_imports_nothing_that_only_work_needs(database_url: str, tmp_path: Path) -> None:
    ended, imported = ran(
        *("--data-dir", str(tmp_path), "sends", "list"),
        JOBFERRY_DATABASE_URL=database_url,
        JOBFERRY_ENCRYPTION_KEY=text_of([new_key()]),
    )
    assert (ended.returncode, "There is no tenant yet." in ended.stderr) == (1, True), "as for one that is not there"
    assert imported >= NEEDED_TO_LOOK
    assert imported & NEEDED_TO_WORK == set()
