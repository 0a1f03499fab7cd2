"""`jobferry plugins check`: everything that can be found out about a plugin before a connection uses it."""

from __future__ import annotations

from plugins.testkit.check.runner import check_plugin

__all__ = ["check_plugin"]
