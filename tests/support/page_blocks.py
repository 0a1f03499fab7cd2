"""The commands of a page of the documents, run as they are written.

A block belongs to a path if a comment that no reader sees stands above it, with an empty line between or without:

    <!-- path: operator -->
    <!-- path: operator, keeps running -->
    <!-- path: author, terminal 2 -->
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MARKED = re.compile(
    r"^<!-- path: ([\w ]+?)(?:, terminal (\d))?(, keeps running)? -->\n\s*```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Block:
    """`keeps_running`: the reader leaves it open in a terminal of its own. `terminal`: where a page tells several
    apart, because folders and variables stay in each."""

    text: str
    keeps_running: bool
    terminal: str = ""


def blocks(page: str, path: str) -> Sequence[Block]:
    """Those of `path` in the order of the page. Fails if there are none."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [
        Block(block, bool(keeps), terminal) for name, terminal, keeps, block in _MARKED.findall(text) if name == path
    ]
    assert found, f"{page} has no block of the path {path}"
    return found


@dataclass(slots=True)
class Reader:
    """Types the blocks into a shell, in a folder and an environment of its own. `places` are what the machine of a test
    cannot have under the page's name, such as folders of root and ports."""

    folder: Path
    environment: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    _running: list[subprocess.Popen[str]] = field(default_factory=list)

    def type(self, block: Block) -> str:
        """What it printed; of one that keeps running the first line."""
        if not block.keeps_running:
            return self.say(block.text)
        text = replaced(block.text, self.places)
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._running.append(shell)
        assert shell.stdout
        line = shell.stdout.readline()
        assert line, f"ended at once: {text}"
        return line

    def follow(self, page: str, path: str) -> str:
        """Type all blocks of a path. What they printed, one after the other."""
        return "".join(self.type(block) for block in blocks(page, path))

    def say(self, text: str) -> str:
        """Run a text of the page, or one like it. What it printed on stdout. Fails if a command of it fails."""
        text = replaced(text, self.places)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def _end(self) -> None:
        for shell in reversed(self._running):
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGINT)
            shell.communicate(timeout=_LONGEST_SECONDS)


def replaced(text: str, places: Mapping[str, str]) -> str:
    """All names in one pass, so that no place is replaced again."""
    if not places:
        return text
    return re.sub("|".join(map(re.escape, places)), lambda found: places[found.group()], text)


@contextmanager
def reader(folder: Path, environment: Mapping[str, str], places: Mapping[str, str] | None = None) -> Iterator[Reader]:
    """Ends what still runs afterwards."""
    one = Reader(folder, environment, places or {})
    try:
        yield one
    finally:
        one._end()
