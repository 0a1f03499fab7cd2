"""All names that a plugin's tests may import: the very objects of `plugins.testkit`."""

from __future__ import annotations

from plugins.testkit import *  # noqa: F403
from plugins.testkit import __all__ as __all__  # noqa: PLC0414 - so that type checkers see the names
