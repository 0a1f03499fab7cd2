"""Text in the bytes of Windows-1252, which programs write that do not know what they write."""

from __future__ import annotations

_LETTERS = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def as_windows(body: bytes) -> str:
    """Return `body` read as Windows-1252. It gives a character for every byte."""
    return body.decode("latin-1").translate(_LETTERS)
