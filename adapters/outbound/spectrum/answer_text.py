"""Reads the bytes of an answer as text, in every spelling that servers and gateways are known to use.

These are: a blank line or a byte order mark before the declaration; the character set in the declaration, only in the
Content-Type, under another name, or wrong; characters that XML does not allow; and one XML part of a multipart answer.
"""

from __future__ import annotations

import codecs
import re
from html import unescape

from adapters.net.windows_text import as_windows
from adapters.outbound.spectrum.multipart import Unreadable, all_parts, xml_part

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile("&#(?:([0-9]{1,10})|x([0-9a-fA-F]{1,8}));")
_DECLARATION = re.compile(
    r"""\A<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1"""
    r"""(?:\s+encoding\s*=\s*(["'])[A-Za-z][A-Za-z0-9._-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>\s*"""
)
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^<>]{0,200}?encoding\s*=\s*["']([^"'<>]{1,40})["']""")
_TOLD = re.compile(r"""\bcharset\s*=\s*["']?([^\s;"']{1,40})""", re.IGNORECASE)
_TAG = re.compile("<[^<>]*>?")

_UTF8 = frozenset(
    {"utf8", "usascii", "ascii", "unicode", "ucs2"}
    | {f"utf{bits}{order}" for bits in (16, 32) for order in ("", "le", "be")}
)
"""Names of UTF-8. Texts that call themselves UTF-16 and are not: a program made them as a string of such characters."""
_ISO = {"latin1": "1", "l1": "1", "latin2": "2", "latin9": "15"}
_OTHERS = {
    name: codec
    for codec, names in {
        "cp932": "shiftjis sjis xsjis csshiftjis mskanji windows31j cp932 ms932",
        "euc_jp": "eucjp xeucjp",
        "gb18030": "gb18030 gbk xgbk gb2312 csgb2312 cp936 ms936 windows936",
        "cp950": "big5 csbig5 xxbig5 cp950 windows950",
        "cp949": "euckr cseuckr ksc5601 ksc56011987 uhc cp949 ms949 windows949",
        "koi8-r": "koi8r cskoi8r",
        "koi8-u": "koi8u",
        "cp874": "windows874 cp874 tis620 iso885911",
        "cp437": "ibm437 cp437",
        "cp850": "ibm850 cp850",
        "cp852": "ibm852 cp852",
        "cp858": "ibm858 cp858 ibm00858",
        "cp866": "ibm866 cp866",
        "mac-roman": "macintosh macroman xmacroman",
    }.items()
    for name in names.split()
}
"""Python's codecs by other names of their character sets: of a set and the one that Windows takes for it, the larger.
In none of them can one of XML's signs be a part of another character, so a damaged text hides no tag. That is why
ISO-2022-JP and UTF-7 are not read."""
_WIDE = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    *(
        (sign.encode(codec) + more, codec)
        for codec, more in (("utf-32-le", b""), ("utf-32-be", bytes(3)), ("utf-16-le", b""), ("utf-16-be", bytes(1)))
        for sign in "< \t\r\n"
    ),
]
"""How a text begins, and its character set. `more` tells the first sign from one of ASCII behind stray zero bytes."""
_HALF = re.compile("[\ud800-\udfff]")


def document_of(body: bytes, content_type: str = "") -> str:
    """Return the XML text in `body`, without a declaration, and with a blank for each character that XML forbids.

    Raises Unreadable for an unknown character set, and for a multipart body that has not exactly one XML part.
    """
    return repaired(without_declaration(_decoded(*xml_part(body, content_type))))


def without_declaration(text: str) -> str:
    """Return the text of a document from its first tag on."""
    return _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n\x00"), 1)


def repaired(text: str) -> str:
    """Return the text with a blank for each character that XML forbids."""
    return _REFERENCE.sub(_allowed, NOT_IN_XML.sub(" ", text))


def charset_of(start: bytes, content_type: str) -> str:
    """Return Python's name of the character set of a text by how it begins. Where UTF-8 is named, bytes that are none
    may be of another set all the same. Raises Unreadable for an unknown one."""
    if wide := _wide(start):
        return wide
    known = _names(start.removeprefix(codecs.BOM_UTF8), content_type)
    return "utf-8" if not known or "utf-8" in known else known[0]


def text_of(body: bytes, content_type: str = "") -> str:
    """Return `body` as text, as well as it can be read."""
    try:
        return _legible(*xml_part(body, content_type))
    except Unreadable:
        return "\n".join(_legible(*part) for part in all_parts(body, content_type))


def _legible(body: bytes, content_type: str) -> str:
    try:
        return _decoded(body, content_type)
    except Unreadable:
        wide = _wide(body)
        return body.decode(wide, "replace") if wide else _utf8(body, "")


def words_of(body: bytes, content_type: str = "") -> str:
    """Return what an answer says that is no complete document: its text without tags and with single blanks."""
    text = unescape(_TAG.sub(" ", text_of(body, content_type).lstrip("\ufeff")))
    return " ".join(NOT_IN_XML.sub(" ", text).split())


def _decoded(body: bytes, content_type: str) -> str:
    """Raises Unreadable for an unknown character set and for a part of a character of UTF-16 or UTF-32 at the end.
    Half an emoji, as a program leaves it that cuts a text, is no end of the answer."""
    if wide := _wide(body):
        try:
            return _HALF.sub("\N{REPLACEMENT CHARACTER}", body.decode(wide, "surrogatepass"))
        except UnicodeDecodeError as error:
            raise Unreadable("The answer ends inside a character.", cut=True) from error
    body = body.removeprefix(codecs.BOM_UTF8)
    known = _names(body, content_type)
    if not known or "utf-8" in known:
        return _utf8(body, next((name for name in known if name != "utf-8"), ""))
    return as_windows(body) if known[0] == "cp1252" else body.decode(known[0], "replace")


def _names(body: bytes, content_type: str) -> list[str]:
    """Return Python's names of the character sets that the answer names, its own declaration first; only the known ones
    if one of them is UTF-8. Raises Unreadable for an unknown one."""
    declared, told = _DECLARED.match(body), _TOLD.search(content_type)
    names = [declared[1].decode("latin-1")] if declared else []
    names += [told[1]] if told else []
    known = [_charset(name) for name in names]
    if known and known[0] is None and "utf-8" not in known:
        raise Unreadable(f"The answer is in the character set {names[0]}, which Jobferry does not read.")
    return [name for name in known if name]


def _wide(body: bytes) -> str | None:
    """Python's name of the character set with two or four bytes for every character, by how the text begins."""
    return next((codec for start, codec in _WIDE if body.startswith(start)), None)


def _utf8(body: bytes, otherwise: str) -> str:
    """Read UTF-8. Bytes that are none are nearly always Windows-1252 from a program that does not know what it writes;
    `otherwise` is another character set that the answer names."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return as_windows(body) if otherwise in ("", "cp1252") else body.decode(otherwise, "replace")


def _charset(name: str) -> str | None:
    """Return Python's name of a character set in which XML's signs are those of ASCII; None for another one."""
    key = re.sub("[^a-z0-9]", "", name.lower())
    if key in _UTF8:
        return "utf-8"
    if windows := re.fullmatch("(?:windows|cp|xcp|win)(125[0-8])", key):
        return f"cp{windows[1]}"
    iso = re.fullmatch("(?:cs)?iso8859([0-9]{1,2})", key)
    number = iso[1] if iso else _ISO.get(key)
    if number == "1":
        return "cp1252"  # the same, with letters where ISO 8859-1 has control characters that nobody uses
    if number and int(number) in {*range(2, 11), *range(13, 17)}:
        return f"iso8859-{number}"
    return _OTHERS.get(key)


def _allowed(found: re.Match[str]) -> str:
    code = int(found[1]) if found[1] else int(found[2], 16)
    return found[0] if code <= 0x10FFFF and not NOT_IN_XML.match(chr(code)) else " "
