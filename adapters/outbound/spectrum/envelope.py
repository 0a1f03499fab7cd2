"""Builds request envelopes from zeep's, and parses the XML of answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

from lxml import etree

from adapters.outbound.spectrum.services import NEEDED, SERVICES

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALSO_ESCAPED = {"\r": "&#13;"}
"""A plain carriage return would be read as a line feed."""
_PARSER = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)
# Foreign XML is checked before it is parsed: a large number of small tags grows a hundredfold in memory as a tree.
MOST_MARKUP = 20_000
"""Limit for characters that open a tag or set an attribute. The longest WSDL of a service has about two thousand."""
_DECLARED = re.compile(rb"""\A[\s\xef\xbb\xbf]*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"iso-8859-1", b"windows-1252"})
"""Encodings in which `<` and `=` are the bytes that are counted. Others could hide them."""
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


class NotXml(ValueError):
    """The bytes are not one complete, plain XML document."""


class TooRich(NotXml):
    """More markup than any answer needs. It was not parsed."""


@dataclass(frozen=True, slots=True)
class _Template:
    """A service's request. `text` has `%(NAME)s` inside each element; `empty` holds an empty text for each name."""

    text: str
    empty: Mapping[str, str]


def build(service: str, values: Mapping[str, str]) -> bytes:
    """Return the SOAP request of `service`: every declared element once and in order, empty if `values` has none.

    Raises ValueError for an element that the service does not have, and for characters that XML does not allow.
    """
    template = _template(service)
    if unknown := sorted(values.keys() - template.empty.keys()):
        raise ValueError(f"{service} has no element {', '.join(unknown)}.")
    texts = dict(template.empty)
    for name, value in values.items():
        if found := _NOT_IN_XML.search(value):
            raise ValueError(f"{name} holds U+{ord(found[0]):04X}, which XML does not allow; remove the character.")
        texts[name] = escape(value, _ALSO_ESCAPED)
    return (template.text % texts).encode()


def prepare(services: Iterable[str] = NEEDED) -> None:
    """Make what the requests of these services are built from. Otherwise the first request of each has to wait for it,
    for a part of a second, and everything else in the event loop with it."""
    for service in services:
        _template(service)


def parse(body: bytes) -> etree._Element:
    """Return the root of one complete XML document.

    Raises NotXml for a cut one, a DTD, entities, and deep or large trees.
    """
    if _too_rich(body):
        raise TooRich("The answer has more markup than any valid answer of Spectrum.")
    try:
        _check_encoding(body)
        root = etree.fromstring(body, _PARSER)
        if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
            raise ValueError("the document has a DTD")
    except (etree.LxmlError, ValueError) as error:
        raise NotXml(f"The bytes are not one complete XML document ({type(error).__name__}).") from error
    return root


@cache
def _template(service: str) -> _Template:
    """To make a request takes zeep longer than the rest of a call, so it makes one of each service only."""
    from adapters.outbound.spectrum.zeep_message import zeep_message  # noqa: PLC0415 - see there

    elements = SERVICES[service].elements
    message = zeep_message(SERVICES[service], {name: f"%({name})s" for name in elements})
    text = etree.tostring(message, xml_declaration=True, encoding="UTF-8").decode()
    return _Template(text, dict.fromkeys(elements, ""))


def _too_rich(body: bytes) -> bool:
    return body.count(b"<") + body.count(b"=") > MOST_MARKUP


def _check_encoding(body: bytes) -> None:
    """Raise ValueError for an encoding in which the markup cannot be counted."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    if start[:1] != b"<" and start not in _WIDE:
        raise ValueError("the answer does not begin like XML")
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise ValueError("the answer has an unsupported encoding")
