"""The command `jobferry` as a process. Its commands are imported inside, where Ctrl-C no longer prints a traceback."""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper

from plugins.walls.kernel import forbid_dumps


def main() -> None:
    """The entry point of the installed command. Secrets may be in its environment and memory."""
    forbid_dumps()
    # Where Ctrl-C is ignored, as in a job in a shell's background, it stays ignored.
    stoppable = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if stoppable:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # there is nothing to close yet
    _open_streams()
    from adapters.bootstrap.app import jobferry  # noqa: PLC0415

    if stoppable:
        _end_as_with_ctrl_c()
    try:
        jobferry()(prog_name="jobferry")
    finally:
        if stoppable:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is closed, and how it ended is told


def _open_streams() -> None:
    """A stream that the caller closed takes what is written and drops it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
    # A character that the terminal's encoding lacks is shown as `?`: the work is done by then and did not fail.
    # (stderr never fails on a character.)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _end_as_with_ctrl_c() -> None:
    """SIGTERM, and SIGHUP of a closed terminal, close what a command holds, too: else its server would run on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    main()
