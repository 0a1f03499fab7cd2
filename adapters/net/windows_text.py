"""Text in the bytes of Windows-1252, which programs write that do not know what they write."""

from __future__ import annotations

import codecs

_CHARACTERS = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""What each byte means. Those to which Windows-1252 gives no meaning are control characters, as in Latin-1."""


def as_windows(body: bytes) -> str:
    """Return `body` read as Windows-1252. It gives a character for every byte."""
    return codecs.charmap_decode(body, "strict", _CHARACTERS)[0]
