"""The mark in the data folder: one small file per connection, written in place, safe with several processes.

A file holds its number as 20 digits and a line end. One `pwrite` of so few bytes is written completely or not at all,
even after a kill. It is not synced to the disk: a power failure may lose the last numbers. The mark is then a little
late, never too high. The first number of a connection is synced, so no file is ever empty.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.model.shared.errors import OperatorMends
from ports.intent_mark import IntentMark

_DIGITS = 20
_LENGTH = _DIGITS + 1
_WHOLE = re.compile(rb"[0-9]{20}\n")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_REMOVED = ".removed"


class FileIntentMark(IntentMark):
    def __init__(self, folder: Path) -> None:
        """The folder is created when the first number is stored."""
        self._folder = folder

    def ready(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise self._unwritable("this user may not write there")

    def note(self, connection_id: str, intent: int) -> bool:
        path = self._path(connection_id)
        try:
            while (raised := self._raise(path, intent)) is None:
                if self._make(path, intent):
                    return intent > (_number(_removed(path)) or 0)
                # otherwise another process has just created or removed the file
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        return raised

    def of(self, connection_id: str) -> int:
        path = self._path(connection_id)
        return max(_number(path) or 0, _number(_removed(path)) or 0)

    def highest(self) -> Mapping[str, int]:
        return {name: self.of(name) for name in self._names() if _ID.fullmatch(name)}

    def forgotten(self) -> Mapping[str, int]:
        names = set(self._names())
        removed = [name.removesuffix(_REMOVED) for name in names if name.endswith(_REMOVED)]
        return {name: self.of(name) for name in removed if name not in names and _ID.fullmatch(name)}

    def forget(self, connection_id: str) -> None:
        path = self._path(connection_id)
        try:
            os.replace(path, _removed(path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error.strerror) from error

    def _names(self) -> list[str]:
        try:
            return sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self._folder, error.strerror) from error

    def _path(self, connection_id: str) -> Path:
        if not _ID.fullmatch(connection_id):
            raise ValueError(f"{connection_id!r} is not the id of a connection")
        return self._folder / connection_id

    def _raise(self, path: Path, intent: int) -> bool | None:
        """Store a higher number; return whether it is higher, None without a file. The lock also works for threads."""
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            higher = intent > _parsed(path, os.pread(handle, _LENGTH + 1, 0))
            if higher:
                os.pwrite(handle, _text(intent), 0)
        finally:
            os.close(handle)
        return higher

    def _make(self, path: Path, intent: int) -> bool:
        """Create the file. It gets its name after it is on the disk. Return False if another process created it."""
        self.ready()
        beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with _made(beside) as handle:
                os.pwrite(handle, _text(intent), 0)
                os.fsync(handle)
            try:
                os.link(beside, path)
            except FileExistsError:
                return False
        finally:
            beside.unlink(missing_ok=True)
        return True

    def _unwritable(self, why: str | None) -> OperatorMends:
        return OperatorMends(
            f"The mark of what was sent cannot be noted in {self._folder}: {why}.",
            code="INTENT_MARK_UNWRITABLE",
            fix=f"Make {self._folder} writable for the user that Jobferry runs as, on a disk that is not full, and "
            "start again. It must outlive the database: keep it on a disk, not in a container.",
        )


@contextmanager
def _made(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _removed(path: Path) -> Path:
    return path.with_name(path.name + _REMOVED)


def _text(intent: int) -> bytes:
    return b"%020d\n" % intent


def _number(path: Path) -> int | None:
    """Return the number; None if there is no such file."""
    try:
        with path.open("rb", buffering=0) as file:
            return _parsed(path, file.read(_LENGTH + 1))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror) from error


def _parsed(path: Path, content: bytes) -> int:
    if not _WHOLE.fullmatch(content):
        raise _unreadable(path, f"it does not hold {_DIGITS} digits and a line end")
    return int(content)


def _unreadable(path: Path, why: str | None) -> OperatorMends:
    return OperatorMends(
        f"The mark of what was sent, {path}, cannot be read: {why}.",
        code="INTENT_MARK_UNREADABLE",
        fix="Make it readable for the user that Jobferry runs as, or restore it from a copy of the data folder. If it "
        "is lost, move the file away. Jobferry then cannot detect a restored backup until the next line is sent.",
    )
