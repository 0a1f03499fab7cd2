"""Looks at foreign XML before it is parsed: small markup in great numbers grows a hundredfold once it is a tree."""

from __future__ import annotations

import re

MOST_MARKUP = 20_000
"""Signs that open a tag or set an attribute. The longest description of a service has some two thousand."""
_DECLARED = re.compile(rb"""\A[\s\xef\xbb\xbf]*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"iso-8859-1", b"windows-1252"})
"""In all of these `<` and `=` are the bytes that are counted; others could hide them."""
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def too_rich(body: bytes) -> bool:
    return body.count(b"<") + body.count(b"=") > MOST_MARKUP


def check_encoding(body: bytes) -> None:
    """Raises ValueError for encodings in which the markup cannot be counted."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    if start[:1] != b"<" and start not in _WIDE:
        raise ValueError("the answer does not begin as XML does")
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise ValueError("the answer is encoded in an unusual way")
