"""What a plugin prints. Its author sees it in a check and in a preview; nothing else may be mixed with it, such as the
answer of a command with `--json`."""

from __future__ import annotations

import io

LONGEST_PRINT = 2000
"""Characters kept of what a plugin prints for one plan."""


class Kept(io.TextIOBase):
    """A stream that keeps the first LONGEST_PRINT characters."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text = kept(self.text, text)
        return len(text)


def kept(before: str, more: str) -> str:
    """Both texts, as much of them as is kept."""
    return before + more[: max(LONGEST_PRINT - len(before), 0)]
