"""How a command ends: errors as text on stderr, and an exit code that scripts can rely on."""

from __future__ import annotations

import asyncio
from enum import IntEnum

import structlog
import typer
from typer.core import TyperGroup

from adapters.inbound.cli.views.output import say
from adapters.inbound.schema.wording import COMMANDS
from core.model.shared.errors import BadInput, JobferryError, OperatorMends, TenantMends, TimeMends

_log = structlog.get_logger()


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    REMOTE_SYSTEM = 4
    PARTLY_DONE = 5
    INTERRUPTED = 130


class Commands(TyperGroup):
    """The root group. It handles every error that a command raises, so that no command has to."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except JobferryError as error:
            tell(error)
            raise typer.Exit(exit_code(error)) from error
        except (KeyboardInterrupt, asyncio.CancelledError) as error:
            say("Stopped.")
            raise typer.Exit(ExitCode.INTERRUPTED) from error
        except Exception as error:
            if type(error).__module__.startswith("typer"):
                raise  # usage errors and intended exits: typer prints them with the command's usage line
            _log.debug("command.crashed", exc_info=error)
            tell(_crash(error))
            raise typer.Exit(ExitCode.FAILED) from error


def _crash(error: Exception) -> JobferryError:
    what = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    fix = "Run it again as `jobferry --log-level debug ...`; the log on stderr then shows where it happened."
    return JobferryError(f"Jobferry itself failed: {what}.", code="INTERNAL_ERROR", fix=fix)


def exit_code(error: JobferryError) -> ExitCode:
    match error:
        case BadInput():
            return ExitCode.USAGE
        case OperatorMends():
            return ExitCode.CONFIGURATION
        case TenantMends() | TimeMends():
            return ExitCode.REMOTE_SYSTEM
    return ExitCode.FAILED


def tell(error: JobferryError) -> None:
    """Print what is wrong, in which fields, and what to do."""
    say(error.message, label="Failed:", style="bold red")
    for wrong in error.errors:
        if wrong.detail not in error.message:
            say(f"{wrong.pointer.strip('/').replace('/', '.')}: {wrong.detail}", label=" ")
    if error.fix:
        say(error.fix, label="To do:", style="bold")
    if error.code in COMMANDS:
        say(COMMANDS[error.code], label="Command:", style="bold")
