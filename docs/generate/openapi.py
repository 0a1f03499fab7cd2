"""Writes docs/openapi.json from the table of routes: `python -m docs.generate.openapi`, from the project's root."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.inbound.api.openapi import openapi_document

FILE = Path(__file__).parents[1] / "openapi.json"


def openapi_text() -> str:
    return json.dumps(openapi_document(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(openapi_text(), encoding="utf-8")
