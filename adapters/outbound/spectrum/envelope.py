"""Builds request envelopes and parses XML through zeep, which never uses the network here.

All connections share one parsed WSDL: the transport sets the address of a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from io import BytesIO
from typing import NoReturn

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.loader import parse_xml

from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.wsdl import wsdl_of

_SETTINGS = Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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


class NoLoading:
    """zeep's transport: zeep gets our WSDLs as bytes, so it must not load anything itself."""

    def load(self, url: object) -> NoReturn:
        raise PermissionError(f"Our WSDL refers to {url!r}; nothing may be loaded.")


_NO_LOADING = NoLoading()


def build(service: str, values: Mapping[str, str]) -> bytes:
    """Return the SOAP request of `service`: every declared element once and in order, empty if `values` has none.

    Raises ValueError for an element that the service does not have, and for characters that XML does not allow.
    """
    elements = SERVICES[service].elements
    if unknown := sorted(values.keys() - set(elements)):
        raise ValueError(f"{service} has no element {', '.join(unknown)}.")
    for name, value in values.items():
        if found := _NOT_IN_XML.search(value):
            raise ValueError(f"{name} holds U+{ord(found[0]):04X}, which XML does not allow; remove the character.")
    message = deepcopy(_empty_message(service))
    [[request]] = message
    for name, element in zip(elements, request, strict=True):
        element.text = values.get(name, "")
    return etree.tostring(message, xml_declaration=True, encoding="UTF-8")


def parse(body: bytes) -> etree._Element:
    """Return the root of one complete XML document.

    Raises NotXml for a cut one, a DTD, entities, and deep or large trees.
    """
    if _too_rich(body):
        raise TooRich("The answer has more markup than any valid answer of Spectrum.")
    try:
        _check_encoding(body)
        root: etree._Element = parse_xml(body, _NO_LOADING, settings=_SETTINGS)  # type: ignore[arg-type]
    except (ZeepError, etree.LxmlError, ValueError) as error:
        raise NotXml(f"The bytes are not one complete XML document ({type(error).__name__}).") from error
    return root


@cache
def _empty_message(service: str) -> etree._Element:
    """Return the request that zeep makes from the service's WSDL, with every element empty. To make one takes zeep
    longer than the rest of a call, so each call fills in a copy."""
    document = wsdl_of(SERVICES[service]).encode()
    client = Client(BytesIO(document), transport=_NO_LOADING, settings=_SETTINGS)  # type: ignore[no-untyped-call]
    empty = dict.fromkeys(SERVICES[service].elements, "")
    message: etree._Element = client.create_message(client.service, service, **empty)  # type: ignore[no-untyped-call]
    return message


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
