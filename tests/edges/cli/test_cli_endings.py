"""How commands end: an exit code and words for every kind of error, no traceback, and secrets from safe places only."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest
import structlog
from typer.testing import CliRunner

from adapters.inbound.cli.command_context import CommandContext
from adapters.inbound.cli.command_line import command_line
from adapters.inbound.cli.options import read_secret
from adapters.inbound.cli.views.output import messages, say
from core.model.shared.errors import BadInput, Conflict, FieldError, NotFound, OperatorMends, TenantMends, TimeMends


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """As the installed command starts: errors only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


class _BrokenInstallation:
    """Opens nothing: raises what a command is to end with."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def open_context(self) -> AbstractAsyncContextManager[CommandContext]:
        raise self._error


def _ends_with(error: BaseException) -> tuple[int, str, str]:
    ended = CliRunner().invoke(command_line(), ["tenants", "list"], obj=_BrokenInstallation(error))
    return ended.exit_code, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("gone"), 1),
        (Conflict("taken"), 1),
        (BadInput("wrong"), 2),
        (OperatorMends("no database"), 3),
        (TenantMends("login refused"), 4),
        (TimeMends("not reachable"), 4),
        (TimeMends("The database is away.", code="DATABASE_UNREACHABLE"), 3),
        (KeyboardInterrupt(), 130),
        (RuntimeError("boom"), 1),
        (ConnectionRefusedError(111, "Connection refused"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code_and_no_traceback(error: BaseException, code: int) -> None:
    ended, out, told = _ends_with(error)
    assert ended == code
    assert out == ""
    assert "Traceback" not in told
    assert told.strip()


def test_an_error_says_what_is_wrong_where_and_what_to_do() -> None:
    error = BadInput("It is not valid.", fix="Mend it.", errors=[FieldError("/servicetrade/base_url", "an address")])
    _, _, told = _ends_with(error)
    assert "Failed: It is not valid." in told
    assert "servicetrade.base_url: an address" in told
    assert "To do: Mend it." in told


def test_foreign_text_is_never_read_as_markup() -> None:
    _, _, told = _ends_with(TenantMends("Spectrum says [bold]no[/nonsense]"))
    assert "Spectrum says [bold]no[/nonsense]" in told


def test_a_crash_is_told_without_its_text_which_may_hold_anything() -> None:
    _, _, told = _ends_with(RuntimeError("password hush"))
    assert "hush" not in told
    assert "RuntimeError" in told
    assert "--log-level debug" in told


@pytest.mark.parametrize("arguments", [["jobs", "preview"], ["sends", "list", "--state", "lost"], ["tenant", "list"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    ended = CliRunner().invoke(command_line(), arguments, obj=_BrokenInstallation(RuntimeError()))
    assert ended.exit_code == 2
    assert "Usage: " in ended.stderr
    assert "Failed: " in ended.stderr
    assert "Help: " in ended.stderr


def test_a_quiet_command_tells_only_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "quiet", True)
    say("What happens next.")
    _, _, told = _ends_with(BadInput("It is not valid.", fix="Mend it."))
    assert "Failed: It is not valid." in told
    assert "To do: Mend it." in told
    assert "next" not in told


def test_every_command_explains_itself() -> None:
    for name in ("tenants", "connections", "jobs", "sends", "warnings"):
        told = CliRunner().invoke(command_line(), [name, "--help"])
        assert told.exit_code == 0, name
        assert f"{name} [OPTIONS] COMMAND" in told.stdout


def test_a_secret_comes_from_a_variable_or_stdin_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_PASSWORD", "hush")
    assert read_secret("password", variable="THE_PASSWORD").reveal() == "hush"
    monkeypatch.setattr("sys.stdin", io.StringIO("quiet\n"))
    assert read_secret("password", variable=None, from_stdin=True).reveal() == "quiet"
    with pytest.raises(BadInput, match="NOT_THERE"):
        read_secret("password", variable="NOT_THERE")
    with pytest.raises(BadInput, match="no terminal"):
        read_secret("password", variable=None)


def test_no_option_takes_a_secret_itself() -> None:
    told = CliRunner().invoke(command_line(), ["tenants", "add", "--help"]).stdout
    told += CliRunner().invoke(command_line(), ["connections", "add", "--help"]).stdout
    for option in ("--password ", "--client-secret ", "--authorization-id "):
        assert option not in told
