"""The same answer of Spectrum in every spelling that servers and gateways give it."""

from __future__ import annotations

import base64
import gzip
import quopri
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_SOAP_11, _SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
PLAIN = "text/xml; charset=utf-8"
SIGN = "\N{MULTIPLICATION SIGN}"
"""Stands in a text for what a spelling replaces in it. Every character set here has it."""


@dataclass(frozen=True)
class Spelt:
    """The body of an answer with the header fields that belong to it."""

    body: bytes
    content_type: str = PLAIN
    encoding: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Content_Encoding": self.encoding} if self.encoding else {}


def declared(name: str, codec: str, quote: str = '"') -> Callable[[str], Spelt]:
    declaration = f"<?xml version={quote}1.0{quote} encoding={quote}{name}{quote}?>"
    return lambda document: Spelt(document.replace(_DECLARATION, declaration).encode(codec), "text/xml")


def told(name: str, codec: str) -> Callable[[str], Spelt]:
    """The character set stands only in the Content-Type."""
    return lambda document: Spelt(document.replace(_DECLARATION, "").encode(codec), f"text/xml; Charset={name}")


def parts(
    *,
    kind: str = "application/xop+xml; charset=UTF-8",
    codec: str = "utf-8",
    newline: bytes = b"\r\n",
    more: bytes = b"",
    coding: str = "",
    coded: Callable[[bytes], bytes] = bytes,
) -> Callable[[str], Spelt]:
    content_type = 'multipart/related; type="application/xop+xml"; boundary="=_Part+1"; start="<root>"'

    def spelt(document: str) -> Spelt:
        told = f"Content-Transfer-Encoding: {coding}\r\n" if coding else ""
        head = f"--=_Part+1\r\nContent-Type: {kind}\r\n{told}Content-ID: <root>\r\n\r\n".encode()
        body = head + coded(document.encode(codec)) + b"\r\n" + more + b"--=_Part+1--"
        return Spelt(body.replace(b"\r\n", newline), content_type)

    return spelt


_ATTACHMENT = b"--=_Part+1\r\nContent-Type: text/plain\r\n\r\n<nothing of Spectrum's>\r\n"

SPELLINGS: Mapping[str, Callable[[str], Spelt]] = {
    "blank line": lambda document: Spelt(f"\r\n \t\n{document}".encode()),
    "byte order mark": lambda document: Spelt(document.encode("utf-8-sig")),
    "zero bytes before": lambda document: Spelt(bytes(3) + document.encode()),
    "one zero byte before": lambda document: Spelt(b"\0" + document.encode()),
    "mark after a blank line": lambda document: Spelt(f"\n\ufeff{document}".encode()),
    "no declaration": lambda document: Spelt(document.replace(_DECLARATION, "").encode(), ""),
    "UTF8": declared("UTF8", "utf-8"),
    "single quotes": declared("utf_8", "utf-8", "'"),
    "ISO8859-1": declared("ISO8859-1", "iso8859-1"),
    "ISO-8859-1": declared("ISO-8859-1", "iso8859-1"),
    "latin1": declared("latin1", "iso8859-1"),
    "ISO-8859-15": declared("ISO-8859-15", "iso8859-15"),
    "windows-1252": declared("windows-1252", "cp1252"),
    "Windows-1250": declared("Windows-1250", "cp1250"),
    "latin 1 with a wrong Content-Type": lambda document: Spelt(
        declared("ISO-8859-1", "iso8859-1")(document).body, PLAIN
    ),
    "Content-Type: iso-8859-1": told("iso-8859-1", "iso8859-1"),
    "Content-Type: ISO8859-15": told('"ISO8859-15"', "iso8859-15"),
    "Content-Type: windows-1252": told("windows-1252", "cp1252"),
    "Windows-1252 that calls itself UTF-8": lambda document: Spelt(document.encode("cp1252")),
    "UTF-8 that calls itself UTF-16": declared("utf-16", "utf-8"),
    "UTF-8 that calls itself UTF-32": declared("utf-32", "utf-8"),
    "UTF-16": declared("UTF-16", "utf-16"),
    "UTF-16 without a mark": declared("UTF-16LE", "utf-16-le"),
    "UTF-16 of the other order": lambda document: Spelt(f"\n{document}".encode("utf-16-be")),
    "a forbidden reference": lambda document: Spelt(document.replace(SIGN, "&#x1F;").encode()),
    "another forbidden reference": lambda document: Spelt(document.replace(SIGN, "&#11;").encode()),
    "a control character": lambda document: Spelt(document.replace(SIGN, "\x1f").encode()),
    "UTF-32": declared("UTF-32", "utf-32"),
    "UTF-32 without a mark": declared("UTF-32BE", "utf-32-be"),
    "GB2312": declared("GB2312", "gb18030"),
    "Content-Type: EUC-JP": told("EUC-JP", "euc_jp"),
    "IBM850": declared("IBM850", "cp850"),
    "gzip": lambda document: Spelt(gzip.compress(document.encode(), mtime=0), encoding="gzip"),
    "gzip that nothing tells": lambda document: Spelt(gzip.compress(document.encode(), mtime=0)),
    "gzip in two streams": lambda document: Spelt(
        gzip.compress(document[:200].encode(), mtime=0) + gzip.compress(document[200:].encode(), mtime=0),
        encoding="x-gzip",
    ),
    "gzip in gzip": lambda document: Spelt(
        gzip.compress(gzip.compress(document.encode(), mtime=0), mtime=0), encoding="gzip, gzip"
    ),
    "gzip that is none": lambda document: Spelt(document.encode(), encoding="gzip"),
    "gzip of Windows-1252": lambda document: Spelt(gzip.compress(document.encode("cp1252"), mtime=0), encoding="gzip"),
    "deflate": lambda document: Spelt(zlib.compress(document.encode()), encoding="deflate"),
    "deflate without its frame": lambda document: Spelt(zlib.compress(document.encode())[2:-4], encoding="deflate"),
    "deflate that is none": lambda document: Spelt(document.encode(), encoding="deflate"),
    "SOAP 1.2": lambda document: Spelt(
        document.replace(_SOAP_11, _SOAP_12).encode(), "application/soap+xml; charset=utf-8"
    ),
    "one part": parts(),
    "one part with bare line ends": parts(newline=b"\n"),
    "one part of Windows-1252": parts(kind="text/xml; charset=windows-1252", codec="cp1252"),
    "one part and an attachment": parts(more=_ATTACHMENT),
    "one part in base64": parts(coding="base64", coded=base64.encodebytes),
    "one part of UTF-16 in base64": parts(codec="utf-16", coding="BASE64", coded=base64.b64encode),
    "one part in quoted-printable": parts(coding="Quoted-Printable", coded=quopri.encodestring),
    "SOAP that calls itself a web page": lambda document: Spelt(document.encode(), "text/html"),
    "a processing instruction in a cell": lambda document: Spelt(
        document.replace("</error_code>", "<?x A?></error_code>").encode()
    ),
    "CDATA": lambda document: Spelt(
        document.replace("<column>", "<column><![CDATA[").replace("</column>", "]]></column>").encode()
    ),
    "one more element": lambda document: Spelt(
        document.replace("</response>", "<severity>9</severity></response>").encode()
    ),
    "one more empty element": lambda document: Spelt(document.replace("<response>", "<response><line/>").encode()),
}
BLANKED = frozenset({"a forbidden reference", "another forbidden reference", "a control character"})
"""Spellings with something in place of SIGN that XML forbids: a blank remains."""


def twin(name: str, text: str) -> str:
    """What a text of the plain answer says in a spelling."""
    return text.replace(SIGN, " " if name in BLANKED else SIGN)
