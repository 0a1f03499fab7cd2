"""Compares the packages of the lock with the published weaknesses. Fails if one has any; says so if nobody could tell.

`make audit` runs it. pip-audit gets an environment of its own, so that it is not among the packages that it looks at.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-dev.lock"
FOLDER = ROOT / "build" / "audit"
AUDITOR = "pip-audit==2.10.1"


def audit(lock: Path = LOCK, folder: Path = FOLDER) -> tuple[bool, str]:
    """Whether nothing speaks against the packages, and the findings in words."""
    venv.create(folder, clear=True, with_pip=True)
    python, report = folder / "bin" / "python", folder / "found.json"
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", AUDITOR)
    if subprocess.run(install, capture_output=True, check=False).returncode:
        return True, f"Not audited: {AUDITOR} cannot be installed. The index of packages is out of reach."
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    asked = (python, "-m", "pip_audit", "--requirement", lock, *options, "--output", report)
    ended = subprocess.run(asked, capture_output=True, text=True, check=False)
    if not report.exists():
        said = (ended.stderr.strip().splitlines() or ["no answer"])[-1]
        return True, f"Not audited: the index of weaknesses is out of reach ({said[:200]})."
    return judged(json.loads(report.read_text())["dependencies"])


def judged(packages: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
    """What the report of pip-audit says. A package that its index does not know counts as not audited: a mirror of the
    index may know none, and then "no weaknesses found" says nothing."""
    weak = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version'}"
        for one in packages
        for found in one.get("vulns", ())
    ]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    told = f"Audited {len(packages) - len(unknown)} of {len(packages)} packages: {len(weak)} published weaknesses."
    if len(unknown) == len(packages):
        return True, f"Not audited: the index of weaknesses knows none of the {len(packages)} packages."
    if unknown:
        told += f" Not known to the index: {', '.join(unknown)}."
    return not weak, "\n".join((*weak, told))


if __name__ == "__main__":
    good, words = audit()
    print(words)
    sys.exit(not good)
