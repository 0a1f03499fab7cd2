"""The file with the installation's encryption key. Only its owner can read it; it is replaced atomically."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from adapters.outbound.vault.master_key import keys_from_text, new_key, text_of
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret


def read_key_file(path: Path) -> tuple[bytes, ...]:
    """Return all keys; the first one seals. Raises OperatorMends (ENCRYPTION_KEY_MISSING, ENCRYPTION_KEY_INVALID)."""
    try:
        return keys_from_text(Secret(path.read_bytes().decode("ascii", "replace")))
    except OSError as error:
        raise OperatorMends(
            f"The encryption key file {path} cannot be read: {error.strerror}.",
            code="ENCRYPTION_KEY_MISSING",
            fix="Restore the file that this database was set up with, or set its path in JOBFERRY_ENCRYPTION_KEY_FILE. "
            "For a new installation `jobferry init` creates one.",
        ) from error


def make_key_file(path: Path) -> bool:
    """Create a new key unless there is one; return True if it was created. Only the owner can read the file (0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(text_of([new_key()]))
    return True


def replace_key_file(path: Path, keys: Sequence[bytes]) -> None:
    """Replace the file atomically: a reader finds the old keys or the new ones, even after a power failure. Owner and
    permissions stay the same. Raises OSError."""
    path = path.resolve()  # keep a symbolic link
    before, beside = path.stat(), path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)  # left by a process that was killed here
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, before.st_uid, before.st_gid)  # the service must still be able to read it
            os.fchmod(handle, before.st_mode & 0o777)
            file.write(text_of(keys))
            file.flush()
            os.fsync(handle)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


class WatchedKeyFile:
    """`changed()` reads the file again if it changed after the last read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None

    def changed(self) -> tuple[bytes, ...]:
        """Return its keys, or () if they did not change. Raises OperatorMends like `read_key_file`."""
        seen = self._look()
        if seen is not None and seen == self._seen:
            return ()
        keys = read_key_file(self._path)
        self._seen = seen
        return keys

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
