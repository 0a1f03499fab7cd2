"""How a command ends: errors as text on stderr, and an exit code that scripts can rely on."""

from __future__ import annotations

import asyncio
from enum import IntEnum

import structlog

from adapters.inbound.cli.views.output import say
from adapters.inbound.schema.wording import COMMANDS
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
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


def end(error: BaseException) -> ExitCode:
    """Print how a command failed, and return the exit code."""
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        say("Stopped.")
        return ExitCode.INTERRUPTED
    if not isinstance(error, JobferryError):
        _log.debug("command.crashed", exc_info=error)
        error = _crash(error)
    tell(error)
    return exit_code(error)


def _crash(error: BaseException) -> JobferryError:
    what = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    if isinstance(error, ImportError) and error.name:
        what = f"{what} of {error.name}"
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
    if fix := fix_of(error, Door.COMMAND_LINE):
        say(fix, label="To do:", style="bold")
    if error.code in COMMANDS:
        say(COMMANDS[error.code], label="Command:", style="bold")
