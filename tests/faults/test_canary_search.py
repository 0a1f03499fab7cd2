"""The search for planted secrets finds them in every spelling, at every place, whole and cut, and nothing else."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import quoteattr

import pytest

from tests.faults.support.canary_search import Search, canary

SECRET = canary()
BINARY = bytes(range(130, 162))
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda s: s.upper().encode(),
    "reversed": lambda s: s[::-1].encode(),
    "base64": lambda s: base64.b64encode(s.encode()),
    "base64, one before": lambda s: base64.b64encode(b"u" + s.encode() + b"more"),
    "base64, two before": lambda s: base64.b64encode(b"u:" + s.encode()),
    "base64, url-safe": lambda s: base64.urlsafe_b64encode(b"user:" + s.encode()),
    "hex": lambda s: s.encode().hex().encode(),
    "hex, upper case": lambda s: s.encode().hex().upper().encode(),
    "url": lambda s: quote(s).encode(),
    "form": lambda s: quote_plus(s).encode(),
    "every byte %": lambda s: "".join(f"%{b:02X}" for b in s.encode()).encode(),
    "html": lambda s: html.escape(s).encode(),
    "xml attribute": lambda s: quoteattr(s).encode(),
    "numeric entities": lambda s: "".join(f"&#{ord(c)};" for c in s).encode(),
    "hexadecimal entities": lambda s: "".join(f"&#x{ord(c):X};" for c in s).encode(),
    "json": lambda s: json.dumps({"a": s}).encode(),
    "json in json": lambda s: json.dumps(json.dumps({"a": s})).encode(),
    "json \\u": lambda s: "".join(f"\\u{ord(c):04X}" for c in s).encode(),
    "repr": lambda s: repr({"a": s}).encode(),
    "repr of bytes": lambda s: repr(s.encode()).encode(),
    "utf-16": lambda s: s.encode("utf-16-le"),
    "utf-16 big": lambda s: s.encode("utf-16-be"),
    "gzip": lambda s: gzip.compress(s.encode()),
    "zlib": lambda s: zlib.compress(s.encode()),
    "bytea": lambda s: b"\\x" + s.encode().hex().encode(),
    "beginning": lambda s: s[:11].encode(),
    "end": lambda s: s[-11:].encode(),
    "end in base64": lambda s: base64.b64encode(b"Basic " + s[-14:].encode()),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("before", [b"", b"x", b"log line: "])
def test_a_planted_secret_is_found(written: Callable[[str], bytes], before: bytes) -> None:
    search = Search({"planted": SECRET, "other": canary()})
    found = search.found(before + written(SECRET) + b" and so on")
    assert found
    assert all(hit.startswith("planted") for hit in found)


@pytest.mark.parametrize("written", [bytes, lambda raw: raw.hex().encode(), base64.b64encode, base64.urlsafe_b64encode])
def test_planted_bytes_are_found(written: Callable[[bytes], bytes]) -> None:
    assert Search(binary={"key": BINARY}).found(b"before" + written(BINARY) + b"after")


def test_nothing_is_found_where_nothing_is() -> None:
    text = json.dumps({name: canary() for name in WRITTEN}).encode()
    search = Search({"planted": SECRET}, {"key": BINARY})
    for sink in (b"", text, base64.b64encode(text), gzip.compress(text), text.hex().encode()):
        assert search.found(sink) == []
