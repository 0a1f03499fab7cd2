"""A release folder, and a machine on which a reader of docs/install.md installs from it.

What a test may not change on its machine is replaced: the folders of root, the ports, `systemctl`, `useradd` and
`runuser`. The 66 packages are not downloaded: a new environment finds those that this test runs with, and pip sees that
they are installed. Jobferry itself is installed from the wheel.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.page_blocks import ROOT, replaced

_PORTS = ("8480", "8481", "8482", "8491", "8492")
_FOLDERS = ("/opt/", "/etc/", "/var/lib/", "/usr/local/bin/")
PYTHON_SHIM = """#!{python}
import shutil, subprocess, sys
from pathlib import Path
subprocess.run([sys.executable, *sys.argv[1:]], check=True)
if sys.argv[1:3] == ["-m", "venv"]:
    [packages] = (Path(sys.argv[3]).expanduser() / "lib").glob("python*/site-packages")
    (packages / "of_the_test.pth").write_text("{packages}")
    for old in packages.glob("setuptools*"):
        shutil.rmtree(old)
"""
_USERADD = '#!/bin/sh\nwhile [ "$1" != --home-dir ]; do shift; done\nmkdir -p "$2"\n'
_RUNUSER = """#!/bin/sh
[ "$2" = postgres ] && export PGHOST={sockets} PGUSER=postgres
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""


def release(folder: Path) -> Path:
    """Make the release folder `folder`, as `make release` does."""
    subprocess.run([ROOT / ".ci" / "release", sys.executable, folder], check=True, capture_output=True)
    return folder


def machine(folder: Path, released: Path, sockets: Path | str = "") -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The environment of a shell there, and the places of this machine for what the pages name. Its copy of the release
    folder is `release`. `sockets` is the folder of the PostgreSQL server's socket."""
    from tests.faults.support.ports import free_port

    places = {name: f"{folder}{name}" for name in _FOLDERS} | {"/var/run/postgresql": str(sockets)}
    ports = {port: str(free_port()) for port in _PORTS}
    for name in ("home", "etc/systemd/system", "usr/local/bin", "opt", "var/lib", "shims"):
        (folder / name).mkdir(parents=True)
    packages = packages_of_the_test(folder / "packages")
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    _shim(folder, "python3", PYTHON_SHIM.format(python=base, packages=packages))
    _shim(folder, "useradd", _USERADD)
    _shim(folder, "runuser", _RUNUSER.format(sockets=sockets))
    beside = {"units": f"{folder}/etc/systemd/system", "running": f"{folder}/running", "ports": ports}
    (folder / "units.json").write_text(json.dumps(beside))
    systemctl = ROOT / "tests" / "support" / "systemctl.py"
    _shim(folder, "systemctl", f'#!/bin/sh\nexec {base} {systemctl} {folder}/units.json "$@"\n')
    shutil.copytree(released, folder / "release")
    for file in (folder / "release" / "deploy").iterdir():
        file.write_text(replaced(file.read_text(), places))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOBFERRY_", "PYTHON", "PG"))}
    path = f"{folder}/shims:{folder}/usr/local/bin:{os.environ['PATH']}:/usr/sbin"
    environment = kept | {"HOME": f"{folder}/home", "PATH": path, "PIP_NO_INDEX": "1", "COLUMNS": "200"}
    return environment, places | ports


def sign_in(link: str) -> tuple[str, str]:
    """Open a sign-in link and press its button, as a browser does. Path and content of the page that it leads to."""
    parts = urlsplit(link)
    browser = HTTPConnection(parts.netloc, timeout=30)
    browser.request("GET", parts.path)
    assert "Sign in" in browser.getresponse().read().decode()
    browser.request("POST", parts.path, b"", {"Origin": f"{parts.scheme}://{parts.netloc}"})
    cookies: dict[str, str] = {}
    while True:
        shown = browser.getresponse()
        text = shown.read().decode()
        given = (one.partition(";")[0] for one in shown.headers.get_all("Set-Cookie", []))
        cookies |= dict(one.split("=", 1) for one in given)
        if shown.status != 303:
            break
        page = shown.headers["Location"]
        browser.request("GET", page, headers={"Cookie": "; ".join("=".join(one) for one in cookies.items())})
    browser.close()
    assert shown.status == 200, text
    return page, text


def packages_of_the_test(folder: Path) -> Path:
    """What this test runs with, without Jobferry and pip."""
    folder.mkdir()
    for place in (Path(one).resolve() for one in site.getsitepackages()):
        for one in place.iterdir():
            if not one.name.startswith(("jobferry", "__editable__", "pip", "_virtualenv", "distutils")):
                (folder / one.name).symlink_to(one)
    return folder


def _shim(folder: Path, name: str, text: str) -> None:
    file = folder / "shims" / name
    file.write_text(text)
    file.chmod(0o755)
