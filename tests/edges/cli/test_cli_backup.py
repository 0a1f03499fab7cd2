"""`jobferry backup` and `jobferry restore FILE` on the embedded database, as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.vault.master_key import new_key, text_of

pytestmark = pytest.mark.long


class Installation:
    def __init__(self, folder: Path) -> None:
        self.data, self._folder = folder / "data", folder
        self("init")

    def __call__(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run a command. Returns what it printed as data; what it told is in `told`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBFERRY_")}
        done = subprocess.run(
            (sys.executable, "-m", "adapters.bootstrap", "--data-dir", str(self.data), *arguments),
            cwd=self._folder,
            env=kept | {"PYTHONPATH": str(Path(__file__).parents[3])} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.told = " ".join(done.stderr.split())
        assert done.returncode == code, done.stderr
        return done.stdout

    def document(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def tenants(self) -> list[str]:
        return [one["slug"] for one in self.document("tenants", "list")["items"]]

    def add_tenant(self, slug: str) -> None:
        self(
            *("tenants", "add", slug, "--name", slug, "--username", "me", "--password-env", "PASSWORD", "--no-check"),
            PASSWORD="x",
        )


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_what_a_backup_held_is_back_and_the_database_of_before_is_kept(
    installation: Installation, tmp_path: Path
) -> None:
    installation.add_tenant("cardinal")
    made = installation.document("backup", "a.backup")
    assert (made["rows"]["tenants"], made["bytes"]) == (1, (tmp_path / "a.backup").stat().st_size)
    installation("backup", "a.backup", code=2)
    assert "exists already" in installation.told
    installation.add_tenant("heron")

    running = EmbeddedPostgres.start(installation.data)
    try:
        with psycopg.connect(running.url):
            installation("restore", "a.backup", code=1)
    finally:
        running.close()
    assert "Stop `serve`" in installation.told
    assert installation.tenants() == ["cardinal", "heron"]

    done = installation.document("restore", "a.backup")
    assert (done["former"], done["rows"]["tenants"]) == ("jobferry_former", 1)
    assert installation.tenants() == ["cardinal"]


def test_with_another_encryption_key_nothing_is_replaced(installation: Installation, tmp_path: Path) -> None:
    installation.add_tenant("cardinal")
    installation("backup", "a.backup")
    (tmp_path / "other").mkdir()
    other = Installation(tmp_path / "other")
    other.add_tenant("heron")
    other("restore", "../a.backup", code=3)
    assert "encrypted with another key" in other.told
    assert other.tenants() == ["heron"]
    other("restore", "../a.backup", code=3, JOBFERRY_ENCRYPTION_KEY=text_of([new_key()]))
    assert other.tenants() == ["heron"]
