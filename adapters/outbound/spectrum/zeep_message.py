"""The requests that zeep makes from the WSDLs. All connections share them: the transport sets the address of a call.

zeep takes long to import and to make a request. It never uses the network here.
"""

from __future__ import annotations

from io import BytesIO
from typing import NoReturn

from lxml import etree
from zeep import Client, Settings

from adapters.outbound.spectrum.services import Service
from adapters.outbound.spectrum.wsdl import wsdl_of

_SETTINGS = Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)


class NoLoading:
    """zeep's transport: zeep gets our WSDLs as bytes, so it must not load anything itself."""

    def load(self, url: object) -> NoReturn:
        raise PermissionError(f"Our WSDL refers to {url!r}; nothing may be loaded.")


def zeep_message(service: Service, texts: dict[str, str]) -> etree._Element:
    """Return the SOAP request of the service with these texts in its elements, in the order of its WSDL."""
    document = BytesIO(wsdl_of(service).encode())
    client = Client(document, transport=NoLoading(), settings=_SETTINGS)  # type: ignore[no-untyped-call]
    message: etree._Element = client.create_message(client.service, service.name, **texts)  # type: ignore[no-untyped-call]
    return message
