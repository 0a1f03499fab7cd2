"""Checks foreign XML before it is parsed: a large number of small tags grows a hundredfold in memory as a tree."""

from __future__ import annotations

import re

MOST_MARKUP = 20_000
"""Limit for characters that open a tag or set an attribute. The longest WSDL of a service has about two thousand."""
_DECLARED = re.compile(rb"""\A[\s\xef\xbb\xbf]*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"iso-8859-1", b"windows-1252"})
"""Encodings in which `<` and `=` are the bytes that are counted. Others could hide them."""
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def too_rich(body: bytes) -> bool:
    return body.count(b"<") + body.count(b"=") > MOST_MARKUP


def check_encoding(body: bytes) -> None:
    """Raise ValueError for an encoding in which the markup cannot be counted."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    if start[:1] != b"<" and start not in _WIDE:
        raise ValueError("the answer does not begin like XML")
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise ValueError("the answer has an unsupported encoding")
