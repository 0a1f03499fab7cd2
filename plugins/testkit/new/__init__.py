"""What an author begins with: the files of a new plugin."""

from __future__ import annotations

from plugins.testkit.new.new_plugin import NewFile, new_package, new_plugin

__all__ = ["NewFile", "new_package", "new_plugin"]
