"""A CSV file that a command is given."""

from __future__ import annotations

import sys
from pathlib import Path

from core.model.shared.errors import BadInput


def csv_content(file: Path, most: int) -> bytes:
    """The file's bytes, or those of stdin for `-`: at most one more than the `most` that the import accepts, so that it
    sees that there are too many. Raises BadInput."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(most + 1)
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise BadInput(
            f"The file {file} cannot be read: {error.strerror}.", fix="Give a CSV file, or - for stdin."
        ) from error
