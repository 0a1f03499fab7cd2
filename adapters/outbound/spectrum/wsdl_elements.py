"""Reads a service's request elements from the server's WSDL and compares them with ours."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from adapters.outbound.spectrum.envelope import parse
from adapters.outbound.spectrum.services import Service

_XSD = "{http://www.w3.org/2001/XMLSchema}"


def request_elements(document: bytes, service: Service, content_type: str = "") -> Sequence[str] | None:
    """Return the element names of the request in order, or None if this is no WSDL of `service`. Raises NotXml."""
    schemas = list(parse(document, content_type).iter(f"{_XSD}schema"))
    for schema in schemas:
        for wrapper in schema.iterfind(f"{_XSD}element"):
            if wrapper.get("name") == service.name:
                shape = wrapper.find(f"{_XSD}complexType")
                shape = _named_type(schemas, wrapper.get("type", "")) if shape is None else shape
                return None if shape is None else [_name(e) for e in shape.iterfind(f"{_XSD}sequence/{_XSD}element")]
    return None


def differences(theirs: Sequence[str], service: Service) -> Sequence[str]:
    """Describe how the server's elements differ from ours. Empty if names and order are equal."""
    ours = service.elements
    found = []
    if missing := [name for name in ours if name not in theirs]:
        found.append(f"it lacks {', '.join(missing)}")
    if added := [name for name in theirs if name not in ours]:
        found.append(f"it also has {', '.join(added)}")
    if not found:
        found += [
            f"{expected} was expected, but {actual} was found"
            for expected, actual in zip(ours, theirs, strict=False)
            if expected != actual
        ][:1]
    if not found and len(theirs) != len(ours):
        found.append("it has an element twice")
    return found


def _named_type(schemas: Sequence[etree._Element], qualified: str) -> etree._Element | None:
    name = qualified.rpartition(":")[2]
    shapes = (shape for schema in schemas for shape in schema.iterfind(f"{_XSD}complexType"))
    return next((shape for shape in shapes if shape.get("name") == name), None)


def _name(element: etree._Element) -> str:
    return element.get("name") or element.get("ref", "").rpartition(":")[2]
