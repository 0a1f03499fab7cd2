"""Imports of much code at once, which then stays to the end of the process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def much_imported() -> Iterator[None]:
    """Inside the block the garbage collector waits, and afterwards it leaves alone what is loaded by then.

    It would look through all of it many times during the imports, a tenth of their time, and later stop the event loop
    for a tenth of a second whenever it does so again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    _leave_alone_what_is_loaded()


@cache
def _leave_alone_what_is_loaded() -> None:
    """Once in a process: again and again, it would also keep for ever what was only waiting to be collected."""
    gc.freeze()
