"""Loaded code and the garbage collector, in a process of its own: this one has its own settings of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = """
import gc
from adapters.bootstrap.importing import much_imported

with much_imported():
    assert not gc.isenabled(), "it waits during the imports"
assert gc.isenabled()
left_alone = gc.get_freeze_count()
assert left_alone, "what is loaded is not looked through again"
waiting = [[] for _ in range(1000)]
with much_imported():
    pass
assert gc.isenabled()
assert gc.get_freeze_count() <= left_alone, "what came later can still be collected"
"""


def test_the_collector_waits_for_imports_and_leaves_alone_what_is_loaded_once() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
