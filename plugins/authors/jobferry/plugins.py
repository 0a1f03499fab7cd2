"""All names that a plugin may import: the very objects of `plugins.hookspecs`, so either import path gives the same."""

from __future__ import annotations

from plugins.hookspecs import *  # noqa: F403
from plugins.hookspecs import __all__ as __all__  # noqa: PLC0414 - so that type checkers see the names
