"""The browser extension as a zip file, with the address of the tenant's console and its connections filled in."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from core.model.connections.connection import Connection

FOLDER = Path(__file__).parent / "extension"
FILES = ("manifest.json", "popup.html", "popup.css", "popup.js", "settings.js")
_SETTINGS = "settings.js"
_MADE_AT = (2026, 1, 1, 0, 0, 0)
"""The same content gives the same file."""


def extension_files(page: str, connections: Sequence[Connection]) -> dict[str, str]:
    """The text of each file. `page` is the address that opens a job from the address of ServiceTrade's page."""
    files = {name: (FOLDER / name).read_text() for name in FILES}
    known = {"page": page, "connections": [{"slug": one.slug, "name": one.name} for one in connections]}
    # Plain ASCII and no `<`: names of connections are free text.
    written = json.dumps(known, indent=2, ensure_ascii=True).replace("<", "\\u003c")
    comment = files[_SETTINGS].partition("\n")[0]
    return files | {_SETTINGS: f"{comment}\nglobalThis.JOBFERRY = {written};\n"}


def extension_zip(page: str, connections: Sequence[Connection]) -> bytes:
    """The files in one folder, which the browser loads."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in extension_files(page, connections).items():
            archive.writestr(ZipInfo(f"jobferry-extension/{name}", _MADE_AT), text)
    return content.getvalue()
