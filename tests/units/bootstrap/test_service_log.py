"""The log of a process that stays up begins and ends with what runs; whatever is written beside it becomes a line."""

from __future__ import annotations

import gc
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import typer

from adapters.bootstrap.installation import Installation
from adapters.bootstrap.log import LONGEST_TEXT, format_before_settings
from adapters.bootstrap.service_log import service_log
from core.model.shared.errors import OperatorMends


@pytest.fixture(autouse=True)
def _the_log_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(text: str) -> list[dict[str, object]]:
    read = [json.loads(line) for line in text.splitlines()]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in read), text
    return read


def events(text: str) -> list[object]:
    return [line["event"] for line in lines(text)]


def test_a_line_that_never_ends_fills_neither_the_memory_nor_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with service_log("worker", Installation({"log_format": "json"})):
        for _ in range(1000):
            sys.stdout.write("x" * 1000)
        print()
        print("whole")
    text = capsys.readouterr().err
    written = [line["text"] for line in lines(text) if line["event"] == "output.written"]
    assert len(text) < 2 * LONGEST_TEXT
    assert len(written) == 2
    assert "[10000 characters left out]" in str(written[0]), "20,000 were kept of a million"
    assert written[1] == "whole"


@pytest.mark.long
def test_whatever_is_written_while_it_runs_is_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with service_log("worker", Installation({"log_format": "json"})):
        print("from a plugin")
        print("half a line", end="")
        sys.stderr.write("two\nlines\n")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", UserWarning, stacklevel=1)
        logging.getLogger("another").error("no %d", "number")
        logging.getLogger("another").warning("with\nbreaks")
        failing = threading.Thread(target=lambda: 1 / 0, name="t")
        failing.start()
        failing.join()

        class Broken:
            def __del__(self) -> None:
                raise ValueError("at the end")

        Broken()
        gc.collect()
    told = capsys.readouterr()
    assert told.out == ""
    read = lines(told.err)
    texts = [line["text"] for line in read if line["event"] == "output.written"]
    assert texts[:3] == ["from a plugin", "two", "lines"]
    assert texts[-1] == "half a line"
    assert any("Logging error" in str(text) for text in texts)
    assert {"thread.failed", "error.not_raised", "with\nbreaks"} <= {line["event"] for line in read}
    assert any("UserWarning: old" in str(line["event"]) and line["logger"] == "py.warnings" for line in read)
    assert read[0].items() >= {"event": "process.started", "role": "worker"}.items()
    assert read[-1].items() >= {"event": "process.stopped", "role": "worker", "exit_code": 0}.items()
    assert read[0]["version"] == read[-1]["version"]


def test_an_error_is_one_line_with_its_fix_and_the_exit_code_stays(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(typer.Exit) as ended,
        service_log("serve", Installation({"log_format": "json"})),
    ):
        raise OperatorMends("Not at jf_secretsecret.", code="PORT_TAKEN", fix="Choose another.")
    told = lines(capsys.readouterr().err)
    assert [line["event"] for line in told] == ["process.started", "process.failed", "process.stopped"]
    assert told[1].items() >= {"code": "PORT_TAKEN", "reason": "Not at ***.", "fix": "Choose another."}.items()
    assert ended.value.exit_code == told[2]["exit_code"] == 3


def test_an_unexpected_error_has_its_traceback_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, service_log("serve", Installation({"log_format": "json"})):
        _ = 1 / 0
    [_, failed, _] = lines(capsys.readouterr().err)
    assert "ZeroDivisionError" in str(failed["exception"])
    assert ended.value.exit_code == 1


@pytest.mark.parametrize(("name", "value"), [("JOBFERRY_PORT", "x"), ("JOBFERRY_LOG_LEVEL", "loud")])
def test_wrong_settings_are_told_in_the_format_that_was_asked_for(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    for said in (None, "json"):
        with pytest.raises(typer.Exit) as ended, service_log("serve", Installation({"log_format": said})):
            raise AssertionError("it does not start")
        assert ended.value.exit_code == 3
        assert events(capsys.readouterr().err) == ["process.started", "process.failed", "process.stopped"]
    with pytest.raises(typer.Exit), service_log("serve", Installation({"log_format": "text"})):
        raise AssertionError("it does not start")
    told = capsys.readouterr().err
    assert "Failed: The configuration is not valid" in told
    assert "process.stopped" in told


def test_the_format_is_found_beside_whatever_else_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "jobferry.toml"
    assert format_before_settings(None, file) is None
    file.write_text('log_format = "text"\nprot = 1\n')
    assert format_before_settings(None, file) == "text"
    monkeypatch.setenv("JOBFERRY_LOG_FORMAT", "json")
    assert format_before_settings(None, file) == "json"
    assert format_before_settings("text", file) == "text"
    assert format_before_settings("xml", file) is None
    monkeypatch.delenv("JOBFERRY_LOG_FORMAT")
    for broken in ("log_format = 3", "log_format = ", "x = " + "[" * 5000):
        file.write_text(broken)
        assert format_before_settings(None, file) is None
