"""Where nothing was set up, a command makes nothing: it says where it looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from tests.support.cli_scene import Shell, world_beside

COMMANDS = (
    *(("tenants", "list"), ("sends", "list"), ("jobs", "preview", "1"), ("warnings", "list"), ("keys", "list")),
    *(
        ("audit", "list"),
        ("restore", "show"),
        ("plugins", "use", "west"),
        ("secrets", "rotate"),
        ("serve",),
        ("worker",),
    ),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    with world_beside() as world:
        return Shell(tmp_path_factory.mktemp("nothing") / "there", world)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_makes_no_installation_and_says_where_it_looked(command: tuple[str, ...], shell: Shell) -> None:
    ended = shell(*command)
    told = "".join(ended.told.split())
    assert ended.code == 3, ended.told
    assert f"Thereisnoinstallationinthedatafolder{shell.folder}(asset)" in told
    assert str(Path("jobferry.toml").absolute()) in told
    assert "`jobferryinit`" in told
    assert not shell.folder.exists()


@pytest.mark.long
def test_an_authors_commands_need_no_installation(
    tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobferry_plugins").mkdir()
    (tmp_path / "jobferry_plugins" / "west.py").write_text("import no_such_module\n")
    without = replace(shell, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    for one in (shell, without):
        listed = one("plugins", "list")
        assert (listed.code, "po_required" in listed.out) == (0, True), listed.told
        assert "west.py cannot be used" in " ".join(listed.told.split())
        assert one("plugins", "list", "--json").document()["items"][0]["name"] == "leading_character"
        assert "warn_only" in one("plugins", "show", "po_required").out
        assert one("plugins", "show", "none").code == 1
    assert not shell.folder.exists()


def test_the_doctor_tells_it_too_and_makes_nothing(shell: Shell) -> None:
    ended = shell("doctor", "--json")
    assert ended.code == 3
    assert "INSTALLATION_MISSING" in ended.out
    assert not shell.folder.exists()


def test_a_settings_file_is_named_and_read(tmp_path: Path, shell: Shell) -> None:
    file = tmp_path / "west.toml"
    ended = shell("--config", str(file), "tenants", "list")
    assert (ended.code, "cannot be read: No such file" in " ".join(ended.told.split())) == (3, True), ended.told
    file.write_text('log_level = "error"\n')
    told = "".join(shell("--config", str(file), "tenants", "list").told.split())
    assert f"Thesettingsfile{file}wasread." in told


def test_an_unfinished_database_is_none_and_one_that_cannot_be_seen_may_be_one(tmp_path: Path) -> None:
    assert not EmbeddedPostgres.made_in(tmp_path)
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres").mkdir()
    assert not EmbeddedPostgres.made_in(tmp_path)
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    assert EmbeddedPostgres.made_in(tmp_path)
    (tmp_path / "file").write_text("")
    assert not EmbeddedPostgres.made_in(tmp_path / "file")
    assert EmbeddedPostgres.made_in(tmp_path / ("x" * 300)), "a name that the system refuses"
