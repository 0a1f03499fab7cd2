"""Stands for `systemctl` in the tests of docs/install.md: it starts what a unit starts, in the unit's folder and
environment, and waits until it says at which address it answers.

`systemctl.py PLACES VERB ...`: PLACES is a JSON file with the folder of the units, a folder for what runs, and ports.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Units:
    def __init__(self, places: Mapping[str, Any]) -> None:
        self._units = Path(places["units"])
        self._running = Path(places["running"])
        self._ports: Mapping[str, str] = places["ports"]
        self._running.mkdir(exist_ok=True)

    def start(self, name: str) -> None:
        base, at, instance = name.partition("@")
        unit: dict[str, list[str]] = {}
        for line in (self._units / f"{base}{at}.service").read_text().splitlines():
            key, _, value = line.partition("=")
            unit.setdefault(key, []).append(value.replace("%i", instance))
        [command], [folder] = unit["ExecStart"], unit["WorkingDirectory"]
        for port, place in self._ports.items():
            command = command.replace(f"--port {port}", f"--port {place}")
        environment = _variables(unit["Environment"])
        for file in unit["EnvironmentFile"]:
            environment |= _variables(Path(file.lstrip("-")).read_text().splitlines())
        log = self._running / f"{name}.log"
        begins = log.stat().st_size if log.exists() else 0
        with log.open("a") as told:
            started = subprocess.Popen(
                shlex.split(command),
                cwd=folder,
                env={"PATH": "/usr/bin:/bin"} | environment,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )
        (self._running / name).write_text(str(started.pid))
        said = f"tail --pid={started.pid} --bytes=+{begins + 1} --follow {shlex.quote(str(log))}"
        if subprocess.run(["bash", "-c", f"grep --quiet :// <({said})"], check=False, timeout=90).returncode:
            sys.exit(f"{name} ended: {log.read_text()}")

    def stop(self, name: str) -> None:
        file = self._running / name
        if file.exists():
            pid = int(file.read_text())
            file.unlink()
            os.kill(pid, signal.SIGTERM)
            subprocess.run(["tail", f"--pid={pid}", "-f", "/dev/null"], check=True, timeout=90)


def _variables(lines: Iterable[str]) -> dict[str, str]:
    named = (shlex.split(line, comments=True) for line in lines)
    return dict(one[0].split("=", 1) for one in named if one)


def main(file: str, verb: str, *rest: str) -> None:
    units = Units(json.loads(Path(file).read_text()))
    for name in (one for one in rest if not one.startswith("-")):
        if verb in ("stop", "restart"):
            units.stop(name)
        if verb in ("start", "restart", "enable"):
            units.start(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
