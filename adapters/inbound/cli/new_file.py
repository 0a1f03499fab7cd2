"""Files that a command writes for its user alone."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TextIO

from core.model.shared.errors import BadInput


async def write_new(file: Path, lines: AsyncGenerator[str, None]) -> str:
    """Write the lines to the new `file` and return the last one. A file that is not whole is removed again.

    Raises BadInput if the file exists or cannot be written.
    """
    last = ""
    with _new(file) as writing:
        async with aclosing(lines):
            async for line in lines:
                writing.write(line)
                last = line
    return last


@contextmanager
def _new(file: Path) -> Iterator[TextIO]:
    try:
        opened = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise BadInput(
            f"{file} cannot be made: {error.strerror}.", fix="Name a new file in a folder of yours."
        ) from error
    whole = False
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as writing:
            yield writing
        whole = True
    except OSError as error:
        raise BadInput(
            f"{file} cannot be written: {error.strerror}.", fix="Make room, or name another file."
        ) from error
    finally:
        if not whole:
            file.unlink(missing_ok=True)
