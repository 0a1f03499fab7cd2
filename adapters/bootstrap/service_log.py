"""The log of a process that stays up: its first and its last line say what runs, and what else the process would write
becomes a line, too. So a program that reads a JSON log can read every line of it."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from importlib.metadata import version
from io import TextIOBase
from typing import TYPE_CHECKING, Any

import structlog
import typer

from adapters.bootstrap.log import configure_log
from adapters.inbound.cli.endings import ExitCode, end, exit_code
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import JobferryError

if TYPE_CHECKING:
    from adapters.bootstrap.installation import Installation

_log = structlog.get_logger()


@contextmanager
def service_log(role: str, installation: Installation) -> Iterator[None]:
    """Start the log, and run the block as a process of this `role`. Wrong settings end it before the block.

    An error is told once: as a line of a JSON log, else in words. Raises typer.Exit with its exit code.
    """
    said, wrong, ended = installation.log_format_as_said, None, ExitCode.DONE
    as_json = configure_log("info", said)
    try:
        installation.start_log()
    except JobferryError as error:
        wrong = error
    running = {"role": role, "version": version("jobferry")}
    streams = (*(("stderr",) if as_json else ()), *(("stdout",) if said == "json" else ()))
    try:
        with _nothing_beside_the_log(*streams):
            _log.info("process.started", **running)
            try:
                if wrong is not None:
                    raise wrong
                yield
            except (Exception, KeyboardInterrupt, asyncio.CancelledError) as error:
                ended = _told(error, running) if as_json else end(error)
                raise typer.Exit(ended) from error
    finally:
        _log.info("process.stopped", **running, exit_code=int(ended))


def _told(error: BaseException, running: dict[str, str]) -> ExitCode:
    if not isinstance(error, Exception):
        return ExitCode.INTERRUPTED
    if not isinstance(error, JobferryError):
        _log.critical("process.failed", **running, code="INTERNAL_ERROR", reason=type(error).__name__, exc_info=error)
        return ExitCode.FAILED
    fields = {one.pointer.strip("/"): one.detail for one in error.errors}
    more = {"fields": fields} if fields else {}
    fix = fix_of(error, Door.COMMAND_LINE)
    _log.critical("process.failed", **running, code=error.code, reason=error.message, fix=fix, **more)
    return exit_code(error)


@contextmanager
def _nothing_beside_the_log(*streams: str) -> Iterator[None]:
    """Warnings of Python, errors of threads and of `__del__`, and all text written to these streams, as by a plugin
    that prints, go to the log until the block ends."""
    threads, unraisable = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = _thread_failed, _not_raised
    logging.captureWarnings(True)
    try:
        with ExitStack() as stack:
            for name in streams:
                lines = stack.enter_context(LinesToLog(name))
                stack.enter_context(redirect_stderr(lines) if name == "stderr" else redirect_stdout(lines))
            yield
    finally:
        logging.captureWarnings(False)
        threading.excepthook, sys.unraisablehook = threads, unraisable


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    name = failed.thread.name if failed.thread else ""
    _log.error("thread.failed", thread=name, exc_info=failed.exc_value)


def _not_raised(failed: Any) -> None:
    _log.error("error.not_raised", where=repr(failed.object), detail=failed.err_msg or "", exc_info=failed.exc_value)


_LONGEST_BEGUN = 20_000


class LinesToLog(TextIOBase):
    """A stream of text whose lines become lines of the log. Of a line that comes in parts only the first characters are
    kept: some programs never end a line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._begun = ""
        self._telling = threading.local()

    def __exit__(self, *_: object) -> None:
        self._tell(self._begun)
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        *whole, begun = (self._begun + text).split("\n")
        self._begun = begun[:_LONGEST_BEGUN]
        for line in whole:
            self._tell(line)
        return len(text)

    def _tell(self, line: str) -> None:
        """Not what the log itself says about a line that it cannot write: that would go round in a circle."""
        if not line.strip() or getattr(self._telling, "now", False):
            return
        self._telling.now = True
        try:
            _log.warning("output.written", stream=self._name, text=line)
        finally:
            self._telling.now = False
