"""A plugin's exception in words that its author can use: what was raised, and in which line of the plugin."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from contextlib import suppress
from types import ModuleType

from core.model.shared.text import composed
from plugins.answer_limits import LONGEST_ERROR, shortened

_OURS = ("core", "ports", "adapters", "plugins", "jobferry")


def raised(error: BaseException, home: str) -> str:
    """`KeyError: 'no code' (line 14 of west.py)`. `home` is the plugin's file or folder, or ''."""
    try:
        words = composed(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    except BaseException:  # its own __str__ may raise anything
        words = type(error).__name__
    return f"{shortened(words, LONGEST_ERROR)}{place(error, home)}"


def place(error: BaseException, home: str) -> str:
    """` (line 14 of west.py)`: the innermost line of the plugin that led to the error, '' if there is none."""
    if not home:
        return ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == home or frame.filename.startswith(home + os.sep):
            return f" (line {frame.lineno} of {os.path.relpath(frame.filename, os.path.dirname(home))})"
    return ""


def fix_of_loading(error: BaseException) -> str:
    """What its author can do about a plugin that raised this when it was imported."""
    match error:
        case ModuleNotFoundError(name=str() as name) if name.partition(".")[0] in _OURS:
            return "Import from jobferry.plugins: the other modules of Jobferry may change."
        case ModuleNotFoundError(name=str() as name):
            top = name.partition(".")[0]
            return f"Install {top} where Jobferry runs; a packaged plugin names it in its dependencies."
        case KeyError() | OSError():
            return "Read no environment and no files there, but a setting (config_model): a plugin sees little of both."
    return "Mend that line. To see it yourself, import the plugin in Python."


def home_of(plugin: object) -> str:
    """The file of a loaded plugin, or the folder of its package; '' if it has none."""
    module = plugin if isinstance(plugin, ModuleType) else sys.modules.get(type(plugin).__module__)
    if module is None:
        return ""
    package = sys.modules.get(module.__name__.partition(".")[0])
    return _home(package.__spec__ if package else None) or str(getattr(module, "__file__", None) or "")


def home_of_source(how: str) -> str:
    """The same for a source that may fail to load, by its `load`."""
    kind, _, what = how.partition(":")
    if kind == "file":
        return what
    with suppress(ImportError, ValueError):
        return _home(importlib.util.find_spec(what.partition(":")[0].partition(".")[0]))
    return ""


def _home(spec: object) -> str:
    folders = getattr(spec, "submodule_search_locations", None)
    return str(next(iter(folders))) if folders else str(getattr(spec, "origin", None) or "")
