"""How a command ends: errors as text on stderr, and an exit code that scripts can rely on."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Mapping
from enum import IntEnum

import structlog
import typer
from typer.exceptions import TyperException

from adapters.inbound.cli.streams import drop, unread
from adapters.inbound.cli.views.output import failures, say, tell_failure
from adapters.inbound.schema.wording import COMMANDS
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import BadInput, JobferryError, OperatorMends, TenantMends, TimeMends

_log = structlog.get_logger()


class ExitCode(IntEnum):
    """What each tells a script, as docs/commands.md says it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    REMOTE_SYSTEM = 4
    PARTLY_DONE = 5
    INTERRUPTED = 130
    NOBODY_READS = 141


EXIT_CODE_WORDS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "Done.",
    ExitCode.FAILED: "Failed: not there, taken, refused, not agreed to, or a check or a send that failed.",
    ExitCode.USAGE: "The command line or a value in it is wrong; nothing was done.",
    ExitCode.CONFIGURATION: "This installation cannot work: settings, encryption key, port, schema, or a database that "
    "cannot be used.",
    ExitCode.REMOTE_SYSTEM: "ServiceTrade, Spectrum or another program refused or did not answer.",
    ExitCode.PARTLY_DONE: "Part of it is done: a send still waits, some secrets stay as they were, or `doctor` found "
    "what is to be mended while Jobferry works.",
    ExitCode.INTERRUPTED: "Ended by Ctrl-C, SIGTERM or SIGHUP.",
    ExitCode.NOBODY_READS: "The program that was to read the output, such as `head`, has ended.",
}


_OF_THE_MACHINE = {
    errno.ENOSPC: "Free some space where the output, the data folder and the temporary folder are.",
    errno.EDQUOT: "Free some space, or ask for a larger quota.",
    errno.EROFS: "Choose a place that can be written to; --data-dir names the data folder.",
    errno.EACCES: "Run it as the user who owns the data folder and the files that you named.",
    errno.EMFILE: "Raise the number of open files that this user may have: ulimit -n.",
    errno.ENOMEM: "Free some memory.",
}
"""What to do about an error that is the machine's and no defect of Jobferry."""


def end(error: BaseException) -> ExitCode:
    """Print how a command failed, and return the exit code."""
    if isinstance(error, typer.Abort):
        error = _unanswered(error)
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        say("Stopped.")
        return ExitCode.INTERRUPTED
    if isinstance(error, OSError) and (broken := [one for one in (sys.stdout, sys.stderr) if unread(one)]):
        drop(broken)
        return ExitCode.NOBODY_READS
    if isinstance(error, TyperException):
        return _usage(error)
    if not isinstance(error, JobferryError):
        _log.debug("command.crashed", exc_info=error)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            drop([sys.stdout])
        error = _crash(error)
    tell(error)
    return exit_code(error)


def _unanswered(error: typer.Abort) -> BaseException:
    """Why a question has no answer: Ctrl-C, nobody there, or a no."""
    match error.__context__:
        case KeyboardInterrupt() as stopped:
            failures.print()  # the cursor stands behind the question
            return stopped
        case EOFError():
            failures.print()
            return JobferryError("Nobody answered the question, so nothing was done.", fix="--yes answers it.")
    return JobferryError("You did not agree, so nothing was done.")


def _usage(error: TyperException) -> ExitCode:
    """Print a wrong option, argument or command, as typer words it."""
    context = getattr(error, "ctx", None)
    told = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        failures.print(told)
        return ExitCode.USAGE
    if context is not None:
        failures.print(context.get_usage())
    tell_failure(told if told.endswith((".", "?", ")")) else f"{told}.")
    if context is not None:
        tell_failure(f"{context.command_path} --help", label="Help:", style="bold")
    return ExitCode.USAGE


def _crash(error: BaseException) -> JobferryError:
    what = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        where = f" ({error.filename})" if isinstance(error.filename, str) else ""
        return JobferryError(f"{what}{where}.", fix=_OF_THE_MACHINE[error.errno])
    if isinstance(error, ImportError) and error.name:
        what = f"{what} of {error.name}"
    fix = "Run it again as `jobferry --log-level debug ...`; the log on stderr then shows where it happened."
    return JobferryError(f"Jobferry itself failed: {what}.", code="INTERNAL_ERROR", fix=fix)


def exit_code(error: JobferryError) -> ExitCode:
    match error:
        case BadInput():
            return ExitCode.USAGE
        case OperatorMends() | TimeMends(code="DATABASE_UNREACHABLE"):
            return ExitCode.CONFIGURATION
        case TenantMends() | TimeMends():
            return ExitCode.REMOTE_SYSTEM
    return ExitCode.FAILED


def tell(error: JobferryError) -> None:
    """Print what is wrong, in which fields, and what to do."""
    tell_failure(error.message)
    for wrong in error.errors:
        if wrong.detail not in error.message:
            tell_failure(f"{wrong.pointer.strip('/').replace('/', '.')}: {wrong.detail}", label=" ")
    if fix := fix_of(error, Door.COMMAND_LINE):
        tell_failure(fix, label="To do:", style="bold")
    if error.code in COMMANDS:
        tell_failure(COMMANDS[error.code], label="Command:", style="bold")
