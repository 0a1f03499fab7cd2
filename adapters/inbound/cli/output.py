"""Where words go: data on stdout, everything said about it on stderr. Foreign text is never read as markup."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

PIPED_WIDTH = 110
