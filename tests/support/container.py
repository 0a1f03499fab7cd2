"""Plays the Containerfile without a container program: its steps run in a root folder of their own, with this machine's
Debian and Python under it, and its processes in namespaces of their own: they write only files of the volume and of
/tmp, have no capabilities, are process number 1, and have a network with nothing in it but themselves.

Packages are not downloaded (see release_scene), and images are not layered. Needs root, as on CI.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.release_scene import PYTHON_SHIM, packages_of_the_test

_PROGRAMS = "/shims:/usr/sbin:/usr/bin"
_ENTER = """set -eu
root=$1; mode=$2; shift 2
mount --make-rprivate /
mount --bind $root $root
mount --rbind /dev $root/dev
mount -t proc proc $root/proc
mount -t tmpfs none $root/tmp
while [ "$1" != -- ]; do
    mount --bind "${1%%:*}" "$root${1#*:}"; shift
done
shift
[ $mode = writable ] || mount -o bind,remount,ro $root
mount -o bind,remount,ro $root/usr
ip link set lo up
exec chroot $root "$@"
"""


@dataclass(frozen=True, slots=True)
class Containerfile:
    """What its last stage says, and the steps of each stage in their order."""

    steps: Sequence[tuple[str, str]]

    @classmethod
    def read(cls, file: Path) -> Containerfile:
        text = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8"))
        lines = (line.strip() for line in text.splitlines())
        named = (line.partition(" ") for line in lines if line and not line.startswith("#"))
        return cls([(name, rest.strip()) for name, _, rest in named])

    def last(self, name: str) -> str:
        return [rest for one, rest in self.steps if one == name][-1]

    @property
    def environment(self) -> dict[str, str]:
        text = " ".join(rest for name, rest in self.steps if name == "ENV")
        return dict(pair.split("=", 1) for pair in shlex.split(text))

    @property
    def health_check(self) -> list[str]:
        command: list[str] = json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])
        return command


@dataclass(frozen=True, slots=True)
class Image:
    root: Path
    file: Containerfile
    shared: Sequence[str]

    @classmethod
    def build(cls, folder: Path, context: Path) -> Image:
        """Run the steps of `context/deploy/Containerfile`. Skips if this machine does not allow it."""
        apart = ("unshare", "-mnp", "--fork", "ip", "link", "set", "lo", "up")
        if os.geteuid() or subprocess.run(apart, check=False, capture_output=True).returncode:
            pytest.skip("only root with the right to mount can try this")
        file, root = Containerfile.read(context / "deploy" / "Containerfile"), folder / "root"
        image = cls(root, file, _furnish(root))
        place = "/"
        for name, rest in file.steps:
            if name == "WORKDIR":
                place = rest
                (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif name == "COPY" and not rest.startswith("--from"):
                *names, _ = rest.split()
                for found in (one for pattern in names for one in context.glob(pattern)):
                    shutil.copy(found, root / place.lstrip("/"))
            elif name == "RUN":
                step = ["env", "-i", f"--chdir={place}", f"PATH={_PROGRAMS}", "PIP_NO_INDEX=1", "sh", "-ec", rest]
                done = subprocess.run(image._entered("writable", (), step), capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
        return image

    @contextmanager
    def running(self, command: Sequence[str], volumes: Sequence[str], **settings: str) -> Iterator[Container]:
        """Run `command` instead of CMD, with a read-only root. Killed at the end if it still runs. Its log is what it
        writes to either stream."""
        words = [*json.loads(self.file.last("ENTRYPOINT")), *(command or json.loads(self.file.last("CMD")))]
        process = subprocess.Popen(
            self._entered("read-only", volumes, self._dressed(words, settings)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        container = Container(self, process)
        try:
            yield container
        finally:
            if process.poll() is None:  # with number 1 all others of its namespace end
                os.kill(container.first_process, signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _dressed(self, words: Sequence[str], settings: dict[str, str]) -> list[str]:
        """As USER, in WORKDIR, with ENV, without capabilities."""
        user, _, group = self.file.last("USER").partition(":")
        drop = ("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--clear-groups")
        environment = {"HOME": "/data"} | self.file.environment | settings
        environment["PATH"] = environment["PATH"].replace("$PATH", "/usr/bin:/bin")
        variables = [f"{name}={value}" for name, value in environment.items()]
        place = f"--chdir={self.file.last('WORKDIR')}"
        return ["setpriv", f"--reuid={user}", f"--regid={group}", *drop, "env", "-i", place, *variables, *words]

    def _entered(self, mode: str, volumes: Sequence[str], words: Sequence[str]) -> list[str]:
        apart = ("unshare", "--mount", "--net", "--pid", "--ipc", "--fork")
        return [*apart, "sh", "-c", _ENTER, "sh", str(self.root), mode, *self.shared, *volumes, "--", *words]


@dataclass(frozen=True, slots=True)
class Container:
    image: Image
    process: subprocess.Popen[str]

    @property
    def first_process(self) -> int:
        """Number 1 inside, by its number outside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def run(self, words: Sequence[str], **settings: str) -> subprocess.CompletedProcess[str]:
        """Run something else inside, as `podman exec` and the health check do."""
        enter = ["nsenter", f"--target={self.first_process}", "--mount", "--net", "--pid", "--ipc", "--root"]
        inside = [*enter, *self.image._dressed(words, settings)]
        return subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)


def _furnish(root: Path) -> Sequence[str]:
    """The folders of an image with Debian and Python. What of this machine is to be seen in it, as `HERE:THERE`."""
    for name in ("dev", "proc", "tmp", "usr", "var/tmp", "sockets", "shims", "data", "opt"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        if (link := Path("/") / name).is_symlink():
            (root / name).symlink_to(link.readlink())
    subprocess.run(["cp", "-a", "/etc", root / "etc"], check=True)
    packages = packages_of_the_test(root / "packages")
    python = Path(sys.base_prefix)
    base = python / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shim = root / "shims" / "python"
    shim.write_text(PYTHON_SHIM.format(python=base, packages="/packages"))
    shim.chmod(0o755)
    seen = {python, *{one.resolve().parent for one in packages.iterdir()}}
    seen.discard(Path("/usr"))
    for place in seen:
        (root / str(place).lstrip("/")).mkdir(parents=True)
    return ["/usr:/usr", *(f"{place}:{place}" for place in sorted(seen))]
