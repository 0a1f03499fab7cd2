"""The demo's surroundings: when a browser opens, and what becomes of the folder of a demo that was killed."""

from __future__ import annotations

import fcntl
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.bootstrap.demo.browser import somebody_looks
from adapters.bootstrap.demo.demonstration import settings_of_demo
from adapters.bootstrap.demo.folders import demo_folder, remove_left_over

SSH = {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}


@pytest.mark.parametrize(
    ("environment", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "/usr/bin/their-editor"} | SSH, "linux", True),
        ({"DISPLAY": "localhost:10.0"} | SSH, "linux", True),
        (SSH, "linux", False),
        ({}, "linux", False),
        ({}, "darwin", True),
        (SSH, "darwin", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
    ],
)
def test_a_browser_opens_only_before_somebodys_eyes(
    environment: Mapping[str, str], platform: str, opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert somebody_looks(environment, platform) == opens


def test_no_browser_opens_where_the_output_is_no_terminal() -> None:
    assert not somebody_looks({"DISPLAY": ":0"}, "linux")


def test_the_folder_of_a_killed_demo_is_removed_and_that_of_a_running_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = tmp_path / "jobferry-demo-killed"
    of_others = tmp_path / "jobferry-demo-without-a-lock"
    for folder in (killed, of_others):
        folder.mkdir()
    (killed / "demo.lock").touch()
    with demo_folder() as running:
        assert not killed.exists()
        remove_left_over(tmp_path)
        assert running.exists()
        assert of_others.exists(), "nothing is removed that is not surely a demo's"
        with (running / "demo.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not running.exists()


def test_a_folder_that_somebody_else_made_or_that_a_link_leads_to_stays_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, place = tmp_path / "elsewhere", tmp_path / "place"
    for folder in (elsewhere, place, foreign := place / "jobferry-demo-foreign"):
        folder.mkdir()
        (folder / "demo.lock").touch()
    (place / "jobferry-demo-link").symlink_to(elsewhere)
    remove_left_over(place)
    assert (elsewhere / "demo.lock").exists()
    assert not foreign.exists()
    foreign.mkdir()
    (foreign / "demo.lock").touch()
    uid = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: uid + 1)
    remove_left_over(place)
    assert foreign.exists()


def test_other_terminals_find_the_demo_whatever_its_folders_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'Bob\'s "files" \\ ü'
    folder.mkdir()
    monkeypatch.chdir(folder)
    settings_of_demo(folder)
    written = tomllib.loads((folder / "jobferry.toml").read_text(encoding="utf-8"))
    assert (written["data_dir"], written["plugins_dir"]) == (str(folder), str(folder / "jobferry_plugins"))
