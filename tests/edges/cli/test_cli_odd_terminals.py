"""Output on a terminal that cannot show every character: it is replaced, and the exit code is that of the work done."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views.output import data, piped_width, say, table
from adapters.outbound.vault.master_key import new_key, text_of

NAME = "Café 消防 \U0001f525"


def ran(folder: Path, database_url: str, encoding: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    given = {
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONIOENCODING": encoding,
        "JOBFERRY_DATABASE_URL": database_url,
        "JOBFERRY_ENCRYPTION_KEY_FILE": str(folder / "key"),
        "PASSWORD": "secret",
    }
    command = [sys.executable, "-m", "adapters.bootstrap", "--data-dir", str(folder), *arguments]
    return subprocess.run(command, env=os.environ | given, capture_output=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252", "utf-8"])
def test_work_that_was_done_is_not_told_as_a_failure(encoding: str, tmp_path: Path, database_url: str) -> None:
    (tmp_path / "key").write_text(text_of([new_key()]))
    login = ("--username", "u", "--password-env", "PASSWORD", "--no-check")
    added = ran(tmp_path, database_url, encoding, "tenants", "add", "cardinal", "--name", NAME, *login)
    assert (added.returncode, b"Traceback" in added.stderr) == (0, False), added.stderr
    listed = ran(tmp_path, database_url, encoding, "tenants", "list")
    assert listed.returncode == 0, listed.stderr
    assert NAME.encode(encoding, "replace") in listed.stdout
    as_json = ran(tmp_path, database_url, encoding, "tenants", "list", "--json")
    assert [one["name"] for one in json.loads(as_json.stdout.decode(encoding))["items"]] == [NAME], "nothing is lost"


def test_foreign_text_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b[2Jb\x9bc\x00d\u202ee\ud800f"
    data.print(Text(hostile))
    data.print(table(("Name",), ((hostile,),)))
    say(hostile, label="Failed:")
    told = capsys.readouterr()
    lines = [line.strip() for line in (told.out + told.err).splitlines()]
    assert all(line.isprintable() for line in lines)
    assert sum("a [2Jb c d e f" in line for line in lines) == 3


LONG = "snd_01M8PVCCFG868SRBDFBW17CG8E"


def test_on_a_narrow_terminal_a_table_becomes_one_record_below_the_other() -> None:
    shown = table(
        ("Send", "Job", "Customer", "State", "Why"),
        (
            (LONG, "104482", "Harborview Foods Inc", "sent", ""),
            (LONG, "104483", "Café 消防", "needs attention", "LOCKED"),
        ),
        whole=("Send", "Job"),
    )
    for width in (40, 60):
        console = Console(width=width, file=io.StringIO())
        console.print(shown)
        lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        assert max(map(len, lines)) <= width
        assert [line for line in lines if line.startswith("Job")] == ["Job:      104482", "Job:      104483"]
        assert "Send:     " + LONG in [line.rstrip() for line in lines]
    wide = Console(width=100, file=io.StringIO())
    wide.print(shown)
    assert any("104482" in line and "Harborview" in line for line in wide.file.getvalue().splitlines())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("said", "width"), [("40", None), ("", 140), ("0", 140), ("wide", 140)])
def test_columns_sets_the_width_also_of_a_file_or_a_pipe(
    said: str, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", said)
    assert piped_width(io.StringIO()) == width
