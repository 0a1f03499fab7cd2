"""Looks for planted secrets in whatever came out of a process, in every spelling that one could have slipped out in."""

from __future__ import annotations

import base64
import html
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

SPECIAL = "<&>\"'+/% \u00e9="
"""Every escaping spells at least one of these differently."""
_PIECE = 10
"""So many characters of a secret in a row are no accident: cut secrets count too."""
_GZIP, _ZLIB = b"\x1f\x8b\x08", (b"x\x01", b"x\x9c", b"x\xda")


def canary(special: str = SPECIAL) -> str:
    """A distinct secret: what escapings change, between two random ends."""
    return f"{secrets.token_hex(10)}{special}{secrets.token_hex(10)}"


def spellings(secret: str) -> dict[str, bytes]:
    """By name, in lower case, as `found` compares; except base64, which is compared as it is."""
    raw = secret.encode()
    percent = "".join(f"%{byte:02x}" for byte in raw)
    numeric = "".join(f"&#{ord(character)};" for character in secret)
    hexed = "".join(f"&#x{ord(character):x};" for character in secret)
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    texts = {
        "plain": secret,
        "reversed": secret[::-1],
        "hex": raw.hex(),
        "hex reversed bytes": raw[::-1].hex(),
        "url": quote(secret, safe=""),
        "every byte %": percent,
        "html": html.escape(secret),
        "xml": html.escape(secret, quote=False),
        "&#n;": numeric,
        "&#xn;": hexed,
        "json": json.dumps(secret)[1:-1],
        "\\u": escaped,
        "repr": repr(secret)[1:-1],
        "escaped bytes": "".join(f"\\x{byte:02x}" for byte in raw),
    }
    named = {name: text.lower().encode() for name, text in texts.items()}
    named |= {code: secret.lower().encode(code) for code in ("utf-16-le", "utf-16-be", "utf-32-le")}
    return named | {f"base64 at {offset}": text for offset, text in enumerate(_base64(raw))}


def _base64(raw: bytes) -> Iterator[bytes]:
    """The characters that depend on the secret alone, wherever in a longer text it begins."""
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
        yield text[(0, 2, 3)[offset] : len(text) - ((offset + len(raw)) % 3 > 0)]


@dataclass
class Search:
    """`planted`: name of a secret to the secret. Binary ones are given as hex, by `plant_bytes`."""

    planted: dict[str, str] = field(default_factory=dict)
    binary: dict[str, bytes] = field(default_factory=dict)

    def found(self, sink: bytes) -> list[str]:
        """Which secrets stand in it, and how they are spelled there; what is packed is unpacked first."""
        hits = []
        for text in (sink, *_unpacked(sink)):
            lower, urlsafe = text.lower(), text.translate(bytes.maketrans(b"-_", b"+/"))
            for name, secret in self.planted.items():
                for spelling, value in _looked_for(secret):
                    if value in (urlsafe if spelling.startswith("base64") else lower):
                        hits.append(f"{name} ({spelling})")
            for name, raw in self.binary.items():
                forms = {"raw": raw in text, "hex": raw.hex().encode() in lower}
                forms |= {f"base64 at {place}": one in urlsafe for place, one in enumerate(_base64(raw))}
                hits += [f"{name} ({form})" for form, there in forms.items() if there]
        return hits


@cache
def _looked_for(secret: str) -> tuple[tuple[str, bytes], ...]:
    """The whole secret and both its ends: an escaping may have changed the middle, or a limit cut it."""
    parts = (("", secret), (", its beginning", secret[:_PIECE]), (", its end", secret[-_PIECE:]))
    return tuple((name + part, value) for part, text in parts for name, value in spellings(text).items())


def _unpacked(sink: bytes) -> Iterator[bytes]:
    for magic, bits in ((_GZIP, 31), *((start, 15) for start in _ZLIB)):
        at = sink.find(magic)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(sink[at:])
            at = sink.find(magic, at + 1)


def hits(search: Search, sinks: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Of every sink in which something was found."""
    return {name: found for name, sink in sinks.items() if (found := search.found(sink))}
