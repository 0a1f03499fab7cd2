"""The temporary folder of a demo. Those of killed demos are removed, with the databases that still run in them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from core.model.shared.errors import BadInput, JobferryError

_PREFIX = "jobferry-demo-"
_LOCK = "demo.lock"


@contextmanager
def demo_folder(named: Path | None = None) -> Iterator[Path]:
    """An empty folder that is locked as long as the demo runs, and removed at its end: the named one, which must not
    exist yet, or a temporary one. Raises BadInput."""
    remove_left_over(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)) if named is None else _made(named)
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir()
    except OSError as error:
        raise BadInput(
            f"The folder {folder} cannot be made: {error.strerror}.", fix="Name one that does not exist yet."
        ) from error
    return folder.absolute()


def remove_left_over(place: Path) -> None:
    """Remove our own folders in `place` whose demo has ended without doing so.

    Only those of this user: anybody may make a folder in /tmp, and one of somebody else could lead to any database.
    """
    for folder in filter(_is_ours, place.glob(f"{_PREFIX}*")):
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (folder / "postgres" / "postmaster.pid").exists():
                with suppress(JobferryError):
                    EmbeddedPostgres.start(folder).close()
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
