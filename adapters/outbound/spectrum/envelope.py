"""Builds request envelopes from zeep's, and parses the XML of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

from lxml import etree

from adapters.outbound.spectrum.answer_text import NOT_IN_XML, document_of
from adapters.outbound.spectrum.multipart import Unreadable
from adapters.outbound.spectrum.services import NEEDED, SERVICES

_ALSO_ESCAPED = {"\r": "&#13;"}
"""A plain carriage return would be read as a line feed."""
# The text is in UTF-8 by then, whatever the document says of itself.
_PARSER = etree.XMLParser(encoding="utf-8", remove_comments=True, resolve_entities=False, no_network=True)
# Foreign XML is checked before it is parsed: a large number of small tags grows a hundredfold in memory as a tree.
MOST_MARKUP = 20_000
"""Limit for characters that open a tag or set an attribute. The longest WSDL of a service has about two thousand."""


class NotXml(ValueError):
    """The bytes are not one complete, plain XML document. `cut` says whether the end is missing, None if the XML does
    not show it."""

    def __init__(self, message: str, *, cut: bool | None = None) -> None:
        super().__init__(message)
        self.cut = cut


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
        if found := NOT_IN_XML.search(value):
            raise ValueError(f"{name} holds U+{ord(found[0]):04X}, which XML does not allow; remove the character.")
        texts[name] = escape(value, _ALSO_ESCAPED)
    return (template.text % texts).encode()


def prepare(services: Iterable[str] = NEEDED) -> None:
    """Make what the requests of these services are built from. Otherwise the first request of each has to wait for it,
    for a part of a second, and everything else in the event loop with it."""
    for service in services:
        _template(service)


def parse(body: bytes, content_type: str = "") -> etree._Element:
    """Return the root of one complete XML document, whatever its spelling (see `document_of`).

    Raises NotXml for a cut one, a DTD, entities, and deep or large trees.
    """
    try:
        text = document_of(body, content_type)
        if text.count("<") + text.count("=") > MOST_MARKUP:
            raise TooRich("The answer has more markup than any valid answer of Spectrum.")
        if not text.startswith("<"):
            raise ValueError("the answer does not begin like XML")
        root = etree.fromstring(text.encode(), _PARSER)
        if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
            raise ValueError("the document has a DTD")
    except TooRich:
        raise
    except Unreadable as error:
        raise NotXml(str(error), cut=error.cut) from error
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
