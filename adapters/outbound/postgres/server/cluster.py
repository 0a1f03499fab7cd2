"""Makes the database cluster of the embedded PostgreSQL with `initdb`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.outbound.postgres.server.programs import (
    OWN_MEMORY,
    ProgramFailedError,
    give_to_server,
    has_entry,
    installed,
    libraries,
    run_options,
)
from adapters.outbound.postgres.server.scratch import scratch_folder

# Built in: the same letters and the same order on every machine, without its locales.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_SYNC = ("--sync-method=syncfs",) if sys.platform == "linux" else ()
"""All on the disk at once: one file after the other takes longer than all the rest of a first start."""
_FIXED = (*_LOCALE, *_SYNC, "-c", OWN_MEMORY, "--auth=trust", "-U", "postgres", "--no-instructions")
_ERRORS = ("error:", "ERROR:", "FATAL:", "PANIC:")
_SAYS_NOTHING = ("initdb: removing", "child process exited")
_NOT_SAFE_IN_QUOTES = frozenset('"$`\\\n')


def make_cluster(folder: Path, turn: IO[str]) -> None:
    """Make a cluster in the empty `folder`. What an interrupted start left behind is deleted first.

    `initdb` and its children hold the lock `turn` as long as they live, even if this process is killed: they still
    write. Raises ProgramFailedError, OSError.
    """
    unfinished = folder.with_name("postgres.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    try:
        give_to_server(unfinished)
        with _initdb(folder.parent) as initdb:
            done = subprocess.run(  # noqa: S603 - no shell
                [initdb, *_FIXED, "-D", unfinished],
                capture_output=True,
                text=True,
                errors="replace",
                pass_fds=(turn.fileno(),),
                check=False,
                **run_options(unfinished),
            )
        if done.returncode:
            raise ProgramFailedError(
                _cause(done.stderr) or f"initdb ended with the code {done.returncode}",
                f"Correct what this line of initdb names: free space, rights and kind of the file system of "
                f"{folder.parent}, memory, limits (ulimit). Or name another folder with --data-dir or "
                "JOBFERRY_DATA_DIR.",
            )
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _keep_name(folder.parent)


def _cause(said: str) -> str:
    """The first error, which those after it follow from, or the last line where none calls itself an error."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith(_SAYS_NOTHING)]
    errors = [line for line in lines if any(word in line for word in _ERRORS)]
    return (errors[:1] or lines[-1:] or [""])[0]


def _keep_name(folder: Path) -> None:
    """Write the names in `folder` to the disk. Without it, a power cut could bring the unfinished name back."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _initdb(data_dir: Path) -> Iterator[Path]:
    """The program, or a copy of it and of `postgres`, beside links to the rest of the installation, in two cases:

    `initdb` calls `postgres` through a shell, with the path in double quotes; the path of the copy is safe there.
    And both look up the name of their user, and end if there is none, as in a container with a number as user. They
    need it only for a message, so the copies take the first name of the user database (`getpwent`) instead. The server
    itself never looks it up.
    """
    original = (installed() / "bin" / "initdb").resolve()
    if has_entry() and _safe(original):
        yield original
        return
    # Temporary folders often allow no programs, so the data folder comes first.
    with scratch_folder(*(data_dir,) if _safe(data_dir) else ()) as scratch:
        scratch.chmod(0o755)  # the server's user may be another one
        package = scratch / installed().parent.name
        copy = package / installed().name / "bin" / "initdb"
        copy.parent.mkdir(parents=True)
        for made in (package, copy.parent.parent, copy.parent):
            made.chmod(0o755)
        (scratch / libraries().name).symlink_to(libraries())
        for linked in (*installed().parent.iterdir(), installed() / "lib", installed() / "share"):
            if linked != installed():
                (package / linked.relative_to(installed().parent)).symlink_to(linked)
        for name in ("initdb", "postgres"):
            program = original.with_name(name).read_bytes()
            copy.with_name(name).write_bytes(
                program if has_entry() else program.replace(b"\0getpwuid\0", b"\0getpwent\0")
            )
            copy.with_name(name).chmod(0o755)
        yield copy


def _safe(path: Path) -> bool:
    return _NOT_SAFE_IN_QUOTES.isdisjoint(str(path))
