"""`jobferry plugins check`: all checks of a plugin before a connection uses it."""

from __future__ import annotations

from plugins.testkit.check.runner import check_plugin

__all__ = ["check_plugin"]
