"""Style sheet, logo and scripts of the pages, each at an address that changes with its content."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

_HERE = Path(__file__).parent
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class Asset:
    """`known` is the hash that a file of another project must have: see assets/vendored."""

    file: str
    content_type: str
    known: str = ""

    @property
    def content(self) -> bytes:
        return (_HERE / self.file).read_bytes()

    @property
    def integrity(self) -> str:
        """The hash that browsers check."""
        return self.known or f"sha384-{base64.b64encode(hashlib.sha384(self.content).digest()).decode()}"

    @property
    def path(self) -> str:
        name = Path(self.file)
        return f"/assets/{name.stem}-{hashlib.sha256(self.content).hexdigest()[:12]}{name.suffix}"


STYLE = Asset("assets/console.css", "text/css")
MARK = Asset("templates/parts/mark.html", "image/svg+xml")
SCRIPTS = (
    Asset(
        "assets/vendored/htmx-2.0.11.min.js",
        "text/javascript",
        "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg",
    ),
    Asset(
        "assets/vendored/htmx-ext-sse-2.2.4.min.js",
        "text/javascript",
        "sha384-A986SAtodyH8eg8x8irJnYUk7i9inVQqYigD6qZ9evobksGNIXfeFvDwLSHcp31N",
    ),
    Asset("assets/console.js", "text/javascript"),
    Asset("assets/keep_open.js", "text/javascript"),
)


def asset_routes() -> Sequence[web.RouteDef]:
    return [_route(asset) for asset in (STYLE, MARK, *SCRIPTS)]


@cache
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _route(asset: Asset) -> web.RouteDef:
    """Compressed for those who take it. Pages are not: they hold secrets, which lengths of compressed pages reveal."""
    content = asset.content
    compressed = _compressed(content)

    async def served(request: web.Request) -> web.Response:
        small = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = _FOREVER | ({"Content-Encoding": "gzip"} if small else {})
        body = compressed if small else content
        return web.Response(body=body, content_type=asset.content_type, charset="utf-8", headers=headers)

    return web.get(asset.path, served)
