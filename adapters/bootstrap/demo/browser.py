"""Opens a page in the browser of whoever sits at this terminal, if somebody does."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Mapping
from threading import Thread


def somebody_looks(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser would open before the eyes of the person at this terminal: not in a pipe, not in a CI run, and
    not over SSH unless a display is forwarded or BROWSER names what reaches them, as editors set it."""
    if not sys.stdout.isatty() or environment.get("CI"):
        return False
    if environment.get("BROWSER") or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    return platform == "darwin" and "SSH_CONNECTION" not in environment


def open_page(address: str) -> None:
    """Start the browser without waiting for it: some run until their window is closed."""
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
