"""How a command ends: every error in words on stderr, and an exit code that scripts can rely on."""

from __future__ import annotations

import asyncio
from enum import IntEnum

import structlog
import typer
from typer.core import TyperGroup

from adapters.inbound.cli.output import messages
from core.model.errors import BadInput, CallerMends, JobferryError, OperatorMends, TenantMends, TimeMends

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
    """The root group: what a command raises ends here, so that no command handles errors of its own."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except JobferryError as error:
            tell(error)
            raise typer.Exit(exit_code(error)) from error
        except (KeyboardInterrupt, asyncio.CancelledError) as error:
            messages.print("Stopped.")
            raise typer.Exit(ExitCode.INTERRUPTED) from error
        except OSError as error:
            messages.print(f"[bold red]Failed:[/] {error.strerror or error}", highlight=False)
            _log.debug("command.crashed", exc_info=error)
            raise typer.Exit(ExitCode.FAILED) from error
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if type(error).__module__.startswith("typer"):
                raise  # usage errors: the framework shows them with the command's usage line
            _log.debug("command.crashed", exc_info=error)
            messages.print(f"[bold red]Failed:[/] Jobferry itself went wrong ({type(error).__name__}).")
            messages.print("[bold]To do:[/] run the command again with --log-level debug; the log then shows where.")
            raise typer.Exit(ExitCode.FAILED) from error


def exit_code(error: JobferryError) -> ExitCode:
    match error:
        case BadInput():
            return ExitCode.USAGE
        case OperatorMends():
            return ExitCode.CONFIGURATION
        case TenantMends() | TimeMends():
            return ExitCode.REMOTE_SYSTEM
        case CallerMends():
            return ExitCode.FAILED
    return ExitCode.FAILED


def tell(error: JobferryError) -> None:
    """What is wrong, which fields it concerns, and what to do."""
    messages.print("[bold red]Failed:[/]", error.message, markup_of_first_only=True)
    for wrong in error.errors:
        if wrong.detail not in error.message:
            messages.print(f"  {wrong.pointer.strip('/').replace('/', '.')}: {wrong.detail}", markup=False)
    if error.fix:
        messages.print("[bold]To do:[/]", error.fix, markup_of_first_only=True)
