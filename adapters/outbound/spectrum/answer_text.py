"""Reads the bytes of an answer as text, in every spelling that servers and gateways are known to use.

These are: a blank line or a byte order mark before the declaration; the character set in the declaration, only in the
Content-Type, under another name, or wrong; characters that XML does not allow; and one XML part of a multipart answer.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from html import unescape

from adapters.outbound.spectrum.multipart import Unreadable, xml_part

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile("&#(?:([0-9]{1,10})|x([0-9a-fA-F]{1,8}));")
_DECLARATION = re.compile(
    r"""\A<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1"""
    r"""(?:\s+encoding\s*=\s*(["'])[A-Za-z][A-Za-z0-9._-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>\s*"""
)
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^<>]{0,200}?encoding\s*=\s*["']([^"'<>]{1,40})["']""")
_TOLD = re.compile(r"""\bcharset\s*=\s*["']?([^\s;"']{1,40})""", re.IGNORECASE)
_TAG = re.compile("<[^<>]*>?")

_UTF8 = frozenset({"utf8", "usascii", "ascii", "utf16", "utf16le", "utf16be", "unicode"})
"""Names of UTF-8. Texts that call themselves UTF-16 and are not: a program made them as a string of such characters."""
_ISO = {"latin1": "1", "l1": "1", "latin2": "2", "latin9": "15"}
_WINDOWS = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WIDE |= {sign + b"\x00": "utf-16-le" for sign in (b"<", b" ", b"\t", b"\r", b"\n")}
_WIDE |= {b"\x00" + sign: "utf-16-be" for sign in (b"<", b" ", b"\t", b"\r", b"\n")}


def document_of(body: bytes, content_type: str = "") -> str:
    """Return the XML text in `body`, without a declaration, and with a blank for each character that XML forbids.

    Raises Unreadable for an unknown character set, and for a multipart body that has not exactly one XML part.
    """
    text = _decoded(*xml_part(body, content_type)).lstrip("\ufeff \t\r\n\x00")
    return _REFERENCE.sub(_allowed, NOT_IN_XML.sub(" ", _DECLARATION.sub("", text, 1)))


def text_of(body: bytes, content_type: str = "") -> str:
    """Return `body` as text, as well as it can be read."""
    with suppress(Unreadable):
        body, content_type = xml_part(body, content_type)
    try:
        return _decoded(body, content_type)
    except Unreadable:
        return body.decode(_WIDE[body[:2]], "replace") if body[:2] in _WIDE else _utf8(body, "")


def words_of(body: bytes, content_type: str = "") -> str:
    """Return what an answer says that is no complete document: its text without tags and with single blanks."""
    text = unescape(_TAG.sub(" ", text_of(body, content_type).lstrip("\ufeff")))
    return " ".join(NOT_IN_XML.sub(" ", text).split())


def as_windows(body: bytes) -> str:
    """Return `body` read as Windows-1252. It gives a character for every byte."""
    return body.decode("latin-1").translate(_WINDOWS)


def _decoded(body: bytes, content_type: str) -> str:
    """Raises Unreadable for an unknown character set and for half a character of UTF-16."""
    if wide := _WIDE.get(body[:2]):
        try:
            return body.decode(wide)
        except UnicodeDecodeError as error:
            raise Unreadable("The answer ends inside a character.", cut=True) from error
    body = body.removeprefix(codecs.BOM_UTF8)
    declared, told = _DECLARED.match(body), _TOLD.search(content_type)
    names = [declared[1].decode("latin-1")] if declared else []
    names += [told[1]] if told else []
    known = [_charset(name) for name in names]
    if not known or "utf-8" in known:
        return _utf8(body, next((name for name in known if name and name != "utf-8"), ""))
    if known[0] is None:
        raise Unreadable(f"The answer is in the character set {names[0]}, which Jobferry does not read.")
    return as_windows(body) if known[0] == "cp1252" else body.decode(known[0], "replace")


def _utf8(body: bytes, otherwise: str) -> str:
    """Read UTF-8. Bytes that are none are nearly always Windows-1252 from a program that does not know what it writes;
    `otherwise` is another character set that the answer names."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return as_windows(body) if otherwise in ("", "cp1252") else body.decode(otherwise, "replace")


def _charset(name: str) -> str | None:
    """Return Python's name of a character set in which every ASCII byte is that character; None for another one."""
    key = re.sub("[^a-z0-9]", "", name.lower())
    if key in _UTF8:
        return "utf-8"
    if windows := re.fullmatch("(?:windows|cp|xcp|win)(125[0-8])", key):
        return f"cp{windows[1]}"
    iso = re.fullmatch("(?:cs)?iso8859([0-9]{1,2})", key)
    number = iso[1] if iso else _ISO.get(key)
    if number == "1":
        return "cp1252"  # the same, with letters where ISO 8859-1 has control characters that nobody uses
    return f"iso8859-{number}" if number and int(number) in {*range(2, 12), *range(13, 17)} else None


def _allowed(found: re.Match[str]) -> str:
    code = int(found[1]) if found[1] else int(found[2], 16)
    return found[0] if code <= 0x10FFFF and not NOT_IN_XML.match(chr(code)) else " "
